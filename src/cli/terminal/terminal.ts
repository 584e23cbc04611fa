/**
 * The person at the terminal: what is asked, and what is shown to be answered. Both go to the terminal itself, whatever
 * standard error is; standard output holds the result alone.
 */
import { usage } from '../../common/errors.js';
import { printable } from '../../common/printable.js';
import { askEdited, loadEditor } from './ask-edited.js';
import { askHidden, askPlainly } from './ask-plainly.js';
import { interrupted, unlessEnded } from './interrupt.js';
import { Keyboard } from './keyboard.js';
import { fitted } from './render.js';
import { err, type OutStream, type Screen, screenOf } from './streams.js';

/** Text, or what makes it for one of the streams that it goes to. */
type Shown = string | ((stream: OutStream) => string);

export class Terminal {
  readonly keyboard = new Keyboard();
  #screen: Screen | undefined;

  /** Whether there is somebody to ask: standard input is a terminal. */
  get isPresent(): boolean {
    return this.keyboard.isTerminal;
  }

  /** Where the person looks. Error: `usage`, if standard input is a terminal that nothing can be shown on. */
  get screen(): Screen {
    return (this.#screen ??= screenOf());
  }

  /** Shows what a question is about; --quiet does not hide it. It goes to standard error too if that is a log. */
  say(text: Shown): void {
    const streams = this.isPresent && !err.isTTY ? [err, this.screen] : [err];
    for (const stream of streams) stream.write(fitted(typeof text === 'string' ? text : text(stream), stream));
  }

  /** Returns whether the person typed exactly `yes`. Errors: `usage` without a terminal, kind `interrupted`. */
  async askYes(question: string): Promise<boolean> {
    this.#mustBePresent(question, 'Run it in a terminal, or add --yes once you know what it does.');
    return (await this.#askLine(`${question} (type yes)`)) === 'yes';
  }

  /** Errors: `usage` without a terminal, kind `interrupted`. */
  async askLine(question: string): Promise<string> {
    this.#mustBePresent(question, 'Run it in a terminal.');
    return this.#askLine(question);
  }

  /** Asks for a secret, which the caller wipes. Errors: `usage` without a terminal, kind `interrupted`. */
  async askSecret(question: string): Promise<Uint8Array> {
    this.#mustBePresent(question, 'Run it in a terminal, or give the secret with --passphrase-file FILE.');
    if (!(await this.keyboard.dropTypedAhead())) throw interrupted();
    const secret = await unlessEnded(askHidden(this.keyboard, this.screen, printable(question)));
    if (secret === undefined) throw interrupted();
    return secret;
  }

  /** Shows a secret until the person presses Enter, and takes it off the screen again, whatever ends the question. */
  async showSecret(text: string, question: string): Promise<void> {
    const { screen } = this;
    const hide = (): void => {
      screen.leave();
    };
    const show = (): void => {
      screen.enter();
      screen.write(`${text}\n`);
    };
    try {
      show();
      await this.keyboard.whileShowing({ hide, show }, () => this.askLine(question));
    } finally {
      hide();
    }
  }

  async #askLine(question: string): Promise<string> {
    const message = printable(question);
    const isPlain = process.env.TERM === 'dumb';
    // Meanwhile a person may type, and that is no answer.
    if (!isPlain) await loadEditor();
    if (!(await this.keyboard.dropTypedAhead())) throw interrupted();
    if (!isPlain) return unlessEnded(askEdited(this.keyboard, this.screen, message));
    const line = await unlessEnded(askPlainly(this.keyboard, this.screen, message));
    if (line === undefined) throw interrupted();
    return line;
  }

  #mustBePresent(question: string, hint: string): void {
    if (this.isPresent) return;
    throw usage(`there is no terminal to answer: ${question}`, { hint });
  }
}
