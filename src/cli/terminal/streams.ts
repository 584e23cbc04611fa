/**
 * Standard output and error, written at once and in order. Node's own stream objects cost a third of the program's
 * start, so they are touched only where there is a terminal to ask for its width.
 */
import { mayBeTerminal, writeDescriptor } from '../../common/descriptors.js';
import { harmless } from '../../common/printable.js';

export interface OutStream {
  readonly isTTY: boolean;
  readonly columns: number | undefined;
  readonly rows: number | undefined;
  /** Control characters are written out, but for line ends and colours. */
  write(text: string): void;
  /**
   * Takes everything off a terminal's screen, its scrollback too, as far as it can; `rows` empty lines where it knows
   * no escape sequences.
   */
  clear(rows: number): void;
}

function streamOn(fd: 1 | 2, stream: () => NodeJS.WriteStream): OutStream {
  return {
    get isTTY() {
      return mayBeTerminal(fd) && stream().isTTY;
    },
    get columns() {
      return this.isTTY ? stream().columns : undefined;
    },
    get rows() {
      return this.isTTY ? stream().rows : undefined;
    },
    write: (text) => {
      writeDescriptor(fd, harmless(text));
    },
    clear: (rows) => {
      writeDescriptor(fd, process.env.TERM === 'dumb' ? '\n'.repeat(rows) : '\u001b[2J\u001b[3J\u001b[H');
    },
  };
}

export const out: OutStream = streamOn(1, () => process.stdout);
export const err: OutStream = streamOn(2, () => process.stderr);
