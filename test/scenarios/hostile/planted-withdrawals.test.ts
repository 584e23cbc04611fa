/**
 * Planted marks say that bundles never went out: what the next one would no longer carry on from them is shown, and
 * typed.
 */
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cliJson } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newAuthority, type Scene } from '../../support/cli/cli-authority.js';
import { Terminal } from '../../support/cli/cli-terminal.js';
import { files, kidOf, plant } from '../../support/cli/planted.js';
import { stealBundle } from '../../support/cli/thief.js';
import { named } from '../../support/cli/transcripts.js';

const COMMITMENT = 'c4'.repeat(32);
const bundleOf = (n: number): string => `bundles/bundle-00000${String(n)}.cose`;

function withdrawn(scene: Scene, n: number): void {
  const { sha256 } = named(scene, bundleOf(n));
  const path = bundleOf(n).replace('.cose', '.withdrawn.json');
  const mark = { version: 1, state: 'withdrawn', at: '2026-11-27T00:00:00Z', sha256 };
  writeFileSync(join(scene.dir, path), `${JSON.stringify(mark)}\n`);
  const event = ['bundle', { state: 'withdrawn', sequence: n, sha256: sha256 ?? '' }] as const;
  plant(scene, 'bundle withdraw', [event, files(named(scene, path))]);
}

const bundles = (scene: Scene): string[] =>
  readdirSync(join(scene.dir, 'bundles')).filter((name) => name.endsWith('.cose'));

/** Neither exported nor prepared with --yes; the preview says what. */
function expectTyped(scene: Scene, words: string, ...shown: readonly RegExp[]): void {
  const before = bundles(scene);
  for (const command of [['export'], ['prepare', '--out', scene.path('prepared')]]) {
    const { status, stderr } = scene.cli(['bundle', ...command]);
    expect([command, status]).toEqual([command, 2]);
    expect(stderr).toContain(`(type: ${words})`);
    for (const one of shown) expect(stderr).toMatch(one);
  }
  expect(bundles(scene)).toEqual(before);
}

/** Two listed roots, of which bundle 1 demands both, and a commitment. */
function guarded(): Scene {
  const scene = newAuthority();
  mustSucceed(scene.cli(['root', 'generate', '--twin', 'file:keys/root-2.age', '--twin-listed']));
  mustSucceed(scene.cli(['bundle', 'export', '--threshold', '2', '--next-root', COMMITMENT]));
  return scene;
}

describe('marks of withdrawal that somebody planted', () => {
  test('of all bundles: threshold and commitments do not drop in silence', async () => {
    const scene = guarded();
    withdrawn(scene, 1);
    const words = 'as withdrawn: the threshold changes, the commitments change';
    expectTyped(
      scene,
      words,
      /roots that must sign the next, but for the withdrawals +2/,
      new RegExp(`commitments to the next root, but for the withdrawals +${COMMITMENT}`),
      /bundle-000001\.cose: on record as withdrawn/,
    );
    const args = ['-C', scene.dir, '--passphrase-file', scene.passphraseFile, '--yes', 'bundle', 'export'];
    const declined = new Terminal(args, {});
    await declined.answer(/type: as withdrawn/, 'yes');
    expect(await declined.end()).toBe(1);
    expect(bundles(scene)).toHaveLength(1);
    // Who says what they want has said it.
    mustSucceed(scene.cli(['bundle', 'export', '--threshold', '2', '--next-root', COMMITMENT]));
    // From then on the newest is the one that counts.
    mustSucceed(scene.cli(['bundle', 'export']));
  });

  test('of the newest: what an older one had does not come back in silence', () => {
    const scene = authorityWith('bundle');
    mustSucceed(scene.cli(['bundle', 'export', '--next-root', COMMITMENT]));
    withdrawn(scene, 2);
    expectTyped(scene, 'as withdrawn: the commitments change');
    // Every one of a series is looked at.
    expect(scene.cli(['bundle', 'export', '--series', '2']).stderr).toContain('as withdrawn: the commitments change');
  });

  test('of an old one: a root that was retired is not listed again in silence', () => {
    const scene = authorityWith('bundle');
    mustSucceed(scene.cli(['root', 'rotate']));
    mustSucceed(scene.cli(['bundle', 'export']));
    mustSucceed(scene.cli(['bundle', 'export', '--retire', kidOf(scene)]));
    for (const n of [1, 2]) withdrawn(scene, n);
    expectTyped(
      scene,
      'as withdrawn: the roots change',
      new RegExp(`roots, but for the withdrawals +${kidOf(scene, 'root-2')}`),
    );
  });

  test('a courier brings nothing that drops what the newest bundle here has, withdrawn or not', async () => {
    const scene = newAuthority();
    mustSucceed(scene.cli(['root', 'generate']));
    mustSucceed(scene.cli(['bundle', 'export', '--next-root', COMMITMENT]));
    const there = { ...scene, dir: `${scene.dir}-b` };
    cpSync(scene.dir, there.dir, { recursive: true });
    const base = new Uint8Array(readFileSync(join(scene.dir, bundleOf(1))));
    const change = { nextRoots: [], asIntermediateCredentials: [] };
    writeFileSync(
      join(there.dir, bundleOf(2)),
      await stealBundle(scene.dir, base, { revokes: [], change: () => change }),
    );
    plant(there, 'bundle assemble', [
      ['signature', { what: 'bundle', kid: kidOf(scene) }],
      files(named(there, bundleOf(2))),
    ]);
    const head = String(cliJson(['-C', there.dir, 'ledger', 'verify']).json.head);
    const receive = ['ledger', 'receive', there.dir, '--their-head', head];
    expect(scene.json(receive).json.code).toBe('sites-differ');
    withdrawn(scene, 1);
    const { status, stderr } = scene.cli(receive);
    expect([status, bundles(scene)]).toEqual([2, ['bundle-000001.cose']]);
    expect(stderr).toMatch(/type: the commitments change/);
  });
});

test('a bundle that never went out and changed nothing is withdrawn without more words', () => {
  const scene = authorityWith('bundle');
  mustSucceed(scene.cli(['bundle', 'export']));
  mustSucceed(scene.cli(['bundle', 'withdraw', join(scene.dir, bundleOf(2))]));
  expect(mustSucceed(scene.cli(['bundle', 'export'])).stderr).not.toContain('but for the withdrawals');
});

test('a folder for the web server says that a newer bundle is not in it', () => {
  const scene = authorityWith('bundle');
  mustSucceed(scene.cli(['bundle', 'export']));
  const { stderr } = mustSucceed(scene.cli(['bundle', 'folder', scene.path('newest')]));
  expect(stderr).not.toContain('withdrawn');
  withdrawn(scene, 2);
  for (const more of [[], ['--quiet'], ['--json']])
    expect(mustSucceed(scene.cli(['bundle', 'folder', scene.path(`older${more.join('')}`), ...more])).stderr).toMatch(
      /warning: the folder has bundle 1, an older one: bundles\/bundle-000002\.cose, on record as withdrawn/,
    );
});
