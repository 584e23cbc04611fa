/**
 * The people of a ceremony at a terminal: what they type is counted, and digits are read from another source than the
 * screen.
 */
import { afterAll, expect } from '@jest/globals';
import { ENTER, Terminal, type TerminalOptions } from './cli-terminal.js';

const terminals: Terminal[] = [];
afterAll(() => {
  for (const terminal of terminals) terminal.kill();
});

export class People {
  readonly terminal: Terminal;
  /** How often somebody had to type something. */
  inputs = 0;

  constructor(args: readonly string[], options: TerminalOptions = {}) {
    this.terminal = new Terminal(args, options);
    terminals.push(this.terminal);
  }

  async answer(question: string | RegExp, line: string): Promise<void> {
    await this.terminal.answer(question, line);
    this.inputs++;
  }

  /** Types the four groups that are asked for, of a fingerprint that stands somewhere else. */
  async compare(hex: string, source = 'the paper of the witness'): Promise<void> {
    await this.answer('Where are the digits read from', source);
    this.terminal.type((await this.#asked(hex)) + ENTER);
    this.inputs++;
  }

  /** The fingerprint that a step made is copied from the screen. */
  async writesDown(): Promise<void> {
    await this.answer('are on paper', '');
  }

  /** Types from the paper what an earlier terminal showed when the ceremony stopped. */
  async typesHead(earlier: People): Promise<void> {
    this.terminal.type((await this.#asked(headShown(earlier.terminal.text))) + ENTER);
    this.inputs++;
  }

  async #asked(hex: string): Promise<string> {
    await this.terminal.see(/type groups [\d, ]+ of \d+/);
    const asked = [...this.terminal.text.matchAll(/type groups ([\d, ]+) of \d+/g)].at(-1)?.[1] ?? '';
    const places = asked.split(',').map(Number);
    expect(new Set(places).size).toBe(4);
    return places.map((place) => hex.slice(place * 4 - 4, place * 4)).join(' ');
  }

  async ends(status: number): Promise<void> {
    const ended = await this.terminal.end();
    if (ended !== status) throw new Error(`exit ${String(ended)}, not ${String(status)}:\n${this.terminal.text}`);
  }
}

/** The last head that was shown, to be written down. */
export function headShown(text: string): string {
  const shown = [...text.matchAll(/Write it down on paper:\n((?: {4}(?:[0-9a-f]{4} ?){8}\n){2})/g)].at(-1)?.[1] ?? '';
  return shown.replaceAll(/\s/g, '');
}
