/** A question with a line editor. The only door to inquirer, which loads when the first question is asked. */
import { PassThrough, Writable } from 'node:stream';
import { interrupted } from './interrupt.js';
import type { Keyboard } from './keyboard.js';
import type { Screen } from './streams.js';

const plain = (text: string): string => text;
/** Letters alone: no colour that NO_COLOR would have to take away, and no sign that a plain console can't show. */
const THEME = {
  prefix: { idle: '?', done: '?' },
  style: { message: plain, answer: plain, help: plain, error: plain },
};

/** Bytes that a line may have; no answer is longer. */
const LONGEST = 500;

/** Loads the line editor, which takes a while. */
export async function loadEditor(): Promise<void> {
  await import('inquirer');
}

/** Asks for a line. Error: kind `interrupted`, after Ctrl-C, Ctrl-D or the terminal's end. */
export async function askEdited(keyboard: Keyboard, screen: Screen, message: string): Promise<string> {
  for (;;) {
    const answer = await askOnce(keyboard, screen, message);
    if (answer !== undefined) return answer;
  }
}

/** Returns undefined if the process was stopped, and the question is no longer on the screen. */
async function askOnce(keyboard: Keyboard, screen: Screen, message: string): Promise<string | undefined> {
  const { default: inquirer } = await import('inquirer');
  const gone = new AbortController();
  const job = { wasStopped: false, typed: 0 };
  const input = new PassThrough();
  const abort = (): void => {
    gone.abort();
  };
  // Ctrl-D closes readline, which pauses its input, and inquirer then waits for ever. An answer pauses it too, and
  // settles first.
  input.once('pause', () => setImmediate(abort));
  const reader = {
    take: (keys: Uint8Array): void => {
      // The line is drawn again for every key: what is pasted by the page would hold up Ctrl-C for minutes.
      const taken = keys.filter((key) => key < 0x20 || job.typed++ < LONGEST);
      input.write(taken);
    },
    show: (): void => {
      job.wasStopped = true;
      abort();
    },
    end: abort,
  };
  const prompt = inquirer.createPromptModule({ input, output: canvas(screen), signal: gone.signal });
  try {
    return await keyboard.whileReading(reader, async () => {
      const { answer } = await prompt<{ answer: string }>([{ type: 'input', name: 'answer', message, theme: THEME }]);
      return answer;
    });
  } catch (error) {
    const name = typeof error === 'object' && error !== null && 'name' in error ? error.name : undefined;
    if (job.wasStopped && name === 'AbortPromptError') return undefined;
    if (name === 'ExitPromptError' || name === 'AbortPromptError') throw interrupted(error);
    throw error;
  } finally {
    input.destroy();
  }
}

/** What inquirer draws on, and may end. */
function canvas(screen: Screen): Writable {
  const drawn = new Writable({
    decodeStrings: false,
    write: (text: string, _encoding, done) => {
      screen.draw(text);
      done();
    },
  });
  return Object.defineProperty(drawn, 'columns', { get: () => screen.columns });
}
