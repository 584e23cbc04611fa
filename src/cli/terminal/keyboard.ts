/**
 * The keyboard between two questions: nothing that is typed there is shown, and nothing of it answers a later question.
 */
import type { ReadStream } from 'node:tty';

const CTRL_C = 0x03;
/** Milliseconds without a key after which nothing typed earlier is left to come. */
const STILLNESS = 20;

let held = false;
let asking = false;
let gone = false;
let lastKey = 0;

function onKeys(keys: Uint8Array): void {
  lastKey = performance.now();
  if (asking) return;
  // A terminal that doesn't echo doesn't make the signal either.
  if (keys.includes(CTRL_C)) process.kill(process.pid, 'SIGINT');
}

function onEnd(): void {
  gone = true;
}

/** From now on the terminal is silent between questions. Node gives it back as it was when the process ends. */
export function holdKeyboard(): void {
  const { stdin } = process;
  if (!stdin.isTTY) return;
  if (!held) {
    held = true;
    stdin.on('data', onKeys);
    stdin.on('end', onEnd);
    // A terminal that is gone fails at every read: the next question says so.
    stdin.on('error', onEnd);
  }
  asking = false;
  stdin.setRawMode(true);
  stdin.resume();
  // Listening alone is no reason to go on.
  handle(stdin).unref();
}

/** Throws away what was typed before anybody could read the question. False where the terminal is gone. */
export async function dropTypedAhead(): Promise<boolean> {
  holdKeyboard();
  const begin = performance.now();
  // At least one round: the terminal's own queue is read only now.
  do await new Promise((resolve) => setTimeout(resolve, STILLNESS));
  while (!gone && performance.now() - Math.max(lastKey, begin) < STILLNESS);
  return !gone;
}

/** Runs a question, which reads the keys itself. */
export async function whileAsking<T>(question: () => Promise<T>): Promise<T> {
  handle(process.stdin).ref();
  asking = true;
  try {
    return await question();
  } finally {
    holdKeyboard();
  }
}

const handle = (stdin: ReadStream): { readonly ref: () => unknown; readonly unref: () => unknown } => stdin;
