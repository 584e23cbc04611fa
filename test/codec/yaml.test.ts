/** The plain core of YAML that people's files have: what is refused, where, and what comes of the rest. */
import { describe, expect, test } from '@jest/globals';
import { readYaml } from '../../src/codec/yaml.js';

const faults = async (text: string): Promise<readonly string[]> =>
  (await readYaml(text)).faults.map(({ line, what }) => `${String(line)}: ${what}`);

test('plain maps, lists and values', async () => {
  const { faults: none, data, isMap } = await readYaml('a: 1\nb: [x, true]\nc:\n  - d: null\n');
  expect([none, data, isMap]).toEqual([[], { a: 1, b: ['x', true], c: [{ d: null }] }, true]);
  expect((await readYaml('- a\n')).isMap).toBe(false);
  expect((await readYaml('')).isMap).toBe(false);
});

test('1.2: yes and on are texts, and << is a key like others', async () => {
  expect((await readYaml('a: yes\nb: on\n<<: {c: 1}\n')).data).toEqual({ a: 'yes', b: 'on', '<<': { c: 1 } });
});

describe('what has no place', () => {
  test.each([
    ['a key twice', 'a: 1\nb: 2\na: 3\n', [/^3: Map keys must be unique/]],
    ['a key twice, written in two ways', "a:\n  1: x\n  '1': y\n", [/^3: Map keys must be unique/]],
    ['an anchor', 'a: 1\nb: &x 2\n', [/^2: the anchor &x is not used here/]],
    ['an alias', 'a: &x 1\nb: *x\n', [/^1: the anchor &x/, /^2: the alias \*x/]],
    ['a tag', 'a: 1\nb: !!str 2\n', [/^2: the tag .*str is not used here/]],
    ['a directive', '%YAML 1.2\n---\na: 1\n', [/^1: directives are not used here/]],
    ['a second document', 'a: 1\n---\nb: 2\n', [/^2: a second document begins here/]],
    ['__proto__', 'a: 1\n__proto__: 2\n', [/^2: __proto__ is not a setting/]],
    ['no YAML', 'a: [1\n', [/^\d: /]],
  ])('%s', async (_what, text, expected) => {
    const found = await faults(text);
    expect(found).toHaveLength(expected.length);
    for (const [i, pattern] of expected.entries()) expect(found[i]).toMatch(pattern);
    expect((await readYaml(text)).data).toBeUndefined();
  });

  test('nesting without end', async () => {
    const { faults: found, data, isMap, lineOf } = await readYaml('['.repeat(200_000));
    expect([found.length > 0, data, isMap, lineOf([])]).toEqual([true, undefined, false, 1]);
  });
});

test('lines of keys and of items', async () => {
  const { lineOf } = await readYaml('# first\na: 1\nb:\n  c: 2\n  d:\n    - x\n    - e: 3\n');
  const lines = [[], ['a'], ['b'], ['b', 'c'], ['b', 'd', '0'], ['b', 'd', '1'], ['b', 'd', '1', 'e']].map(lineOf);
  expect(lines).toEqual([2, 2, 3, 4, 6, 7, 7]);
  // What isn't there has the line of what is above it.
  expect(
    [
      ['b', 'x'],
      ['b', 'd', '7'],
      ['a', 'x'],
    ].map(lineOf),
  ).toEqual([3, 5, 2]);
});
