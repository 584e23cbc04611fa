/** Questions to a person. The only door to inquirer, which loads when the first question is asked. */
import { utf8 } from '../common/bytes.js';
import { CeremonyError, usage } from '../common/errors.js';

function mustHaveTerminal(question: string, hint: string): void {
  if (process.stdin.isTTY === true) return;
  throw usage(`nobody is at a terminal to answer: ${question}`, { hint });
}

interface Question {
  readonly type: 'input' | 'password';
  readonly message: string;
}

/** Asks on stderr, so that stdout holds the result alone. Ctrl-C and a closed terminal end the command, with exit 130. */
async function ask(question: Question): Promise<string> {
  const { default: inquirer } = await import('inquirer');
  const prompt = inquirer.createPromptModule({ output: process.stderr });
  try {
    const { answer } = await prompt<{ answer: string }>([{ ...question, name: 'answer' }]);
    return answer;
  } catch (error) {
    const name = typeof error === 'object' && error !== null && 'name' in error ? error.name : undefined;
    if (name === 'ExitPromptError' || name === 'AbortPromptError') {
      throw new CeremonyError('interrupted', 'interrupted', 'stopped at a question; nothing was signed or written', {
        hint: 'Run the command again when you are ready.',
        cause: error,
      });
    }
    throw error;
  }
}

/** True where the person types exactly `yes`. */
export async function askYes(question: string): Promise<boolean> {
  mustHaveTerminal(question, 'Run it in a terminal, or give --yes once you know what it does.');
  return (await ask({ type: 'input', message: `${question} (type yes)` })) === 'yes';
}

export async function askLine(question: string): Promise<string> {
  mustHaveTerminal(question, 'Run it in a terminal.');
  return ask({ type: 'input', message: question });
}

/** A secret that is not shown, not even as stars. The caller wipes the bytes; what was typed stays in memory as text until it is collected. */
export async function askSecret(question: string): Promise<Uint8Array> {
  mustHaveTerminal(question, 'Run it in a terminal, or give the secret with --passphrase-file FILE.');
  return utf8(await ask({ type: 'password', message: question }));
}
