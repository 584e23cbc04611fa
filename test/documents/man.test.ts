/** The manual pages that `npm run man` writes: clean, and with all that the commands declare. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Command } from 'commander';
import { FOLDERS } from '../../src/authority/ground/layout.js';
import { COMMANDS, GROUPS } from '../../src/cli/commands/command-list.js';
import { EXIT } from '../../src/cli/program/exit-status.js';
import { program } from '../../src/cli/program/program.js';
import { PROGRAM, run } from '../support/cli/cli.js';
import { mustSucceed, newFolder } from '../support/cli/cli-authority.js';
import { ROOT } from '../support/documents/document.js';
import { toolTest } from '../support/machine/tools.js';

// What the bundler puts in.
Object.assign(globalThis, { BUILD: { version: '', time: 0, lock: '' } });
// The shipped ceremonies are found from where the program lies.
process.argv[1] = PROGRAM;

const folder = newFolder();
mustSucceed(run([process.execPath, join(ROOT, 'tools/man.mjs'), folder], { env: { SOURCE_DATE_EPOCH: '86400' } }));
const pages = readdirSync(folder).sort();
const pageOf = (name: string): string => `as-ceremony-${name.replace(' ', '-')}.1`;

/** Bold letters are printed twice, with a backspace between them. */
const OVERSTRUCK = new RegExp(`.\b`, 'gu');

/** As people see it, with one space between words. */
function shown(page: string): string {
  const { stdout } = mustSucceed(run(['mandoc', '-Tutf8', '-Owidth=500', join(folder, page)]));
  return stdout.replace(OVERSTRUCK, '').replace(/\s+/g, ' ');
}

test('there is one of the program, and one of each command', () => {
  expect(pages).toEqual(['as-ceremony.1', ...COMMANDS.map(({ name }) => pageOf(name))].sort());
  expect(readFileSync(join(folder, 'as-ceremony.1'), 'utf8')).toContain('"1970-01-02"');
});

toolTest('mandoc', 'mandoc finds nothing in any page to warn of', () => {
  const ended = run(['mandoc', '-Tlint', '-Wwarning', ...pages.map((page) => join(folder, page))]);
  expect([ended.stdout + ended.stderr, ended.status]).toEqual(['', 0]);
});

toolTest('man', 'man formats every page without a warning', () => {
  for (const page of pages) expect(mustSucceed(run(['man', '--warnings', '-l', join(folder, page)])).stderr).toBe('');
});

toolTest(
  'mandoc',
  "a command's page has its arguments, its options, their help, and what help says at its end",
  async () => {
    for (const { name, summary, load } of COMMANDS) {
      const command = new Command(name);
      (await load()).define(command);
      const text = shown(pageOf(name));
      const help: string[] = [];
      command.configureOutput({ writeOut: (written) => help.push(written) }).outputHelp();
      const words = [
        `as-ceremony ${name} [option ...]`,
        summary,
        ...command.options.flatMap(({ flags, description }) => [`${flags} `, `${description} `]),
        ...command.registeredArguments.map(({ description }) => `${description} `),
        ...help.slice(1).flatMap((one) => one.split('\n').map((line) => line.trim().replace(/\s+/g, ' '))),
      ];
      for (const word of words) expect(text).toContain(word.replaceAll('…', '...'));
    }
  },
);

toolTest('mandoc', "the program's page has groups, commands, options, exit statuses, variables and folders", () => {
  const text = shown('as-ceremony.1');
  const sources = (readdirSync(join(ROOT, 'src'), { recursive: true }) as string[])
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(ROOT, 'src', name), 'utf8'))
    .join('\n');
  const variables = Array.from(sources.matchAll(/process\.env\.(\w+)(?! = )\b/g), ([, name = '']) => name);
  expect(new Set(variables).size).toBeGreaterThan(4);
  for (const word of [
    ...Object.entries(GROUPS).map(([name, summary]) => `${name}: ${summary} `),
    ...COMMANDS.flatMap(({ name, summary }) => [`${pageOf(name).replace('.1', '(1)')} `, `${summary} `]),
    ...program('').options.flatMap(({ flags, description }) => [`${flags} `, `${description} `]),
    ...Object.values(EXIT).flatMap(({ status, meaning }) => [`${String(status)} `, `${meaning} `]),
    ...variables,
    ...FOLDERS.map((name) => `${name}/ `),
  ])
    expect(text).toContain(word);
});
