/**
 * The keyboard, for as long as the command may ask: nothing that is typed between two questions is shown, and nothing
 * of it answers a later one. Ctrl-Z stops the job at every question, and after `fg`, however the process was stopped,
 * the question is there again.
 */
import type { ReadStream } from 'node:tty';
import { wipe } from '../../common/bytes.js';
import { attemptQuietly } from '../../common/errors.js';

const CTRL_C = 0x03;
const CTRL_Z = 0x1a;
/** Milliseconds without a key after which nothing typed earlier is left to come. */
const STILLNESS = 20;
/** Milliseconds after which a stop that was asked for has come, if it comes. */
const STOPPING = 100;

/** What a question does with what is typed. */
export interface Reader {
  take(keys: Uint8Array): void;
  /** The process goes on after a stop: shows the question again. */
  show(): void;
  /** The terminal is gone. */
  end(): void;
}

/** What is on the screen beside a question, and must not stay there while the process is stopped. */
export interface Shown {
  hide(): void;
  show(): void;
}

export class Keyboard {
  #listening = false;
  #shown: Shown | undefined;
  #reader: Reader | undefined;
  #gone = false;
  #isStopping = false;
  #lastKey = 0;

  /** Whether standard input is a terminal. */
  get isTerminal(): boolean {
    return process.stdin.isTTY;
  }

  /** Silences the terminal between questions. Node gives it back as it was when the process ends. */
  hold(): void {
    if (!this.isTerminal) return;
    const { stdin } = process;
    if (!this.#listening) {
      this.#listening = true;
      stdin.on('data', (keys: Uint8Array) => {
        this.#take(keys);
      });
      for (const end of ['end', 'error']) stdin.on(end, () => this.#end());
      process.on('SIGCONT', () => this.#goOn());
    }
    this.#reader = undefined;
    stdin.setRawMode(true);
    stdin.resume();
    // Listening alone is no reason to go on.
    handle(stdin).unref();
  }

  /** Throws away what was typed before anybody could read the question. Returns false if the terminal is gone. */
  async dropTypedAhead(): Promise<boolean> {
    this.hold();
    const begin = performance.now();
    // At least one round: the terminal's own queue is read only now.
    do await new Promise((resolve) => setTimeout(resolve, STILLNESS));
    while (!this.#gone && performance.now() - Math.max(this.#lastKey, begin) < STILLNESS);
    return !this.#gone;
  }

  /** Gives `reader` what is typed until `question` ends. */
  async whileReading<T>(reader: Reader, question: () => Promise<T>): Promise<T> {
    const { stdin } = process;
    handle(stdin).ref();
    this.#reader = reader;
    stdin.setRawMode(true);
    try {
      return await question();
    } finally {
      this.hold();
    }
  }

  /** Has `shown` taken off the screen while the process is stopped by Ctrl-Z, until `action` ends. */
  async whileShowing<T>(shown: Shown, action: () => Promise<T>): Promise<T> {
    this.#shown = shown;
    try {
      return await action();
    } finally {
      this.#shown = undefined;
    }
  }

  #take(keys: Uint8Array): void {
    this.#lastKey = performance.now();
    const others = keys.filter((key) => key !== CTRL_Z);
    const stops = others.length < keys.length;
    // A terminal that passes each key on makes no signal of it.
    const interrupts = this.#reader === undefined && keys.includes(CTRL_C);
    // They may be a secret's.
    wipe(keys);
    if (others.length > 0) this.#reader?.take(others);
    if (interrupts) process.kill(process.pid, 'SIGINT');
    if (stops) this.#stop();
  }

  /** As the terminal would: the whole job stops, and the shell gets the terminal as it was. */
  #stop(): void {
    this.#shown?.hide();
    process.stdin.setRawMode(false);
    this.#isStopping = true;
    process.kill(0, 'SIGTSTP');
    // A job that no shell watches does not stop.
    setTimeout(() => {
      if (this.#isStopping) this.#goOn();
    }, STOPPING);
  }

  #goOn(): void {
    this.#isStopping = false;
    if (this.#gone) return;
    // Whatever the shell made of the terminal, Node believes that it is as it was.
    attemptQuietly(() => process.stdin.setRawMode(false).setRawMode(true));
    this.#shown?.show();
    this.#reader?.show();
  }

  #end(): void {
    this.#gone = true;
    this.#reader?.end();
  }
}

const handle = (stdin: ReadStream): { readonly ref: () => unknown; readonly unref: () => unknown } => stdin;
