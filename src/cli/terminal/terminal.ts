/**
 * The person at the terminal: what is asked, and what is shown to be answered. Both go to the terminal itself, whatever
 * standard error is; standard output holds the result alone.
 */
import { usage } from '../../common/errors.js';
import { printable } from '../../common/printable.js';
import { askEdited, loadEditor } from './ask-edited.js';
import { askHidden, askPlainly } from './ask-plainly.js';
import { ENDS, interrupted, unlessEnded } from './interrupt.js';
import { Keyboard } from './keyboard.js';
import { Pages } from './pages.js';
import { fitted } from './render.js';
import { err, type OutStream, type Screen, screenOf } from './streams.js';

/** Text, or what makes it for one of the streams that it goes to. */
type Shown = string | ((stream: OutStream) => string);

export class Terminal {
  readonly keyboard = new Keyboard();
  #screen: Screen | undefined;
  #pages: Pages | undefined;

  /** Whether there is somebody to ask: standard input is a terminal. */
  get isPresent(): boolean {
    return this.keyboard.isTerminal;
  }

  /** Where the person looks. Error: `usage`, if standard input is a terminal that nothing can be shown on. */
  get screen(): Screen {
    return (this.#screen ??= screenOf());
  }

  /** Shows at once what the person must know; --quiet does not hide it. Standard error gets it too if that is a log. */
  say(text: Shown): void {
    this.explain(text);
    this.flush();
  }

  /**
   * Shows what the next question is about. What does not stay in sight waits for the question, and is then shown page
   * by page; `begins` says whether it needs a page of its own. Returns whether all of it stays in sight.
   */
  explain(text: Shown, begins: 'here' | 'a page' = 'here'): boolean {
    const made = (stream: OutStream): string => (typeof text === 'string' ? text : text(stream));
    if (!this.isPresent || !err.isTTY) err.write(fitted(made(err), err));
    if (!this.isPresent) return true;
    const pages = (this.#pages ??= new Pages(this.keyboard, this.screen));
    const shown = made(this.screen);
    const fits = pages.fits(shown);
    pages.add(shown, begins);
    return fits;
  }

  /** Shows what waits for a question, if none comes. */
  flush(): void {
    this.#pages?.flush();
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
    await this.#ready();
    const secret = await unlessEnded(() => askHidden(this.keyboard, this.screen, printable(question)));
    if (secret === undefined) throw interrupted();
    return secret;
  }

  /** Shows a secret until the person presses Enter, and takes it off the screen again, whatever ends the question. */
  async showSecret(text: string, question: string): Promise<void> {
    const { screen } = this;
    let isShown = false;
    const hide = (): void => {
      if (isShown) screen.leave();
      isShown = false;
    };
    const show = (): void => {
      isShown = true;
      screen.enter();
      screen.write(`${text}\n`);
    };
    await unlessEnded(
      () => {
        show();
        return this.keyboard.whileShowing({ hide, show }, () => this.askLine(question));
      },
      { signals: ['SIGINT', 'SIGQUIT', ...ENDS], onEnd: hide },
    );
  }

  async #askLine(question: string): Promise<string> {
    const message = printable(question);
    const isPlain = process.env.TERM === 'dumb';
    // Meanwhile a person may type, and that is no answer.
    if (!isPlain) await loadEditor();
    await this.#ready();
    if (!isPlain) return unlessEnded(() => askEdited(this.keyboard, this.screen, message));
    const line = await unlessEnded(() => askPlainly(this.keyboard, this.screen, message));
    if (line === undefined) throw interrupted();
    return line;
  }

  /** What the question is about was seen, and nothing that was typed before answers it. */
  async #ready(): Promise<void> {
    const pages = this.#pages;
    if (pages !== undefined && !(await unlessEnded(() => pages.turn()))) throw interrupted();
    if (!(await this.keyboard.dropTypedAhead())) throw interrupted();
  }

  #mustBePresent(question: string, hint: string): void {
    if (this.isPresent) return;
    throw usage(`there is no terminal to answer: ${question}`, { hint });
  }
}
