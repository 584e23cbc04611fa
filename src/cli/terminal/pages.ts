/** What belongs to a question, held back where it is longer than the screen, and shown page by page. */
import type { Keyboard } from './keyboard.js';
import { fitted } from './render.js';
import type { Screen } from './streams.js';

const [CTRL_C, CTRL_D] = [0x03, 0x04];
/** Rows that a question and its answer take. */
const QUESTION = 3;

export class Pages {
  /** Lines on the screen since the last answer. */
  #shown = 0;
  /** Lines that wait, in blocks that each begin a page. */
  #held: string[][] = [];

  constructor(
    readonly keyboard: Keyboard,
    readonly screen: Screen,
  ) {}

  /** Returns whether the text, and all that came since the last answer, would be in sight at a question after it. */
  fits(text: string): boolean {
    return this.#held.length === 0 && this.#shown + linesOf(text, this.screen).length <= this.#room();
  }

  /** Shows the text, or as much of it as stays in sight; the rest waits for `turn` or `flush`. */
  add(text: string, begins: 'here' | 'a page' = 'here'): void {
    const lines = linesOf(text, this.screen);
    const last = this.#held.at(-1);
    const free = last !== undefined || begins === 'a page' ? 0 : Math.max(this.#room() - this.#shown, 0);
    this.#show(lines.slice(0, free));
    const rest = lines.slice(free);
    if (last !== undefined && begins === 'here') last.push(...rest);
    else if (rest.length > 0) this.#held.push(rest);
  }

  /** Shows what was held back, without waiting for anybody. */
  flush(): void {
    this.#show(this.#held.splice(0).flat());
  }

  /** Shows what was held back, page by page. Returns false if the person, or the terminal, ended it. */
  async turn(): Promise<boolean> {
    const each = this.#room();
    const pages = this.#held.splice(0).flatMap((block) => inPages(block, each));
    for (const [i, page] of pages.entries()) {
      const left = pages.length - i;
      if (!(await this.#key(`-- Enter shows ${left === 1 ? 'the last page' : `more: ${String(left)} pages`} --`)))
        return false;
      this.#show(page);
    }
    this.#shown = 0;
    return true;
  }

  #show(lines: readonly string[]): void {
    if (lines.length > 0) this.screen.write(`${lines.join('\n')}\n`);
    this.#shown += lines.length;
  }

  #room(): number {
    const { rows } = this.screen;
    return rows === undefined || rows <= QUESTION ? Infinity : rows - QUESTION;
  }

  /** Waits for any key. Returns false after Ctrl-C, Ctrl-D or the terminal's end. */
  async #key(prompt: string): Promise<boolean> {
    if (!(await this.keyboard.dropTypedAhead())) return false;
    let settle: (goesOn: boolean) => void = () => undefined;
    const pressed = new Promise<boolean>((resolve) => (settle = resolve));
    const reader = {
      take: (keys: Uint8Array): void => {
        settle(!keys.includes(CTRL_C) && !keys.includes(CTRL_D));
      },
      show: (): void => {
        this.screen.write(`\n${prompt}`);
      },
      end: (): void => {
        settle(false);
      },
    };
    const goesOn = await this.keyboard.whileReading(reader, () => {
      this.screen.write(prompt);
      return pressed;
    });
    this.screen.write('\n');
    return goesOn;
  }
}

function inPages(block: readonly string[], each: number): (readonly string[])[] {
  const count = Math.ceil(block.length / each);
  return Array.from({ length: count }, (_, i) => block.slice(i * each, (i + 1) * each));
}

function linesOf(text: string, screen: Screen): string[] {
  return fitted(text, screen).slice(0, -1).split('\n');
}
