/** README.md says what is so: every example runs and prints what is shown, and its tables are those of the program. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { DEFAULTS, WORK_FACTOR } from '../src/authority/formats/settings-defaults.js';
import { COMMANDS } from '../src/cli/commands/index.js';
import { BUNDLE_CODES, DECODING_CODES, VERIFYING_CODES } from '../src/common/codes.js';
import { CHECKS } from '../src/ceremony/preflight/index.js';
import { RULES } from '../src/policy/index.js';
import {
  blocksOf,
  codeIn,
  isInteractive,
  normalise,
  README,
  ROOT,
  tableBelow,
  type Block,
} from './support/readme/readme-blocks.js';
import { makeLeafChain } from './support/readme/readme-chain.js';
import { ReadmeShell, type Ran } from './support/readme/readme-run.js';
import { hasTool, testWhere, toolTest } from './support/machine/tools.js';

const TIMEOUT = 180_000;
const TOOLS = ['age', 'jq', 'openssl', 'xxd', 'sha256sum'] as const;
const blocks = blocksOf(README);
const runnable = blocks.filter(({ language }) => language === 'sh' || language === 'console');

describe('every example of the README', () => {
  const shell = new ReadmeShell();
  afterAll(() => shell.end());

  function check(step: Block['steps'][number], ran: Ran, answered = false): void {
    const refusal = /^(error: |\{"ok":false)/m.test(step.shown);
    expect({ output: ran.output, failed: ran.status !== 0 }).toEqual({ output: ran.output, failed: refusal });
    const [shown, printed] = [normalise(step.shown, shell.home), normalise(ran.output, shell.home)];
    if (!answered) {
      if (step.shown !== '') expect(printed).toBe(shown);
      return;
    }
    // A terminal draws a question many times: every line must be there, in order, and that is all that can be said.
    let from = 0;
    for (const line of shown.split('\n').map((one) => one.replace(/^\? /, ''))) {
      const at = printed.indexOf(line, from);
      expect({ printed, line, there: at >= 0 }).toEqual({ printed, line, there: true });
      from = at + line.length;
    }
  }

  for (const block of runnable) {
    // Those are run by readme-hsm.test.ts.
    if (block.note.startsWith('SoftHSM')) continue;
    const name = `line ${String(block.line)}: ${block.steps[0]?.command.split('\n')[0] ?? ''}`;
    const missing = TOOLS.find((tool) => new RegExp(`(^|[ (|])${tool} `, 'm').test(block.text) && !hasTool(tool));
    if (block.note === 'network') {
      const run = (): void => block.steps.forEach((step) => check(step, shell.runInClone(step)));
      testWhere(process.env.REQUIRE_ALL === '1', 'REQUIRE_ALL=1 (it installs packages)', name, run, 2 * TIMEOUT);
    } else if (missing !== undefined) {
      toolTest(missing, name, () => undefined);
    } else if (isInteractive(block)) {
      toolTest(
        'expect',
        name,
        () => block.steps.forEach((step) => check(step, shell.runAnswering(step), true)),
        TIMEOUT,
      );
      if (!hasTool('expect') && !block.text.includes('Enter passphrase')) {
        test(`${name} (without questions)`, () =>
          block.steps.forEach((step) => expect(shell.runUnattended(step).status).toBe(0)));
      }
    } else {
      test(
        name,
        async () => {
          await provide(block);
          const folder = block.note === 'in the clone' ? ROOT : undefined;
          for (const step of block.steps) check(step, shell.run(step, folder));
        },
        TIMEOUT,
      );
    }
  }

  /** Files that the README says somebody else gave, and the JavaScript that stands above the commands. */
  async function provide({ note, line }: Block): Promise<void> {
    const folder = join(shell.home, 'ceremony');
    if (note === 'with a leaf chain') {
      await makeLeafChain(folder, join(folder, 'authority'), shell.passphraseFile('intermediate-1'));
    }
    const file = /^with (.+\.mjs)$/.exec(note)?.[1];
    if (file === undefined) return;
    const code = blocks.filter((one) => one.language === 'js' && one.line < line).at(-1);
    writeFileSync(join(folder, file), code?.text ?? '');
  }

  test('is run: there are no other blocks', () => {
    expect(new Set(blocks.map(({ language }) => language))).toEqual(new Set(['sh', 'console', 'js', 'text']));
    expect(blocks.filter(({ language }) => language === 'text').map(({ text }) => text.split('\n')[0])).toEqual([
      'git clone <this repository> && cd as-ceremony',
      'authority/',
    ]);
    const scripts = runnable.filter(({ note }) => /^with .+\.mjs$/.test(note)).length;
    expect(blocks.filter(({ language }) => language === 'js')).toHaveLength(scripts);
  });

  test.each(COMMANDS.map(({ name }) => name))('%s is among the examples', (name) => {
    expect(runnable.some(({ text }) => new RegExp(`as-ceremony (-C \\S+ )?${name}( |$)`, 'm').test(text))).toBe(true);
  });
});

test('the table of rules is that of the program', () => {
  expect(tableBelow('### The rules').map(([id, source, reason]) => ({ id: codeIn(id), source, reason }))).toEqual(
    RULES.map(({ id, source, reason }) => ({ id, source, reason })),
  );
});

test('the table of checks is that of the program', () => {
  const table = tableBelow('## Is this machine fit').map(([id, severity, source, reason]) => ({
    id: codeIn(id),
    severity,
    source,
    reason,
  }));
  const { preflight } = DEFAULTS;
  expect(table).toEqual(CHECKS.map(({ id, source, reason }) => ({ id, severity: preflight[id], source, reason })));
});

test('the table of settings has every setting and its default', () => {
  const flat = Object.entries(DEFAULTS).flatMap(([key, value]): readonly (readonly [string, string])[] =>
    typeof value === 'object'
      ? Object.entries(value).map(([part, one]) => [`${key}.${part}`, one] as const)
      : [[key, String(value)]],
  );
  const table = tableBelow('## authority.yaml').map(([setting, value]) => [codeIn(setting), codeIn(value)]);
  const plain = table.filter(([setting]) => !['version', 'domain', 'allowed_ciphersuites'].includes(setting ?? ''));
  expect(plain.sort()).toEqual([...flat, ['key_work_factor', String(WORK_FACTOR.usual)]].sort());
});

describe('the table of codes', () => {
  const EXIT: Readonly<Record<string, string>> = { refused: '1', usage: '2', couldNot: '3' };
  const table = new Map(tableBelow('### Codes').map(([code, exit]) => [codeIn(code), exit ?? '']));
  const sources = (readdirSync(`${ROOT}src`, { recursive: true }) as string[])
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(`${ROOT}src/${name}`, 'utf8'));
  const inSource = new Map<string, Set<string>>();
  const found = (code: string, exit?: string): void => {
    inSource.set(code, new Set([...(inSource.get(code) ?? []), ...(exit === undefined ? [] : [exit])]));
  };
  for (const text of sources) {
    for (const [, how = '', code = ''] of text.matchAll(/\b(refused|couldNot)\(\s*'([a-z-]+)'/g))
      found(code, EXIT[how]);
    for (const [, part = ''] of text.matchAll(/\bcode(?:: string)?\s*[:=]([^={};\n]*(?:\?[^;\n]*)?)/g)) {
      for (const [, code = ''] of part.matchAll(/'([a-z]+(?:-[a-z]+)*)'/g)) found(code);
    }
  }
  for (const code of [...DECODING_CODES, ...VERIFYING_CODES, ...BUNDLE_CODES]) found(code);
  // `file-…` are chosen by what the system says; `not-built` is said by bin/as-ceremony.js.
  for (const code of ['usage', 'interrupted', 'file-exists', 'file-not-found', 'not-built']) found(code);
  // What stands beside `code` in a condition, and is none.
  for (const other of ['sign-bundle', 'string', 'valid']) inSource.delete(other);

  test('has every code that the program knows, and no other', () => {
    expect([...table.keys()].sort()).toEqual([...inSource.keys()].sort());
  });

  test('gives the exit codes that they come with', () => {
    for (const [code, exits] of inSource) {
      for (const exit of exits) expect([code, table.get(code)]).toEqual([code, expect.stringContaining(exit)]);
    }
  });
});
