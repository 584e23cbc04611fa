/** A person at a terminal: the program on a pty of its own, made by util-linux's `script`. */
import type { ChildProcess } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { PROGRAM, start } from './cli.js';
import type { Scene } from './cli-authority.js';

export const CTRL_C = '\u0003';
export const CTRL_D = '\u0004';
export const ENTER = '\r';

const PATIENCE = 30_000;

export interface TerminalOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly columns?: number;
  readonly rows?: number;
  /** A program that runs this one, with its own arguments. */
  readonly under?: readonly string[];
  /** Whether the test turns the pages of what is longer than the screen; else each is turned as soon as it is there. */
  readonly turnsPages?: true;
}

/** What stands below a page that is not the last. */
const PAGE = /-- Enter shows [^\n]*--$/;

export class Terminal {
  readonly #process: ChildProcess;
  readonly #ended: Promise<number | null>;
  #raw = '';
  #seen = 0;
  #wake: () => void = () => undefined;

  /** Starts the program with these arguments, its three streams on a terminal. */
  constructor(
    args: readonly string[],
    { cwd, env = {}, columns = 80, rows = 24, under = [], turnsPages }: TerminalOptions = {},
  ) {
    const words = [...under, process.execPath, PROGRAM, ...args].map(
      (word) => `'${word.replaceAll("'", String.raw`'\''`)}'`,
    );
    const command = `stty cols ${String(columns)} rows ${String(rows)}; exec ${words.join(' ')}`;
    this.#process = start(['script', '--quiet', '--return', '--command', command, '/dev/null'], {
      ...(cwd === undefined ? {} : { cwd }),
      env: { TERM: 'xterm-256color', LANG: 'C.UTF-8', SHELL: '/bin/sh', ...env },
    });
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#raw += text;
      if (turnsPages !== true && PAGE.test(this.text)) setTimeout(() => this.#turn(this.#raw.length), 60);
      this.#wake();
    });
    this.#ended = new Promise((resolve) => {
      this.#process.on('close', (status) => {
        resolve(status);
        this.#wake();
      });
    });
  }

  /** Everything that was ever shown, with escape sequences. */
  get raw(): string {
    return this.#raw;
  }

  /** What was shown, without escape sequences and carriage returns. */
  get text(): string {
    return withoutEscapes(this.#raw);
  }

  /** Waits until `pattern` appears after what was waited for before. */
  async see(pattern: string | RegExp): Promise<void> {
    const deadline = Date.now() + PATIENCE;
    for (;;) {
      const at = find(this.text.slice(this.#seen), pattern);
      if (at >= 0) {
        this.#seen += at;
        return;
      }
      if (Date.now() > deadline || this.#process.exitCode !== null) {
        await this.#pause(200);
        if (find(this.text.slice(this.#seen), pattern) >= 0) continue;
        this.kill();
        throw new Error(`the terminal never showed ${String(pattern)}:\n${this.text}`);
      }
      await this.#pause(200);
    }
  }

  /** Turns the page, unless something else came since. */
  #turn(length: number): void {
    if (this.#raw.length === length) this.type(ENTER);
  }

  type(keys: string): void {
    this.#process.stdin?.write(keys);
  }

  /** Waits for a question, and answers it with a line. */
  async answer(question: string | RegExp, line: string): Promise<void> {
    await this.see(question);
    this.type(`${line}${ENTER}`);
  }

  /** Waits for the program's end; its exit status. */
  async end(): Promise<number | null> {
    const timer = setTimeout(() => this.kill(), PATIENCE);
    const status = await this.#ended;
    clearTimeout(timer);
    return status;
  }

  /** Takes the terminal away, as when its window is closed. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/**
 * Runs a command on an authority and types the words that it wants, for which --yes doesn't stand. What was shown;
 * throws where it fails.
 */
export async function typeWords(
  scene: Scene,
  args: readonly string[],
  words: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const all = ['-C', scene.dir, ...args, '--yes', '--passphrase-file', scene.passphraseFile];
  const terminal = new Terminal(all, { cwd: scene.folder, columns: 200, env });
  await terminal.answer(`(type: ${words})`, words);
  const status = await terminal.end();
  if (status !== 0) throw new Error(`exit ${String(status)}: ${terminal.text}`);
  return terminal.text;
}

function find(text: string, pattern: string | RegExp): number {
  if (typeof pattern === 'string') {
    const at = text.indexOf(pattern);
    return at < 0 ? -1 : at + pattern.length;
  }
  const match = pattern.exec(text);
  return match === null ? -1 : match.index + match[0].length;
}

function withoutEscapes(text: string): string {
  return stripVTControlCharacters(text).replaceAll('\r', '');
}
