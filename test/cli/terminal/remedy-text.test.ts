/** Remedies in words: each line can be copied, and what it names is there. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { COMMANDS } from '../../../src/cli/commands/command-list.js';
import { program } from '../../../src/cli/program/program.js';
import { argumentsOf, commandLine, programName, remarkText, worded } from '../../../src/cli/terminal/remedy-text.js';
import { NAMED, type Remedy, SUGGESTED } from '../../../src/common/remedy.js';

describe('in words', () => {
  const { argv } = process;
  afterEach(() => {
    process.argv = argv;
  });

  test.each<[Remedy[], string]>([
    [[], 'Go on.'],
    [[{ option: 'serial' }], 'Go on (--serial).'],
    [[{ option: 'threshold', value: '2' }, { option: 'trust' }], 'Go on (--threshold 2, --trust).'],
    [[{ command: 'resume' }], 'Go on: as-ceremony -C a resume'],
    [
      [{ command: 'resume' }, { command: 'resume', options: { abort: true } }],
      'Go on: as-ceremony -C a resume; or: as-ceremony -C a resume --abort',
    ],
    [
      [{ option: 'sequence' }, { command: 'key destroy', args: ["anna's"] }],
      String.raw`Go on (--sequence): as-ceremony -C a key destroy 'anna'\''s'`,
    ],
    [
      [{ command: 'plan', args: ['x'], options: { set: ['a=1', 'b=2 3'] } }],
      "Go on: as-ceremony -C a plan x --set a=1 --set 'b=2 3'",
    ],
    [[{ module: "/opt/o'p.so" }], String.raw`Go on: as-ceremony --module '/opt/o'\''p.so' -C a status -y`],
    [[{ command: 'init', args: ['DOMAIN'] }], 'Go on: as-ceremony init DOMAIN'],
  ])('%j', (remedies, text) => {
    process.argv = ['node', 'as-ceremony', '-C', 'a', 'status', '-y'];
    expect(worded('Go on.', remedies, { dir: 'a' })).toBe(text);
    if (!remedies.some((one) => 'module' in one))
      expect(worded('Go on.', remedies, {})).toBe(text.replaceAll(' -C a', ''));
  });

  test('a remark has no full stop to lose, and may have no remedy', () => {
    expect(remarkText('as it is', { dir: 'a' })).toBe('as it is');
    const remark = { text: 'not finished', remedies: [{ command: 'status' as const }] };
    expect(remarkText(remark, { dir: 'a' })).toBe('not finished: as-ceremony -C a status');
  });

  test('a folder is one word of a shell, whatever its name; a process takes it as it is', () => {
    const dir = "anna's $& files";
    expect(commandLine({ command: 'status' }, dir)).toBe(String.raw`as-ceremony -C 'anna'\''s $& files' status`);
    expect(argumentsOf({ command: 'root rotate', options: { again: 'root-1' } }, dir)).toEqual([
      ...['as-ceremony', '-C', dir, 'root', 'rotate', '--again', 'root-1'],
    ]);
  });

  test('the program has the name by which it was called', () => {
    expect(programName('/usr/local/bin/as-ceremony')).toBe('as-ceremony');
    expect(programName('/opt/bin/asc')).toBe('asc');
    expect(programName('/opt/as-ceremony/bin/as-ceremony.js')).toBe('as-ceremony');
    expect(programName('')).toBe('as-ceremony');
  });
});

test('every command and option that a remedy can name is there', async () => {
  // What the bundler puts in.
  Object.assign(globalThis, { BUILD: { version: '', time: 0, lock: '' } });
  const optionsOf = (command: Command): string[] => command.options.map(({ long }) => long?.slice(2) ?? '');
  const all = new Map<string, { readonly needs: boolean; readonly options: readonly string[] }>();
  for (const { name, load } of COMMANDS) {
    const command = new Command(name);
    (await load()).define(command);
    all.set(name, { needs: command.registeredArguments[0]?.required === true, options: optionsOf(command) });
  }
  for (const [name, suggested] of Object.entries(SUGGESTED)) {
    const { argument = false, options = [] }: { argument?: boolean; options?: readonly string[] } = suggested;
    const { needs, options: known } = all.get(name) ?? { needs: undefined, options: [] };
    expect([name, needs]).toEqual([name, argument]);
    expect([name, known]).toEqual([name, expect.arrayContaining([...options])]);
  }
  const known = [...all.values()].flatMap(({ options }) => options);
  expect([...optionsOf(program('')), ...known]).toEqual(expect.arrayContaining([...NAMED]));
});
