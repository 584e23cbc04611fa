/** What commands print with --json, beside docs/reference/json.md. */
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { cliJson, type JsonRecord } from '../support/cli/cli.js';
import { authorityWith, mustSucceed, newFolder } from '../support/cli/cli-authority.js';
import { documentAt, tableBelow } from '../support/documents/document.js';

interface Documented {
  readonly type: string;
  readonly optional: boolean;
}

const reference = documentAt('docs/reference/json.md');

function documented(command: string): Map<string, Documented> {
  const rows = tableBelow(reference, `## ${command}`).flatMap(([keys = '', type = '']) =>
    keys
      .replace(/ \?$/, '')
      .split(', ')
      .map((key) => {
        const path = key.replaceAll('`', '');
        const one = type !== 'time' ? type : path.endsWith('_unix') ? 'number' : 'string';
        return [path, { type: one, optional: keys.endsWith('?') }] as const;
      }),
  );
  return new Map(rows);
}

/** Every path of a document with its type; of a string, with its value too. */
function printed(value: unknown, path: string): [string, string[]][] {
  if (Array.isArray(value)) return value.flatMap((one) => printed(one, `${path}[]`));
  if (typeof value !== 'object' || value === null)
    return [[path, value === null ? ['null'] : [typeof value, JSON.stringify(value)]]];
  const inside = path === '' ? '' : `${path}.`;
  const own: [string, string[]][] = path === '' ? [] : [[path, ['object']]];
  return [...own, ...Object.entries(value).flatMap(([name, one]) => printed(one, `${inside}${name}`))];
}

function expectDocumented(command: string, { ok, ...json }: JsonRecord): void {
  const keys = documented(command);
  // The fields of events stand beside these.
  const isField = (path: string): boolean => command === 'transcript show' && path.startsWith('entries[].');
  const found = printed(json, '').filter(([path]) => keys.has(path) || !isField(path));
  for (const [path, types] of found) {
    const wanted = keys.get(path)?.type.split(', ') ?? [];
    expect([command, path, wanted.some((one) => types.includes(one))]).toEqual([command, path, true]);
  }
  const paths = new Set(found.map(([path]) => path));
  const needed = [...keys].filter(([path, { optional }]) => !optional && !path.includes('[]') && !path.includes('.'));
  expect([command, needed.map(([path]) => path).filter((path) => !paths.has(path))]).toEqual([command, []]);
  expect(ok).toBe(true);
}

test('each command prints what its table says', () => {
  const scene = authorityWith('bundle');
  const root = join(scene.dir, 'credentials/root-1.pem');
  const intermediate = join(scene.dir, 'credentials/intermediate-1.pem');
  const bundle = join(scene.dir, 'bundles/bundle-000001.cose');
  const transcript = join(scene.dir, 'transcripts/0002-root-generate.jsonl');
  const newKey = ['--key', 'file:keys/root-2.age'];
  const runs: readonly (readonly [string, ...string[]])[] = [
    ['status'],
    ['inspect', intermediate],
    ['fingerprint', root, intermediate],
    ['verify', intermediate, '--trust', root],
    ['bundle verify', bundle, '--trust', root],
    ['bundle published', bundle],
    ['bundle folder', scene.path('web')],
    ['key verify', 'file:keys/root-1.age'],
    ['transcript show', transcript],
    ['transcript verify', transcript],
    ['ledger verify'],
    ['hsm list'],
    ['plan', 'revocation', '--set', 'credential=intermediate-1.pem'],
    ['root rotate', ...newKey, '--reserve'],
    // Shorter than its successor, which may be made in the same second.
    ['intermediate request', '--key', 'file:keys/intermediate-2.age', '--lifetime', '300d'],
    ['request check', join(scene.dir, 'requests/intermediate-2.pem')],
    ['intermediate issue', join(scene.dir, 'requests/intermediate-2.pem')],
    ['intermediate rotate', '--key', 'file:keys/intermediate-3.age'],
    ['revoke', intermediate, '--reason', 'superseded'],
    ['bundle export', '--series', '2', '--out-dir', scene.path('out')],
    ['bundle diff', bundle, join(scene.dir, 'bundles/bundle-000002.cose')],
    ['bundle withdraw', join(scene.dir, 'bundles/bundle-000003.cose')],
    ['status'],
  ];
  for (const [command, ...args] of runs)
    expectDocumented(command, mustSucceed(scene.json([...command.split(' '), ...args])).json);
  expectDocumented('init', mustSucceed(cliJson(['init', 'example.org', join(newFolder(), 'a')])).json);
}, 120_000);
