/**
 * Standard output and error, and the screen of whoever is asked, written at once and in order. Node's own stream
 * objects cost a third of the program's start, so they are touched only where there is a terminal to ask for its width.
 */
import { mayBeTerminal, openTerminal, writeDescriptor } from '../../common/descriptors.js';
import { usage } from '../../common/errors.js';
import { harmless } from '../../common/printable.js';

export interface OutStream {
  readonly isTTY: boolean;
  readonly columns: number | undefined;
  readonly rows: number | undefined;
  /** Control characters are written out, but for line ends and colours. */
  write(text: string): void;
}

/** A terminal that somebody looks at. */
export interface Screen extends OutStream {
  /** Whether what is shown can be taken away again, so that nothing of it stays in the terminal's memory. */
  readonly forgets: boolean;
  /** Writes text as it is, escape sequences too. */
  draw(text: string): void;
  /** Begins an empty screen, apart from what is there where the terminal has a second one. */
  enter(): void;
  /** Takes everything off that screen, and goes back. */
  leave(): void;
  /** Takes everything off the screen, and out of the scrollback, as far as the terminal can. */
  clear(): void;
}

/** Empty lines that take the place of what a terminal without escape sequences can't clear. */
const BLANK = '\n'.repeat(60);
const CLEAR = '\u001b[2J\u001b[3J\u001b[H';
const [SECOND_SCREEN, FIRST_SCREEN] = ['\u001b[?1049h', '\u001b[?1049l'];
/** Terminals (TERM) that have a second screen and obey the clearing of the scrollback, or have none. */
const FORGETTING =
  /^(xterm|rxvt|alacritty|foot|kitty|tmux|st|konsole|gnome|vte|wezterm|linux|ghostty|contour|mlterm|putty|iterm|nsterm)/;

/**
 * GNU screen keeps what was cleared in its own scrollback, and says TERM=screen, as tmux does, which does not. A serial
 * line may be logged at its other end.
 */
function forgets({ TERM = '', STY, TMUX }: NodeJS.ProcessEnv): boolean {
  if (STY !== undefined && STY !== '') return false;
  return FORGETTING.test(TERM) || (TERM.startsWith('screen') && TMUX !== undefined && TMUX !== '');
}

function streamOn(fd: number, stream: () => NodeJS.WriteStream): OutStream {
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
  };
}

export const out: OutStream = streamOn(1, () => process.stdout);
export const err: OutStream = streamOn(2, () => process.stderr);

/**
 * The screen of the person at the keyboard: standard error if that is a terminal, else the process's own terminal.
 * Error: `usage`, if there is none to be opened.
 */
export function screenOf(): Screen {
  if (err.isTTY) return screenOn(2, process.stderr);
  const fd = openTerminal();
  // Not imported: it loads more than most commands need.
  if (fd !== undefined) return screenOn(fd, new (process.getBuiltinModule('node:tty').WriteStream)(fd));
  throw usage('there is a keyboard, but no terminal to show the question on', {
    hint: 'Run it in a terminal, with its standard error there.',
  });
}

function screenOn(fd: number, stream: NodeJS.WriteStream): Screen {
  const isPlain = process.env.TERM === 'dumb';
  const obey = (sequence: string): void => {
    writeDescriptor(fd, isPlain ? BLANK : sequence);
  };
  const canForget = forgets(process.env);
  return {
    ...streamOn(fd, () => stream),
    isTTY: true,
    get columns() {
      return stream.columns;
    },
    get rows() {
      return stream.rows;
    },
    draw: (text) => {
      writeDescriptor(fd, text);
    },
    forgets: canForget,
    enter: () => {
      obey(`${canForget ? SECOND_SCREEN : ''}${CLEAR}`);
    },
    leave: () => {
      obey(`${CLEAR}${canForget ? FIRST_SCREEN : ''}`);
    },
    clear: () => {
      obey(CLEAR);
    },
  };
}
