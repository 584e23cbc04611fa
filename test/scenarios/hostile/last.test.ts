/**
 * `--last`: what clients hold now, against what is on record here; an old copy of the folder, and a bundle that
 * somebody else signed.
 */
import { copyFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { BundlePayload } from '../../../src/bundle/payload.js';
import { toHex } from '../../../src/common/bytes.js';
import { fingerprintOf } from '../../../src/credential/fingerprint-of.js';
import { cli, type JsonRecord } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newAuthority, readTree, type Scene } from '../../support/cli/cli-authority.js';
import { expectRefusal } from '../../support/cli/cli-errors.js';
import { typeWords } from '../../support/cli/cli-terminal.js';
import { stealBundle } from '../../support/cli/thief.js';

const FIRST = 'authority/bundles/bundle-000001.cose';
const SECOND = 'authority/bundles/bundle-000002.cose';
const REVOKE = ['revoke', 'intermediate-1', '--reason', 'superseded'];
const exporting = (...more: readonly string[]): readonly string[] => ['bundle', 'export', ...more];

/** Runs on a copy of the folder beside it. */
function onCopy(scene: Scene, name: string, args: readonly string[]) {
  return cli(['-C', name, ...args, '--yes', '--passphrase-file', scene.passphraseFile], { cwd: scene.folder });
}

function newestTranscript({ dir }: Scene): string {
  const { files } = readTranscripts(dir);
  return readFileSync(join(dir, files.at(-1) ?? ''), 'utf8');
}

function readTranscripts(dir: string): { readonly files: readonly string[] } {
  return { files: Object.keys(readTree(dir)).filter((name) => /^transcripts\/.*\.jsonl$/.test(name)) };
}

describe('what clients hold now', () => {
  test('is the newest here: nothing is asked, and it goes on record', () => {
    const scene = authorityWith('bundle');
    const { stderr } = mustSucceed(scene.cli(exporting('--last', FIRST)));
    expect(stderr).toContain('clients hold');
    expect(stderr).not.toContain('nothing says that it went out');
    const held = newestTranscript(scene)
      .split('\n')
      .find((line) => line.includes('"event":"held"'));
    expect(JSON.parse(held ?? '')).toMatchObject({ what: 'bundle', sequence: 1 });
  });

  test('an old copy put in place is caught, and changes nothing', () => {
    const scene = authorityWith('bundle');
    cpSync(scene.dir, scene.path('copy'), { recursive: true });
    mustSucceed(scene.cli(REVOKE));
    mustSucceed(scene.cli(exporting()));
    const before = readTree(scene.path('copy'));
    for (const args of [exporting('--last', SECOND), ['bundle', 'prepare', '--out', 'p', '--last', SECOND]]) {
      expectRefusal(onCopy(scene, 'copy', args), {
        status: 1,
        code: 'not-newest',
        says: 'a bundle 2 that is not on record here, and clients accept it',
        hint: 'this folder is an old copy',
      });
    }
    expect(readTree(scene.path('copy'))).toEqual(before);
    // The same where the copy has gone on by itself: two bundles of one number.
    mustSucceed(onCopy(scene, 'copy', exporting()));
    expectRefusal(onCopy(scene, 'copy', exporting('--last', SECOND)), { status: 1, code: 'not-newest' });
  });

  test('an older one than what went out is refused, and one below a bundle that nobody marked is not', () => {
    const scene = authorityWith('bundle');
    mustSucceed(scene.cli(exporting()));
    const { stderr } = mustSucceed(scene.cli(['bundle', 'prepare', '--out', 'p', '--last', FIRST]));
    expect(stderr).toContain('bundle 2, is newer than what clients hold, and nothing says that it went out');
    mustSucceed(scene.cli(['bundle', 'published', SECOND]));
    expectRefusal(scene.cli(exporting('--last', FIRST)), {
      status: 1,
      code: 'not-newest',
      says: 'clients may hold bundles/bundle-000002.cose',
    });
  });

  test('one that is on record as withdrawn, one of a time to come, one of somebody else, and no bundle are refused', () => {
    const scene = authorityWith('bundle');
    mustSucceed(scene.cli(exporting('--series', '2')));
    const third = 'authority/bundles/bundle-000003.cose';
    expectRefusal(scene.cli(exporting('--last', third)), { status: 1, code: 'not-yet-valid', says: 'bundle 3' });
    mustSucceed(scene.cli(['bundle', 'withdraw', SECOND]));
    expectRefusal(scene.cli(exporting('--last', SECOND)), { status: 1, code: 'not-newest', says: 'as withdrawn' });
    const other = newAuthority();
    mustSucceed(other.cli(['root', 'generate']));
    mustSucceed(other.cli(exporting()));
    copyFileSync(join(other.dir, 'bundles/bundle-000001.cose'), scene.path('other.cose'));
    expectRefusal(scene.cli(exporting('--last', 'other.cose')), {
      status: 1,
      code: 'untrusted',
      says: 'other.cose: clients that hold bundle',
    });
    expectRefusal(scene.cli(exporting('--last', 'authority/authority.yaml')), {
      status: 1,
      code: 'bundle-malformed',
      says: 'authority/authority.yaml: ',
    });
  });
});

interface Stolen {
  readonly scene: Scene;
  readonly theft: string;
}

/** An authority with bundle 1, and a bundle by the stolen root-1 on top of it. */
async function stolen(
  generate: readonly string[],
  revokes: readonly string[],
  {
    exported = [],
    change,
  }: { exported?: readonly string[]; change?: (payload: BundlePayload) => Partial<BundlePayload> } = {},
): Promise<Stolen> {
  const scene = newAuthority();
  mustSucceed(scene.cli(['root', 'generate', ...generate]));
  mustSucceed(scene.cli(exporting(...exported)));
  const base = new Uint8Array(readFileSync(scene.path(FIRST)));
  const theft = { revokes: revokes.map((name) => print(scene, name)), ...(change === undefined ? {} : { change }) };
  writeFileSync(scene.path('thief.cose'), await stealBundle(scene.dir, base, theft));
  return { scene, theft: 'thief.cose' };
}

function print(scene: Scene, name: string): string {
  const { json } = mustSucceed(scene.json(['fingerprint', `authority/credentials/${name}.pem`]));
  return (json.credentials as { fingerprint: string }[])[0]?.fingerprint ?? '';
}

function verdict(scene: Scene, ...args: readonly string[]): unknown {
  const { stdout } = cli(['bundle', 'verify', ...args, '--json'], { cwd: scene.folder });
  return (JSON.parse(stdout) as { code?: string }).code;
}

const forged = (scene: Scene, ...args: readonly string[]): Promise<string> =>
  typeWords(scene, ['bundle', 'forged', ...args], 'somebody else signed it');
const again = (scene: Scene): Promise<string> =>
  typeWords(scene, ['root', 'rotate', '--again', 'root-2'], 'the same key once more');

const TWIN = ['--twin', 'file:keys/root-2.age'];
const due = (scene: Scene): string => mustSucceed(scene.cli(['status'])).stdout;

describe('a bundle that somebody else signed', () => {
  test('is shown whole, agreed to in words, and on record with what it revokes', async () => {
    const { scene, theft } = await stolen(TWIN, ['root-2']);
    const before = readTree(scene.dir);
    const asked = cli(['-C', scene.dir, 'bundle', 'forged', theft], { cwd: scene.folder, input: 'yes\n' });
    expect(asked.status).not.toBe(0);
    expect(asked.stderr).toContain('type: somebody else signed it');
    expect(readTree(scene.dir)).toEqual(before);
    // Nor does --yes stand for the words.
    expectRefusal(scene.cli(['bundle', 'forged', theft]), {
      status: 2,
      code: 'usage',
      says: '(type: somebody else signed it)',
    });
    expect(readTree(scene.dir)).toEqual(before);
    const shown = await forged(scene, theft, '--json');
    const json = JSON.parse(/^\{"ok".*$/m.exec(shown)?.[0] ?? '') as JsonRecord;
    expect(json).toMatchObject({ ok: true, sequence: 2, again: [print(scene, 'root-2')] });
    expect(json.revoked).toEqual(expect.arrayContaining([print(scene, 'root-1')]));
    expect(json.revoked).toHaveLength(2);
    expect(shown).toContain(`${print(scene, 'root-2')} (credentials/root-2.pem)`);
    const line = newestTranscript(scene)
      .split('\n')
      .find((one) => one.includes('"event":"forged"'));
    expect(JSON.parse(line ?? '')).toMatchObject({
      sequence: 2,
      signed_by: [print(scene, 'root-1')],
      revokes: [print(scene, 'root-2')],
    });
    expectRefusal(scene.cli(['bundle', 'forged', theft]), { status: 1, code: 'nothing-new' });
    mustSucceed(scene.cli(['ledger', 'verify']));
  });

  test('status names the way out, step by step, and nothing once it is done', async () => {
    const { scene, theft } = await stolen(TWIN, ['root-2']);
    expect(due(scene)).not.toContain('root rotate --again');
    await forged(scene, theft);
    expect(due(scene)).toContain('root rotate --again root-2');
    expectRefusal(scene.cli(exporting()), { status: 1, code: 'no-root', hint: 'root rotate --again root-2' });
    expectRefusal(scene.cli(['root', 'rotate', '--again', 'root-2']), {
      status: 2,
      code: 'usage',
      says: '(type: the same key once more)',
    });
    await again(scene);
    expect(due(scene)).not.toContain('--again');
    expect(due(scene)).toContain('which somebody else signed');
    const { stderr } = mustSucceed(scene.cli(exporting('--last', theft)));
    expect(stderr).toContain('after 2, which somebody else signed');
    expect(stderr).toContain('since bundle 2, which is not ours');
    expect(stderr).not.toContain('root-2.pem, which is revoked');
    expect(due(scene)).not.toContain('which somebody else signed');
  });

  test('the key in reserve signs again for that reason alone', async () => {
    const { scene, theft } = await stolen(TWIN, []);
    const again = ['root', 'rotate', '--again'];
    const policy = { status: 1, code: 'policy' } as const;
    expectRefusal(scene.cli([...again, 'root-2']), { ...policy, says: 'no bundle on record revokes' });
    await forged(scene, theft);
    expectRefusal(scene.cli([...again, 'root-2']), { ...policy, says: 'no bundle on record revokes' });
    expectRefusal(scene.cli([...again, 'root-1']), { ...policy, says: 'this authority has revoked itself' });
    expectRefusal(scene.cli([...again, 'root-2', '--key', 'file:keys/x.age']), { status: 2, code: 'usage' });
    // It was not revoked: it takes over by itself.
    mustSucceed(scene.cli(exporting('--last', theft, '--out', '2.cose')));
    for (const held of [FIRST, theft]) expect(verdict(scene, '2.cose', '--last', held)).toBe('valid');
  });

  test('revoked by the authority too, the key in reserve signs nothing again', async () => {
    const { scene, theft } = await stolen(TWIN, ['root-2']);
    mustSucceed(scene.cli(['revoke', 'root-2', '--reason', 'key-compromise']));
    await forged(scene, theft);
    expectRefusal(scene.cli(['root', 'rotate', '--again', 'root-2']), { status: 1, code: 'policy' });
  });

  test('what this authority signed, and what no client takes, is no theft', async () => {
    const { scene } = await stolen(TWIN, []);
    expectRefusal(scene.cli(['bundle', 'forged', FIRST]), { status: 1, code: 'own-bundle' });
    const base = new Uint8Array(readFileSync(scene.path(FIRST)));
    const change = ({ asCredentials }: BundlePayload): Partial<BundlePayload> => ({ asCredentials, nextRoots: [] });
    writeFileSync(scene.path('refused.cose'), await stealBundle(scene.dir, base, { revokes: [], change }));
    expectRefusal(scene.cli(['bundle', 'forged', 'refused.cose']), { status: 1, code: 'untrusted' });
  });

  test('of two that take one number the next leaves one out, and both are followed', async () => {
    const { scene, theft } = await stolen(TWIN, ['root-2']);
    const base = new Uint8Array(readFileSync(scene.path(FIRST)));
    writeFileSync(scene.path('other.cose'), await stealBundle(scene.dir, base, { revokes: ['ab'.repeat(32)] }));
    await forged(scene, theft);
    await forged(scene, 'other.cose');
    await again(scene);
    expect(mustSucceed(scene.json(exporting('--out', '4.cose'))).json.sequence).toBe(4);
    for (const held of [FIRST, theft, 'other.cose']) expect(verdict(scene, '4.cose', '--last', held)).toBe('valid');
  });

  test('a listed root cannot be revoked by a thief of the other: the roots stay, and so none of them is revoked', async () => {
    const twins = [...TWIN, '--twin-listed'];
    const exported = ['--next-root', 'root-2'];
    const { scene, theft } = await stolen(twins, ['root-2'], { exported });
    // Listed and revoked.
    expect(verdict(scene, theft, '--last', FIRST)).toBe('revoked');
    expectRefusal(scene.cli(['bundle', 'forged', theft]), { status: 1, code: 'revoked' });
    const base = new Uint8Array(readFileSync(scene.path(FIRST)));
    // Revoked and not listed: the roots change.
    const fewer = ({ asCredentials }: BundlePayload): Partial<BundlePayload> => ({
      asCredentials: asCredentials.filter((root) => toHex(fingerprintOf(root)) !== print(scene, 'root-2')),
    });
    writeFileSync(
      scene.path('fewer.cose'),
      await stealBundle(scene.dir, base, { revokes: [print(scene, 'root-2')], change: fewer }),
    );
    expect(verdict(scene, 'fewer.cose', '--last', FIRST)).toBe('untrusted');
    // What is left to a thief: a number, intermediates, a threshold of two. The owner has both keys.
    const most = ({ issuedAt }: BundlePayload): Partial<BundlePayload> => ({ sequence: issuedAt - 9, threshold: 2 });
    writeFileSync(scene.path('most.cose'), await stealBundle(scene.dir, base, { revokes: [], change: most }));
    await forged(scene, 'most.cose');
    mustSucceed(scene.cli(exporting('--last', 'most.cose', '--out', '2.cose')));
    for (const held of [FIRST, 'most.cose']) expect(verdict(scene, '2.cose', '--last', held)).toBe('valid');
    expect(verdict(scene, 'most.cose', '--last', '2.cose')).toBe('untrusted');
  });
});
