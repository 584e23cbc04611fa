/**
 * Every row of the table "When a root is lost or stolen": what is done, and what clients see of it, with --last and
 * with --trust.
 */
import { copyFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { BundlePayload } from '../../../src/bundle/payload.js';
import { cli } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newAuthority, newFolder, type Scene } from '../../support/cli/cli-authority.js';
import { expectRefusal } from '../../support/cli/cli-errors.js';
import { typeWords } from '../../support/cli/cli-terminal.js';
import { stealBundle } from '../../support/cli/thief.js';
import { documentAt, tableBelow } from '../../support/documents/document.js';

const FIRST = 'authority/bundles/bundle-000001.cose';

function rootOf(scene: Scene, n: number): string {
  const { json } = mustSucceed(scene.json(['fingerprint', `authority/credentials/root-${String(n)}.pem`]));
  return (json.credentials as { fingerprint: string }[])[0]?.fingerprint ?? '';
}

function intermediateOf(scene: Scene, n: number): string {
  const { json } = mustSucceed(scene.json(['fingerprint', `authority/credentials/intermediate-${String(n)}.pem`]));
  return (json.credentials as { fingerprint: string }[])[0]?.fingerprint ?? '';
}

/** About the highest number that a bundle of its time may have. */
const highest = ({ issuedAt }: BundlePayload): Partial<BundlePayload> => ({ sequence: issuedAt - 9 });

/** What a client says of a bundle: `valid`, or a code. */
function sees(scene: Scene, bundle: string, ...held: readonly string[]): unknown {
  const { stdout } = cli(['bundle', 'verify', bundle, ...held, '--json'], { cwd: scene.folder });
  return (JSON.parse(stdout) as { code?: string }).code ?? 'valid';
}

const exports = (scene: Scene, name: string, ...more: readonly string[]): void => {
  mustSucceed(scene.cli(['bundle', 'export', '--out', name, ...more]));
};
const steps = (scene: Scene, ...commands: readonly (readonly string[])[]): void => {
  for (const command of commands) mustSucceed(scene.cli(command));
};
const ROTATE = ['root', 'rotate'];
/** Its file is published beside the bundle that it signs and that doesn't list it. */
const WITH = ['--with', 'authority/credentials/root-1.pem'];
const STOLEN = ['revoke', 'root-1', '--reason', 'key-compromise'];

/** Bundle 1 with root 1, bundle 2 with both; the AS issues by the new one. */
function withSuccessor(): Scene {
  const scene = authorityWith('bundle');
  steps(scene, ROTATE);
  exports(scene, '2.cose');
  return scene;
}

/** The same folder in the hands of somebody who has its key files and passphrases. */
function thief(scene: Scene): Scene {
  const folder = newFolder();
  cpSync(scene.folder, folder, { recursive: true });
  const dir = join(folder, 'authority');
  const all = (args: readonly string[]): string[] => [
    '-C',
    dir,
    ...args,
    '--yes',
    '--passphrase-file',
    scene.passphraseFile,
  ];
  return { ...scene, folder, dir, cli: (args) => cli(all(args), { cwd: folder }) };
}

const ROWS: Readonly<Record<string, () => void | Promise<void>>> = {
  'A root is stolen, and its successor was in a bundle already': () => {
    const scene = withSuccessor();
    const evil = thief(scene);
    steps(scene, STOLEN);
    exports(scene, '3.cose');
    expect(sees(scene, '3.cose', '--last', '2.cose')).toBe('valid');
    expect(sees(scene, '3.cose', '--last', FIRST)).toBe('valid');
    expect(sees(scene, '3.cose', '--trust', rootOf(scene, 2))).toBe('unknown-signer');
    expect(sees(scene, '3.cose', '--trust', rootOf(scene, 2), ...WITH)).toBe('valid');
    // Who pinned the stolen root is led on by its last signature.
    expect(sees(scene, '3.cose', '--trust', rootOf(scene, 1), ...WITH)).toBe('valid');
    // Whoever took bundle 3 takes nothing of the thief's any more.
    exports(evil, 'evil.cose', '--retire', rootOf(scene, 2), '--repin');
    copyFileSync(join(evil.folder, 'evil.cose'), scene.path('evil.cose'));
    expect(sees(scene, 'evil.cose', '--last', '3.cose')).not.toBe('valid');
  },
  'A root is stolen, and its twin is in reserve': () => {
    const scene = newAuthority();
    steps(scene, ['root', 'generate', '--twin', 'file:keys/root-2.age']);
    exports(scene, '1.cose');
    const evil = thief(scene);
    rmSync(join(evil.dir, 'keys/root-2.age'));
    steps(scene, STOLEN, [...ROTATE, '--reserve']);
    exports(scene, '2.cose');
    expect(sees(scene, '2.cose', '--last', '1.cose')).toBe('valid');
    expect(sees(scene, '2.cose', '--trust', rootOf(scene, 2))).toBe('unknown-signer');
    expect(sees(scene, '2.cose', '--trust', rootOf(scene, 2), ...WITH)).toBe('valid');
    // Without the twin's key no other roots are accepted, before and after.
    steps(evil, ROTATE);
    expectRefusal(evil.cli(['bundle', 'export']), { status: 1, code: 'clients-would-refuse' });
    exports(evil, 'evil.cose', '--repin');
    copyFileSync(join(evil.folder, 'evil.cose'), scene.path('evil.cose'));
    for (const held of ['1.cose', '2.cose']) expect(sees(scene, 'evil.cose', '--last', held)).not.toBe('valid');
  },
  'A root is stolen, its twin is in reserve, and the thief was the first to publish': async () => {
    const scene = newAuthority();
    steps(scene, ['root', 'generate', '--twin', 'file:keys/root-2.age']);
    steps(scene, ['intermediate', 'request', '--key', 'file:keys/intermediate-1.age']);
    steps(scene, ['intermediate', 'issue', 'authority/requests/intermediate-1.pem']);
    exports(scene, '1.cose');
    // As high a number as clients take, and no root in reserve that could be listed.
    const base = new Uint8Array(readFileSync(scene.path('1.cose')));
    const theft = { revokes: [rootOf(scene, 2), intermediateOf(scene, 1)], change: highest };
    writeFileSync(scene.path('thief.cose'), await stealBundle(scene.dir, base, theft));
    expectRefusal(scene.cli(['bundle', 'export', '--last', 'thief.cose']), {
      status: 1,
      code: 'not-newest',
      hint: /ledger receive.*bundle forged/,
    });
    await typeWords(scene, ['bundle', 'forged', 'thief.cose'], 'somebody else signed it');
    await typeWords(scene, [...ROTATE, '--again', 'root-2'], 'the same key once more');
    steps(scene, [...ROTATE, '--reserve']);
    steps(scene, ['intermediate', 'request', '--key', 'file:keys/intermediate-2.age']);
    steps(scene, ['intermediate', 'issue', 'authority/requests/intermediate-2.pem']);
    exports(scene, '2.cose', '--last', 'thief.cose');
    for (const held of ['1.cose', 'thief.cose']) expect(sees(scene, '2.cose', '--last', held)).toBe('valid');
    expect(sees(scene, '2.cose', '--last', '1.cose', '--via', 'thief.cose')).toBe('valid');
    expect(sees(scene, '2.cose', '--trust', rootOf(scene, 3))).toBe('unknown-signer');
    expect(sees(scene, '2.cose', '--trust', rootOf(scene, 3), ...WITH)).toBe('valid');
    expect(sees(scene, 'thief.cose', '--last', '2.cose')).toBe('untrusted');
    const { json } = mustSucceed(scene.json(['bundle', 'verify', '2.cose', '--last', 'thief.cose']));
    expect(json.as_credentials).toEqual([rootOf(scene, 3)]);
    expect(json.as_intermediate_credentials).toEqual([intermediateOf(scene, 2)]);
    const gone = [rootOf(scene, 1), rootOf(scene, 2), intermediateOf(scene, 1)];
    expect(json.revoked_certs).toEqual(expect.arrayContaining(gone));
    expect(json.revoked_certs).toHaveLength(4);
    // And on: the next one follows, and the thief's holders are still among those who must take it.
    exports(scene, '3.cose', '--last', '2.cose');
    for (const held of ['1.cose', 'thief.cose', '2.cose'])
      expect(sees(scene, '3.cose', '--last', held, ...WITH)).toBe('valid');
  },
  'A root is stolen, and no successor was published': () => {
    const scene = authorityWith('bundle');
    steps(scene, ROTATE);
    exports(scene, '2.cose');
    expect(sees(scene, '2.cose', '--last', FIRST)).toBe('valid');
    steps(scene, STOLEN);
    exports(scene, '3.cose');
    for (const held of [FIRST, '2.cose']) expect(sees(scene, '3.cose', '--last', held, ...WITH)).toBe('valid');
    expect(sees(scene, '3.cose', '--trust', rootOf(scene, 2), ...WITH)).toBe('valid');
    // The first to publish wins, unless a commitment stands.
    const plain = authorityWith('bundle');
    const [evil, committed] = [thief(plain), authorityWith('intermediate')];
    steps(evil, ROTATE);
    exports(evil, 'evil.cose');
    expect(sees(evil, 'evil.cose', '--last', FIRST)).toBe('valid');
    exports(committed, '1.cose', '--next-root', 'ab'.repeat(32));
    const other = thief(committed);
    steps(other, ROTATE);
    expectRefusal(other.cli(['bundle', 'export']), {
      status: 1,
      code: 'clients-would-refuse',
      says: 'without a signature by a key that the last bundle committed to',
    });
    exports(other, 'evil.cose', '--repin');
    expect(sees(other, 'evil.cose', '--last', '1.cose')).toBe('untrusted');
  },
  'The key of a root is lost, and its successor was in a bundle already': () => {
    const scene = withSuccessor();
    mustSucceed(scene.cli(['bundle', 'published', '2.cose']));
    rmSync(join(scene.dir, 'keys/root-1.age'));
    expectRefusal(scene.cli(['bundle', 'export']), { status: 3, code: 'file-not-found', says: 'root-1.age' });
    const lost = ['bundle', 'export', '--lost', rootOf(scene, 1)];
    // Holders of bundle 1 trust nobody else: as long as they count, that is refused and said.
    expectRefusal(scene.cli(lost), { status: 1, code: 'clients-would-refuse', says: 'a client that holds bundle 1' });
    exports(scene, '3.cose', '--lost', rootOf(scene, 1), '--repin');
    expect(sees(scene, '3.cose', '--last', '2.cose')).toBe('valid');
    expect(sees(scene, '3.cose', '--last', FIRST)).toBe('untrusted');
    expect(sees(scene, '3.cose', '--last', FIRST, '--via', '2.cose')).toBe('valid');
    expect(sees(scene, '3.cose', '--trust', rootOf(scene, 2))).toBe('valid');
    expect(sees(scene, '3.cose', '--trust', rootOf(scene, 1))).toBe('untrusted');
  },
  'The key of a root is lost, and no successor was published': () => {
    const scene = authorityWith('bundle');
    rmSync(join(scene.dir, 'keys/root-1.age'));
    steps(scene, ROTATE);
    const lost = ['--lost', rootOf(scene, 1)];
    expectRefusal(scene.cli(['bundle', 'export', ...lost]), { status: 1, code: 'clients-would-refuse' });
    exports(scene, '2.cose', ...lost, '--repin');
    expect(sees(scene, '2.cose', '--last', FIRST)).toBe('untrusted');
    expect(sees(scene, '2.cose', '--trust', rootOf(scene, 1))).toBe('untrusted');
    expect(sees(scene, '2.cose', '--trust', rootOf(scene, 2))).toBe('valid');
  },
  'Every key is lost': () => {
    const old = authorityWith('bundle');
    const scene = authorityWith('intermediate');
    rmSync(scene.dir, { recursive: true });
    mustSucceed(scene.cli(['init', 'example.org', 'authority']));
    steps(scene, ROTATE.with(1, 'generate'));
    exports(scene, 'new.cose');
    copyFileSync(join(old.dir, 'bundles/bundle-000001.cose'), scene.path('old.cose'));
    // The same sequence, another history: no holder of the old one goes on by itself.
    expect(sees(scene, 'new.cose', '--last', 'old.cose')).toBe('untrusted');
    expect(sees(scene, 'new.cose', '--trust', rootOf(old, 1))).toBe('untrusted');
    expect(sees(scene, 'new.cose', '--trust', rootOf(scene, 1))).toBe('valid');
  },
  'The disk with the authority is lost, and the keys are not': () => {
    const scene = authorityWith('bundle');
    copyFileSync(join(scene.dir, 'keys/root-1.age'), scene.path('root-1.age'));
    copyFileSync(join(scene.dir, 'bundles/bundle-000001.cose'), scene.path('1.cose'));
    const pin = rootOf(scene, 1);
    rmSync(scene.dir, { recursive: true });
    const key = `file:${scene.folder}/root-1.age`;
    const floor = ['--sequence-floor', '1'];
    steps(scene, [
      'init',
      'example.org',
      'authority',
      '--from-bundle',
      '1.cose',
      '--trust',
      pin,
      ...floor,
      '--key',
      key,
    ]);
    exports(scene, '2.cose');
    expect(sees(scene, '2.cose', '--last', '1.cose')).toBe('valid');
    expect(sees(scene, '2.cose', '--trust', pin)).toBe('valid');
  },
};

describe('when a root is lost or stolen', () => {
  test('every row of the table is run here', () => {
    expect(
      tableBelow(documentAt('docs/rotation-and-loss.md'), '## When a root is lost or stolen').map(([what]) => what),
    ).toEqual(Object.keys(ROWS));
  });

  test.each(Object.entries(ROWS))('%s', async (_what, run) => {
    await run();
  });
});
