/**
 * Twin roots: one kept in reserve, or both listed; and what a thief of the first, or its loss, then means for clients.
 */
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  bundleSignature,
  decodeBundle,
  encodeBundle,
  signatureProtected,
  sigStructure,
} from '../../../src/bundle/bundle.js';
import { encodeBundlePayload, payloadHash } from '../../../src/bundle/payload.js';
import { utf8 } from '../../../src/common/bytes.js';
import { CeremonyError } from '../../../src/common/errors.js';
import {
  type AsCredential,
  decodeAsCredential,
  encodeAsCredentialPayload,
} from '../../../src/credential/as-credential.js';
import { decodeCredentialFile } from '../../../src/credential/credential-file.js';
import { fingerprintOf } from '../../../src/credential/fingerprint-of.js';
import { attachSignature, selfSignatureContent } from '../../../src/credential/self-signed.js';
import { nodeEngine } from '../../../src/crypto/node-engine.js';
import { sign } from '../../../src/crypto/private-key.js';
import { openSoftwareKey } from '../../../src/signer/software-key.js';
import { acceptBundle } from '../../../src/verify/accept-bundle.js';
import { payloadOf } from '../../../src/verify/bundle-trust.js';
import { cli } from '../../support/cli/cli.js';
import { mustSucceed, newAuthority, PASSPHRASE, type Scene } from '../../support/cli/cli-authority.js';
import { expectRefusal } from '../../support/cli/cli-errors.js';
import { addToken, keyUri, newStore, SOFTHSM, softHsmTest } from '../../support/keys/softhsm.js';
import { newKeyPair } from '../../support/keys/software-keys.js';

const bundle = (n: number): string => `authority/bundles/bundle-${String(n).padStart(6, '0')}.cose`;

function verdict(scene: Scene, ...args: string[]): string {
  const { stdout } = cli(['bundle', 'verify', ...args, '--json'], { cwd: scene.folder });
  return (JSON.parse(stdout) as { code?: string }).code ?? 'valid';
}

function payloadIn(scene: Scene, n: number) {
  const decoded = decodeBundle(new Uint8Array(readFileSync(scene.path(bundle(n)))));
  return { payload: payloadOf(decoded), payloadBytes: decoded.payloadBytes, encoded: decoded.encoded };
}

const prints = (roots: readonly AsCredential[]): string[] =>
  roots.map((root) => Buffer.from(fingerprintOf(root)).toString('hex'));

interface Twins {
  readonly scene: Scene;
  readonly first: string;
  readonly twin: string;
  readonly commitment: string;
}

/** Two roots, an intermediate under the first (or the newest listed), and bundle 1. */
function twins(generate: readonly string[], ...exported: string[]): Twins {
  const scene = newAuthority();
  const { json } = mustSucceed(scene.json(['root', 'generate', '--twin', 'file:keys/root-2.age', ...generate]));
  const twin = json.twin as { fingerprint: string; commitment: string };
  mustSucceed(scene.cli(['intermediate', 'request', '--key', 'file:keys/intermediate-1.age']));
  mustSucceed(scene.cli(['intermediate', 'issue', 'authority/requests/intermediate-1.pem']));
  mustSucceed(scene.cli(['bundle', 'export', ...exported]));
  return { scene, first: String(json.fingerprint), twin: twin.fingerprint, commitment: twin.commitment };
}

/** What a thief of root-1 makes of bundle N: the same with a root of his own beside it, or in its place. */
async function forged(scene: Scene, n: number, { keepsFirst }: { keepsFirst: boolean }): Promise<Uint8Array> {
  const { payload, payloadBytes } = payloadIn(scene, n);
  const stolen = decodeCredentialFile(new Uint8Array(readFileSync(join(scene.dir, 'credentials/root-1.pem'))), [
    'as_credential',
  ]);
  const { ciphersuite } = stolen.payload;
  const { scheme } = ciphersuite;
  const own = newKeyPair(scheme);
  const rootBytes = encodeAsCredentialPayload({ ...stolen.payload, publicKey: own.publicKey });
  const thief = decodeAsCredential(
    attachSignature(rootBytes, sign(scheme, own.privateKey, selfSignatureContent('AsCredential', rootBytes))),
  );
  const issuedAt = payload.issuedAt + 1;
  const bytes = encodeBundlePayload({
    ...payload,
    sequence: n + 1,
    previous: payloadHash(payloadBytes),
    issuedAt,
    asCredentials: keepsFirst ? [...payload.asCredentials, thief] : [thief],
    asIntermediateCredentials: keepsFirst ? payload.asIntermediateCredentials : [],
    threshold: 1,
  });
  const signer = await openSoftwareKey({
    uri: 'file:keys/root-1.age',
    ageFile: new Uint8Array(readFileSync(join(scene.dir, 'keys/root-1.age'))),
    passphrase: utf8(PASSPHRASE),
  });
  const content = (root: AsCredential): Uint8Array =>
    sigStructure(signatureProtected(fingerprintOf(root), scheme), bytes);
  try {
    return encodeBundle(bytes, [
      bundleSignature(fingerprintOf(stolen), scheme, await signer.sign(content(stolen))),
      bundleSignature(fingerprintOf(thief), scheme, sign(scheme, own.privateKey, content(thief))),
    ]);
  } finally {
    await signer.close();
  }
}

/** `valid`, or why a client that holds bundle N refuses it. */
function takenBy(scene: Scene, n: number, forgery: Uint8Array): string {
  const { encoded, payload } = payloadIn(scene, n);
  const known = [
    decodeCredentialFile(new Uint8Array(readFileSync(join(scene.dir, 'credentials/root-1.pem'))), ['as_credential']),
  ];
  try {
    acceptBundle({
      bundle: forgery,
      held: { last: encoded },
      known,
      atSeconds: payload.issuedAt + 9,
      engines: [nodeEngine],
    });
    return 'valid';
  } catch (error) {
    return (error as CeremonyError).code;
  }
}

describe('a twin in reserve', () => {
  test('is committed to and not listed, issues nothing, and steps in when the first is stolen', async () => {
    const { scene, first, twin, commitment } = twins([]);
    const one = payloadIn(scene, 1).payload;
    expect(prints(one.asCredentials)).toEqual([first]);
    expect(one.nextRoots.map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual([commitment]);
    const status = mustSucceed(scene.json(['status'])).json.credentials as { fingerprint: string }[];
    expect(status.find(({ fingerprint }) => fingerprint === twin)).toMatchObject({ reserve: true, published: false });
    const inspected = mustSucceed(scene.json(['inspect', 'authority/credentials/intermediate-1.pem'])).json;
    expect(inspected.signer_fingerprint).toBe(first);
    expectRefusal(scene.cli(['root', 'generate']), { status: 1, code: 'root-exists' });

    // The thief has the first one's key.
    for (const keepsFirst of [true, false])
      expect(takenBy(scene, 1, await forged(scene, 1, { keepsFirst }))).toBe('untrusted');

    const revoked = mustSucceed(scene.cli(['revoke', 'root-1', '--reason', 'key-compromise']));
    expect(revoked.stderr).toContain('credentials/root-2.pem, in reserve until now, will be listed by the next bundle');
    expect(revoked.stderr).not.toContain('It is the last usable root');
    // A new one in reserve first, so that the same bundle commits to it.
    const reserve = mustSucceed(scene.json(['root', 'rotate', '--reserve'])).json;
    expect(reserve).toMatchObject({ ok: true, reserve: true });
    const exported = mustSucceed(scene.json(['bundle', 'export'])).json;
    expect([...(exported.signers as string[])].sort()).toEqual([first, twin].sort());
    const two = payloadIn(scene, 2).payload;
    expect(prints(two.asCredentials)).toEqual([twin]);
    expect(two.nextRoots.map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual([reserve.commitment]);
    expect(verdict(scene, bundle(2), '--last', bundle(1))).toBe('valid');
    expect(verdict(scene, bundle(2), '--trust', twin, '--domain', 'example.org', '--threshold', '1')).not.toBe(
      'untrusted',
    );
    // The stolen one is of no use to anybody who has that bundle.
    expect(takenBy(scene, 2, await forged(scene, 1, { keepsFirst: true }))).not.toBe('valid');
    // The twin issues from now on.
    mustSucceed(scene.cli(['intermediate', 'request', '--key', 'file:keys/intermediate-2.age']));
    const { json } = mustSucceed(scene.json(['intermediate', 'issue', 'authority/requests/intermediate-2.pem']));
    const issued = mustSucceed(scene.json(['inspect', String(json.file)])).json;
    expect(issued.signer_fingerprint).toBe(twin);
  });

  test('without one, the thief changes the roots', async () => {
    const scene = newAuthority();
    mustSucceed(scene.cli(['root', 'generate']));
    mustSucceed(scene.cli(['bundle', 'export']));
    expect(takenBy(scene, 1, await forged(scene, 1, { keepsFirst: true }))).toBe('valid');
  });

  test('does not help if the first is lost: nobody whom clients trust is left', () => {
    const { scene } = twins([]);
    expectRefusal(scene.cli(['bundle', 'export', '--lost', 'root-1']), { status: 1, code: 'clients-would-refuse' });
    mustSucceed(scene.cli(['bundle', 'export', '--lost', 'root-1', '--repin']));
    expect(verdict(scene, bundle(2), '--trust', 'authority/credentials/root-2.pem')).toBe('valid');
    expect(verdict(scene, bundle(2), '--last', bundle(1))).toBe('untrusted');
  });

  test('after it is used and no other is made, the next bundle says what is missing', () => {
    const { scene } = twins([]);
    mustSucceed(scene.cli(['bundle', 'export', '--list', 'root-2']));
    const { stderr } = mustSucceed(scene.cli(['bundle', 'export']));
    expect(stderr).toContain('Every key that is committed to is one of a root in use');
    expect(stderr).toContain('root rotate --reserve');
    // A second one in reserve is committed to where the committed one signs.
    mustSucceed(scene.cli(['root', 'rotate', '--reserve']));
    const again = mustSucceed(scene.cli(['bundle', 'export']));
    expect(again.stderr).toContain('in reserve, not listed');
    expect(again.stderr).not.toContain('Every key that is committed to');
    expect(verdict(scene, bundle(4), '--last', bundle(1))).toBe('valid');
  });

  test('a second one cannot be committed to while the first in reserve does not sign, and that is said', () => {
    const { scene } = twins([]);
    mustSucceed(scene.cli(['root', 'rotate', '--reserve']));
    const { stderr } = mustSucceed(scene.cli(['bundle', 'export']));
    expect(stderr).toContain('credentials/root-3.pem is in reserve, and this bundle does not commit to it');
    expect(payloadIn(scene, 2).payload.nextRoots).toHaveLength(1);
    expectRefusal(scene.cli(['bundle', 'export', '--next-root', 'root-2', '--next-root', 'root-3']), {
      status: 1,
      code: 'clients-would-refuse',
    });
  });

  test('revoked, it is committed to still: that is said, and another one is committed to with its last signature', () => {
    const { scene } = twins([]);
    mustSucceed(scene.cli(['revoke', 'root-2', '--reason', 'key-compromise']));
    mustSucceed(scene.cli(['root', 'rotate', '--reserve']));
    const { stderr } = mustSucceed(scene.cli(['bundle', 'export']));
    expect(stderr).toContain('This bundle commits to the key of credentials/root-2.pem, which is revoked');
    const again = mustSucceed(scene.cli(['bundle', 'export', '--next-root', 'root-3']));
    expect(again.stderr).not.toContain('which is revoked: whoever');
    // Nobody has its file by a bundle: it never was in one.
    expect(again.stderr).toMatch(/\(unknown-signer\):[^.]*\.pem[^.]*; a client that holds bundle 2/);
    const file = ['--with', 'authority/credentials/root-2.pem'];
    expect(verdict(scene, bundle(3), '--last', bundle(2))).toBe('unknown-signer');
    expect(verdict(scene, bundle(3), '--last', bundle(2), ...file)).toBe('valid');
  });

  test('a record that is about no root, or about another, is damage', () => {
    const { scene } = twins([]);
    const credentials = join(scene.dir, 'credentials');
    renameSync(join(credentials, 'root-2.reserve.json'), join(credentials, 'root-1.reserve.json'));
    expectRefusal(scene.cli(['status']), { status: 3, code: 'authority-damaged', says: 'root-1.reserve.json' });
    rmSync(join(credentials, 'root-1.reserve.json'));
    expectRefusal(scene.cli(['status']), { status: 3, code: 'authority-damaged', says: 'root-2.reserve.json' });
  });
});

describe('twins that are both listed', () => {
  test('threshold 1: either goes on alone, and a commitment to one of them keeps a thief of the other out', async () => {
    const { scene, first, twin } = twins(['--twin-listed'], '--next-root', 'root-2');
    expect(prints(payloadIn(scene, 1).payload.asCredentials).sort()).toEqual([first, twin].sort());
    expect(takenBy(scene, 1, await forged(scene, 1, { keepsFirst: false }))).toBe('untrusted');
    mustSucceed(scene.cli(['bundle', 'export', '--lost', 'root-1']));
    expect(verdict(scene, bundle(2), '--last', bundle(1))).toBe('valid');
  });

  test('2 of 2: a thief of one gets nowhere, and with one lost clients pin again', async () => {
    const { scene } = twins(['--twin-listed'], '--threshold', '2');
    expect(takenBy(scene, 1, await forged(scene, 1, { keepsFirst: true }))).toBe('untrusted');
    const { stderr } = scene.cli(['bundle', 'export', '--lost', 'root-1']);
    expect(stderr).toContain('2 trusted signatures are needed, and 1 count');
    mustSucceed(scene.cli(['bundle', 'export', '--lost', 'root-1', '--repin']));
    expect(verdict(scene, bundle(2), '--last', bundle(1))).toBe('untrusted');
    expect(verdict(scene, bundle(2), '--trust', 'authority/credentials/root-2.pem')).toBe('valid');
  });

  test('2 of 2, one revoked: both sign, and the other stands alone', () => {
    const { scene } = twins(['--twin-listed'], '--threshold', '2');
    mustSucceed(scene.cli(['revoke', 'root-1', '--reason', 'key-compromise']));
    const { signers } = mustSucceed(scene.json(['bundle', 'export'])).json;
    expect(signers).toHaveLength(2);
    expect(verdict(scene, bundle(2), '--last', bundle(1))).toBe('valid');
  });
});

test('wrong options make nothing', () => {
  const scene = newAuthority();
  const generate = (...args: string[]) => scene.cli(['root', 'generate', ...args]);
  expectRefusal(generate('--twin-listed'), { status: 2, code: 'usage' });
  expectRefusal(generate('--twin', 'file:keys/root-1.age'), { status: 2, code: 'usage', says: 'root-1' });
  expectRefusal(generate('--twin', 'nowhere'), { status: 2, code: 'usage' });
  expectRefusal(generate('--twin', 'pkcs11:token=nowhere;object=root-2?module-path=/nowhere.so'), {
    status: 3,
    code: 'hsm-module',
  });
  expectRefusal(scene.cli(['root', 'rotate', '--reserve']), { status: 1, code: 'no-predecessor' });
  mustSucceed(generate());
});

softHsmTest('twins in two tokens, signing in stages', () => {
  const store = newStore('Site A');
  addToken('Site B');
  const scene = newAuthority();
  const pins = ['--pin-file', store.pinFile];
  const [a, b] = [keyUri('root', SOFTHSM, 'Site A'), keyUri('root', SOFTHSM, 'Site B')];
  const pinned = [a, b].flatMap((uri) => ['--pin-file', `${uri}=${store.pinFile}`]);
  const run = (args: readonly string[]) => mustSucceed(scene.json([...args], { env: store.env })).json;
  expectRefusal(scene.cli(['root', 'generate', '--key', a, '--twin', a, ...pins], { env: store.env }), {
    status: 2,
    code: 'usage',
  });
  const made = run(['root', 'generate', '--key', a, '--twin', b, '--twin-listed', ...pinned]);
  expect(made).toMatchObject({ ok: true, twin: { file: join(scene.dir, 'credentials/root-2.pem') } });
  run(['bundle', 'prepare', '--out', '1.prepared', '--threshold', '2']);
  const one = run(['bundle', 'sign', '1.prepared', '--root', 'root-1', '--pin-file', store.pinFile]);
  const two = run(['bundle', 'sign', '1.prepared', '--root', 'root-2', '--pin-file', store.pinFile]);
  run(['bundle', 'assemble', '1.prepared', String(one.file), String(two.file), '--out', '1.cose']);
  expect(verdict(scene, '1.cose', '--trust', 'authority/credentials/root-2.pem')).toBe('valid');
});
