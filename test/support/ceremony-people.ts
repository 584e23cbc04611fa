/** The people of a ceremony at a terminal: what they type is counted, and digits are read from another source than the screen. */
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
    await this.terminal.see(/type groups [\d, ]+ of \d+/);
    const asked = [...this.terminal.text.matchAll(/type groups ([\d, ]+) of \d+/g)].at(-1)?.[1] ?? '';
    const places = asked.split(',').map(Number);
    expect(new Set(places).size).toBe(4);
    this.terminal.type(places.map((place) => hex.slice(place * 4 - 4, place * 4)).join(' ') + ENTER);
    this.inputs++;
  }

  async ends(status: number): Promise<void> {
    const ended = await this.terminal.end();
    if (ended !== status) throw new Error(`exit ${String(ended)}, not ${String(status)}:\n${this.terminal.text}`);
  }
}
