/** Questions to a person. The only door to inquirer, which loads when the first question is asked. */
import { utf8 } from '../../common/bytes.js';
import { CeremonyError, usage } from '../../common/errors.js';
import { printable } from '../../common/printable.js';
import { dropTypedAhead, whileAsking } from './keyboard.js';
import { askPlainly } from './prompt-plain.js';

function mustHaveTerminal(question: string, hint: string): void {
  if (process.stdin.isTTY) return;
  throw usage(`there is no terminal to answer: ${question}`, { hint });
}

interface Question {
  readonly type: 'input' | 'password';
  readonly message: string;
}

const plain = (text: string): string => text;
/** Letters alone: no colour that NO_COLOR would have to take away, and no sign that a plain console can't show. */
const THEME = {
  prefix: { idle: '?', done: '?' },
  style: { message: plain, answer: plain, help: plain, error: plain, maskedText: '(hidden)' },
};

/** Somebody ended the command, at a question or between two. */
export function interrupted(cause?: unknown): CeremonyError {
  return new CeremonyError('interrupted', 'interrupted', 'interrupted; the authority was not changed', {
    hint: 'Run the command again when you are ready. It finds a key that a token was just making by its label.',
    cause,
  });
}

let outliving = false;

/** A terminal that is gone fails at reads and writes after the question too: that is no crash. */
function outliveTerminal(): void {
  if (!outliving) for (const stream of [process.stdin, process.stderr]) stream.on('error', () => undefined);
  outliving = true;
}

/**
 * Asks on stderr, so that stdout holds the result alone. Ctrl-C, Ctrl-D and a closed terminal end the command, with
 * exit 130.
 */
async function ask(question: Question): Promise<string> {
  const dumb = process.env.TERM === 'dumb';
  // It loads for a while, in which a person may type.
  if (!dumb) await import('inquirer');
  if (!(await dropTypedAhead())) throw interrupted();
  const shown = { ...question, message: printable(question.message) };
  return whileAsking(() => unlessEnded(dumb ? askOnDumb(shown) : askOnScreen(shown)));
}

/** A system that ends the process doesn't wait for an answer. */
async function unlessEnded(answer: Promise<string>): Promise<string> {
  let end: () => void = () => undefined;
  const ended = new Promise<never>((_resolve, reject) => {
    end = () => {
      reject(interrupted());
    };
  });
  for (const signal of ENDS) process.on(signal, end);
  try {
    return await Promise.race([answer, ended]);
  } finally {
    for (const signal of ENDS) process.removeListener(signal, end);
  }
}

/** How a system ends a process; Ctrl-C is a person's. */
export const ENDS = ['SIGTERM', 'SIGHUP'] as const;

async function askOnDumb({ message, type }: Question): Promise<string> {
  const answer = await askPlainly(message, type === 'password');
  if (answer === undefined) throw interrupted();
  return answer;
}

async function askOnScreen(question: Question): Promise<string> {
  const { default: inquirer } = await import('inquirer');
  const gone = new AbortController();
  // Ctrl-D and the terminal's end pause the input, and inquirer then waits for ever; an answer pauses it too, and
  // settles first.
  const paused = (): void => {
    setImmediate(() => {
      gone.abort();
    });
  };
  process.stdin.once('pause', paused);
  // A terminal that is gone fails at every read and write, also after the question: that is one end, and no crash.
  for (const stream of [process.stdin, process.stderr]) stream.once('error', paused);
  const prompt = inquirer.createPromptModule({ output: process.stderr, signal: gone.signal });
  try {
    const { answer } = await prompt<{ answer: string }>([
      { ...question, name: 'answer', theme: THEME, ...(question.type === 'password' ? { toggleMask: false } : {}) },
    ]);
    return answer;
  } catch (error) {
    const name = typeof error === 'object' && error !== null && 'name' in error ? error.name : undefined;
    if (name === 'ExitPromptError' || name === 'AbortPromptError') throw interrupted(error);
    throw error;
  } finally {
    process.stdin.removeListener('pause', paused);
    for (const stream of [process.stdin, process.stderr]) stream.removeListener('error', paused);
    outliveTerminal();
  }
}

/** True where the person types exactly `yes`. */
export async function askYes(question: string): Promise<boolean> {
  mustHaveTerminal(question, 'Run it in a terminal, or add --yes once you know what it does.');
  return (await ask({ type: 'input', message: `${question} (type yes)` })) === 'yes';
}

export async function askLine(question: string): Promise<string> {
  mustHaveTerminal(question, 'Run it in a terminal.');
  return ask({ type: 'input', message: question });
}

/**
 * A secret that is not shown, not even as stars. The caller wipes the bytes; what was typed stays in memory as text
 * until it is collected.
 */
export async function askSecret(question: string): Promise<Uint8Array> {
  mustHaveTerminal(question, 'Run it in a terminal, or give the secret with --passphrase-file FILE.');
  return utf8(await ask({ type: 'password', message: question }));
}
