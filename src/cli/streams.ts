/**
 * Standard output and error, written at once and in order. Node's own stream objects cost a third of the program's start,
 * so they are touched only where there is a terminal to ask for its width.
 */
import { mayBeTerminal, writeDescriptor } from '../common/descriptors.js';

export interface OutStream {
  readonly isTTY: boolean;
  readonly columns: number | undefined;
  readonly rows: number | undefined;
  write(text: string): void;
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
      writeDescriptor(fd, text);
    },
  };
}

export const out: OutStream = streamOn(1, () => process.stdout);
export const err: OutStream = streamOn(2, () => process.stderr);
