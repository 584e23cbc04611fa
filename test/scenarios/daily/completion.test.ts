/** `completion`: its scripts, in the shells for which they are made. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { REVOCATION_REASONS } from '../../../src/bundle/revocation.js';
import { COMMANDS, GROUPS } from '../../../src/cli/commands/command-list.js';
import { program } from '../../../src/cli/program/program.js';
import { KINDS } from '../../../src/credential/kinds.js';
import { cli, cliJson, run } from '../../support/cli/cli.js';
import { mustSucceed, newFolder } from '../../support/cli/cli-authority.js';
import { completionsIn, type Shell } from '../../support/cli/completions.js';
import { ROOT } from '../../support/documents/document.js';
import { toolTest } from '../../support/machine/tools.js';

const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish'];
const CEREMONIES = readdirSync(join(ROOT, 'ceremonies')).map((name) => name.replace('.yaml', ''));

// What the bundler puts in.
Object.assign(globalThis, { BUILD: { version: '', time: 0, lock: '' } });

const folder = newFolder();
const scripts = newFolder();
mkdirSync(join(folder, 'my keys'));
for (const name of ['my file.pem', 'one.pem', 'o$(touch PWNED).pem', 'reasons']) writeFileSync(join(folder, name), '');

function scriptFor(shell: Shell): string {
  const file = join(scripts, `as-ceremony.${shell}`);
  writeFileSync(file, mustSucceed(cli(['completion', shell])).stdout);
  return file;
}

/** The commands with all that they declare, found without the code that makes the scripts. */
const declared: { readonly name: string; readonly options: Command['options'] }[] = [];
for (const { name, load } of COMMANDS) {
  const command = new Command(name);
  (await load()).define(command);
  declared.push({ name, options: command.options });
}
const global = [...program('').options.flatMap(({ short, long }) => [short, long]), '-h', '--help'];

const CASES: Readonly<Record<string, readonly string[]>> = {
  'as-ceremony ro': ['root'],
  'as-ceremony root ': ['generate', 'rotate'],
  'as-ceremony help key de': ['destroy'],
  'as-ceremony root generate --li': ['--lifetime'],
  'as-ceremony -C . --json root g': ['generate'],
  'as-ceremony --dir=root bundle wi': ['withdraw'],
  'as-ceremony root -C . ro': ['rotate'],
  'as-ceremony --passphrase-file root-1=x --yes ledger ': ['receive', 'verify'],
  'as-ceremony revoke one.pem --reason ': [...REVOCATION_REASONS],
  'as-ceremony revoke --reason=ke': ['key-compromise'],
  'as-ceremony revoke --reason=': [...REVOCATION_REASONS],
  'as-ceremony inspect --kind ': Object.keys(KINDS),
  'as-ceremony init example.org --ciphersuite p3': ['p384-sha384'],
  'as-ceremony root rotate --backup ': ['wrapped'],
  'as-ceremony completion ': [...SHELLS],
  'as-ceremony plan re': [...CEREMONIES.filter((name) => name.startsWith('re')), 'reasons'],
  'as-ceremony -C ': ['my keys'],
  'as-ceremony --dir=': ['my keys'],
  'as-ceremony --dir=m': ['my keys'],
  'as-ceremony bundle export --out-dir ': ['my keys'],
  'as-ceremony init example.org ': ['my keys'],
  'as-ceremony init m': [],
  'as-ceremony inspect m': ['my file.pem', 'my keys'],
  'as-ceremony inspect one.pem o': [],
  'as-ceremony fingerprint one.pem on': ['one.pem'],
  'as-ceremony verify --with=one.pem --with=on': ['one.pem'],
  'as-ceremony inspect -- on': ['one.pem'],
  'as-ceremony inspect $(touch PWNED)': [],
  'as-ceremony inspect `touch PWNED` on': [],
  'as-ceremony $(touch PWNED) on': [],
  'as-ceremony frobnicate on': [],
  'as-ceremony root generate --lifetime o': [],
  'as-ceremony root generate --lifetime 1y o': [],
};

describe.each(SHELLS)('%s', (shell) => {
  toolTest(shell, 'reads the script without an error', () => {
    const ended = mustSucceed(run([shell, '-n', scriptFor(shell)]));
    expect(ended.stdout + ended.stderr).toBe('');
  });

  toolTest(shell, 'offers what fits where the line ends, and evaluates nothing', () => {
    const offered = completionsIn(shell, scriptFor(shell), Object.keys(CASES), folder);
    const sorted = Object.entries(CASES).map(([line, words]) => [line, [...words].sort()]);
    expect(Object.fromEntries(offered)).toEqual(Object.fromEntries(sorted));
    expect([...readdirSync(folder), ...readdirSync(scripts)]).not.toContain('PWNED');
  });

  toolTest(shell, 'offers every command, and with each its options and those of all', () => {
    const names = COMMANDS.map(({ name }) => name.split(' '));
    const singles = names.filter((words) => words.length === 1).flat();
    const lines = new Map([
      ['as-ceremony ', ['help', ...Object.keys(GROUPS), ...singles]],
      ...Object.keys(GROUPS).map(
        (group) =>
          [`as-ceremony ${group} `, names.filter(([first]) => first === group).map(([, second]) => second)] as const,
      ),
      ...declared.map(
        ({ name, options }) => [`as-ceremony ${name} --`, [...options.map(({ long }) => long), ...global]] as const,
      ),
    ]);
    const offered = completionsIn(shell, scriptFor(shell), [...lines.keys()], folder);
    for (const [line, words] of lines) {
      const wanted = line.endsWith('--') ? words.filter((word) => word?.startsWith('--')) : words;
      expect([line, offered.get(line)]).toEqual([line, [...new Set(wanted)].sort()]);
    }
  });

  test('is printed in JSON too', () => {
    const { json } = cliJson(['completion', shell]);
    expect(json).toEqual({ ok: true, shell, script: cli(['completion', shell]).stdout });
  });
});

test.each(['zsh', 'fish'])('%s: each option has its help', (shell) => {
  const { stdout } = cli(['completion', shell]);
  const plain = stdout.replaceAll(`'\\''`, "'").replace(/\\(.)/g, '$1');
  for (const { options } of declared) for (const { description } of options) expect(plain).toContain(description);
});

test('no option has a value in one command and none in another', () => {
  const taking = (wanted: boolean): Set<string> =>
    new Set(
      [program(''), ...declared].flatMap(({ options }) =>
        options.filter(({ required }) => required === wanted).flatMap(({ flags }) => flags.split(/[, ]+/).slice(0, 1)),
      ),
    );
  const without = taking(false);
  expect([...taking(true)].filter((name) => without.has(name))).toEqual([]);
});
