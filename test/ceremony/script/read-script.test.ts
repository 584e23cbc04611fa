import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { readScript } from '../../../src/ceremony/script/read-script.js';
import { utf8 } from '../../../src/common/bytes.js';
import { CeremonyError } from '../../../src/common/errors.js';

const FOLDER = new URL('../../../ceremonies/', import.meta.url);

const GOOD = `version: 1
title: A test
purpose: To be read.
roles:
  operator: { people: 1 }
parameters:
  key: { type: key, default: 'file:keys/root-1.age', says: where }
steps:
  - { id: look, check: [preflight, authority], by: operator, no: [abort] }
  - id: root
    run: root generate
    with: { key: '\${key}' }
    by: operator
    no: [retry, abort]
`;

async function findings(text: string): Promise<string[]> {
  try {
    await readScript('test', utf8(text));
    return [];
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    expect([error.kind, error.code]).toEqual(['refused', 'bad-script']);
    return error.findings.map(({ message }) => message);
  }
}

test.each(readdirSync(FOLDER).filter((name) => name.endsWith('.yaml')))('%s can be read', async (name) => {
  const script = await readScript(name, readFileSync(new URL(name, FOLDER)));
  expect(script.steps.length).toBeGreaterThan(3);
});

describe('a script', () => {
  test('is read', async () => {
    expect(await findings(GOOD)).toEqual([]);
  });

  test.each<[string, (text: string) => string, string]>([
    ['an unknown field', (text) => text.replace('title:', 'titel:'), 'test:2: titel: is not a field of a script'],
    [
      'an unknown field of a step',
      (text) => text.replace('run: root', 'hurry: yes\n    run: root'),
      'test:11: steps.2.hurry: is not a field of a script',
    ],
    [
      'a wrong type',
      (text) => text.replace('people: 1', "people: '1'"),
      'test:5: roles.operator.people: is not a number',
    ],
    [
      'a key that a rehearsal would touch',
      (text) => text.replace("'${key}'", "'pkcs11:token=real;object=root'"),
      'names a key otherwise than by a parameter of type key',
    ],
    [
      'a key file elsewhere',
      (text) => text.replace("'${key}'", "'file:/media/key/root-1.age'"),
      'names a key otherwise than by a parameter of type key',
    ],
    ['a step of no kind', (text) => text.replace('run: root generate', 'runs: root generate'), 'is of no kind'],
    [
      'a step of two kinds',
      (text) => text.replace('run: root', 'say: hello\n    run: root'),
      'is of two kinds, say and run',
    ],
    [
      'an undeclared parameter',
      (text) => text.replace('${key}', '${kee}'),
      'test:12: steps.2.with.key: ${kee} is not declared',
    ],
    ['an unknown operation', (text) => text.replace('root generate', 'root destroy'), 'root destroy is none of'],
    [
      'an option that the operation has not',
      (text) => text.replace('{ key:', '{ colour:'),
      'is no option of root generate',
    ],
    [
      'a role that is not there',
      (text) => text.replace('by: operator\n    no: [retry', 'by: witness\n    no: [retry'),
      'witness is not a role of this script',
    ],
    ['an id twice', (text) => text.replace('id: root', 'id: look'), 'look is the id of an earlier step'],
    [
      'a signature before the checks',
      (text) => text.replace('[preflight, authority]', '[preflight]'),
      'it signs before anybody checks',
    ],
    [
      'a signature before the checks, because these may be left out',
      (text) => text.replace('by: operator, no: [abort] }', 'by: operator, given: key, no: [abort] }'),
      'test:10: steps.2: it signs before anybody checks: a step with check: [preflight] and without given must come first',
    ],
    ...['key verify', 'key trial', 'hsm check', 'revoke'].map(
      (operation): [string, (text: string) => string, string] => [
        `${operation} before the checks`,
        (text) =>
          text
            .replace('check: [preflight, authority]', 'say: Hello')
            .replace('run: root generate', `run: ${operation}`)
            .replace('with: { key', `with: { ${operation === 'revoke' ? 'credential' : 'key'}`),
        `it runs ${operation} before anybody checks`,
      ],
    ),
    ...['\u001b[2J', '\u0007', '\u202e', '\u200b', '\t'].flatMap(
      (hidden): [string, (text: string) => string, string][] => {
        const code = `U+${hidden.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
        const quoted = JSON.stringify(`is ${hidden} shown`);
        return [
          [
            `${code} in its title`,
            (text) => text.replace('A test', quoted),
            `test:2: title: has the control character ${code}`,
          ],
          [
            `${code} in a usual value`,
            (text) => text.replace("'file:keys/root-1.age'", quoted),
            `test:7: parameters.key.default: has the control character ${code}`,
          ],
          [
            `${code} in an option`,
            (text) => text.replace("'${key}'", quoted),
            `test:12: steps.2.with.key: has the control character ${code}`,
          ],
          [
            `${code} in a step`,
            (text) => text.replace('check: [preflight, authority]', `say: ${quoted}`),
            `test:9: steps.1.say: has the control character ${code}`,
          ],
        ];
      },
    ),
    ['no word on No', (text) => text.replace('    no: [retry, abort]\n', ''), 'steps.2.no: is missing'],
    [
      'an alias',
      (text) => text.replace('purpose: To be read.', 'purpose: &a To be read.'),
      'the anchor &a is not used here',
    ],
    ['a second document', (text) => `${text}---\nversion: 1\n`, 'a second document begins here'],
    [
      'a parameter that a step waits for in vain',
      (text) => text.replace('check: [preflight, authority]', 'check: [preflight, authority], given: medium'),
      'test:9: steps.1.given: medium is not declared',
    ],
    ['another version', (text) => text.replace('version: 1', 'version: 2'), 'is not 1'],
  ])('with %s is refused, by line', async (_what, change, expected) => {
    expect(change(GOOD)).not.toBe(GOOD);
    expect((await findings(change(GOOD))).join('\n')).toContain(expected);
  });

  test('with an anchor that is used is refused at its first line, however often it would multiply', async () => {
    const bomb = GOOD.replace('purpose: To be read.', 'purpose: &a [x, x]\nextra: &b [*a, *a]\nmore: [*b, *b]');
    expect((await findings(bomb))[0]).toContain('test:3: the anchor &a is not used here');
  });

  test('may leave a check out together with what it is for', async () => {
    const both = GOOD.replaceAll('by: operator', 'given: key, by: operator').replace(
      '    given: key, by',
      '    given: key\n    by',
    );
    expect(await findings(both)).toEqual([]);
  });

  test('may have texts of several lines, in any language', async () => {
    expect(await findings(GOOD.replace('purpose: To be read.', 'purpose: |\n  Züm Lesen.\n\n  用來閱讀。'))).toEqual(
      [],
    );
  });

  test('of 65 KiB is refused', async () => {
    expect(await findings(`${GOOD}${'#'.repeat(65 * 1024)}\n`)).toHaveLength(1);
  });
});
