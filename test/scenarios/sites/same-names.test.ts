/**
 * Two sites that work between two exchanges: things of one name, one thing under two names, one key under two roots.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { decodeBundle, encodeBundle } from '../../../src/bundle/bundle.js';
import { toHex } from '../../../src/common/bytes.js';
import { fingerprintOf } from '../../../src/credential/fingerprint-of.js';
import { cli, cliJson, type Ended } from '../../support/cli/cli.js';
import { mustSucceed, newAuthority, type Scene } from '../../support/cli/cli-authority.js';
import { expectRefusal } from '../../support/cli/cli-errors.js';
import { typeWords } from '../../support/cli/cli-terminal.js';
import { headOf, plant, requestBy, rootIn, siteWith } from '../../support/cli/courier.js';
import { newKeyPair } from '../../support/keys/software-keys.js';

const FIRST = 'credentials/intermediate-1.pem';
const SECOND = 'credentials/intermediate-2.pem';
const DAY = 86_400;
const now = Math.floor(Date.now() / 1000);
const read = (dir: string, file: string): Uint8Array => new Uint8Array(readFileSync(join(dir, file)));

interface Sites {
  readonly scene: Scene;
  readonly a: string;
  readonly b: string;
  readonly at: (dir: string, ...args: string[]) => Ended;
  /** `to` takes over what `from` has, with its head as if from paper. */
  readonly receive: (to: string, from: string, ...more: string[]) => Ended;
}

/** Two roots that are listed, and one bundle: at A is the key of the first, at B those of both. */
function sites(): Sites {
  const scene = newAuthority();
  mustSucceed(scene.cli(['root', 'generate', '--twin', 'file:keys/root-2.age', '--twin-listed']));
  mustSucceed(scene.cli(['bundle', 'export']));
  const a = siteWith(scene, 'a', ['root-1.age']);
  const b = siteWith(scene, 'b', ['root-1.age', 'root-2.age']);
  const at = (dir: string, ...args: string[]): Ended =>
    cli(['-C', dir, ...args, '--yes', '--passphrase-file', scene.passphraseFile], { cwd: scene.folder });
  const receive = (to: string, from: string, ...more: string[]): Ended =>
    at(to, 'ledger', 'receive', from, '--their-head', headOf(from), ...more);
  return { scene, a, b, at, receive };
}

function credentialsOf(dir: string): unknown {
  const { credentials } = mustSucceed(cliJson(['-C', dir, 'status'])).json as {
    readonly credentials: readonly { readonly fingerprint: string }[];
  };
  return credentials.map(({ fingerprint }) => fingerprint).sort();
}

test('an intermediate and a root in reserve of one name at each: both have both, and the record holds', () => {
  const { a, b, at, receive } = sites();
  for (const [dir, signer] of [
    [a, 'root-1'],
    [b, 'root-2'],
  ] as const) {
    mustSucceed(at(dir, 'intermediate', 'request', '--key', 'file:keys/intermediate-1.age', '--signer', signer));
    mustSucceed(at(dir, 'intermediate', 'issue', join(dir, 'requests/intermediate-1.pem')));
    mustSucceed(at(dir, 'root', 'rotate', '--reserve', '--key', 'file:keys/root-3.age'));
  }
  const reserve = (dir: string): string => toHex(fingerprintOf(rootIn(dir, 'root-3.pem')));
  const [theirs, ours] = [reserve(b), reserve(a)];
  mustSucceed(receive(a, b, '--trust', theirs));
  mustSucceed(receive(b, a, '--trust', ours));
  expect(read(a, SECOND)).toEqual(read(b, FIRST));
  expect(read(b, SECOND)).toEqual(read(a, FIRST));
  expect(read(a, 'credentials/root-4.reserve.json')).toEqual(read(b, 'credentials/root-3.reserve.json'));
  expect(credentialsOf(a)).toEqual(credentialsOf(b));
  for (const [to, from] of [
    [a, b],
    [b, a],
  ] as const) {
    expectRefusal(receive(to, from), { status: 1, code: 'nothing-new' });
    mustSucceed(at(to, 'ledger', 'verify'));
  }
  mustSucceed(at(b, 'bundle', 'prepare', '--out', join(b, '../p')));
  mustSucceed(at(a, 'bundle', 'sign', join(a, '../p'), '--root', 'root-1', '--out', join(a, '../s')));
});

test('one request that both answered is one credential, whatever its number', () => {
  const { scene, a, b, at, receive } = sites();
  const root = rootIn(a);
  writeFileSync(scene.path('r.pem'), requestBy(root, newKeyPair(root.payload.ciphersuite.scheme), now + 60 * DAY));
  mustSucceed(at(b, 'intermediate', 'request', '--key', 'file:keys/intermediate-1.age'));
  mustSucceed(at(b, 'intermediate', 'issue', join(b, 'requests/intermediate-1.pem')));
  for (const dir of [a, b]) mustSucceed(at(dir, 'intermediate', 'issue', 'r.pem'));
  mustSucceed(receive(a, b));
  expect(credentialsOf(a)).toEqual(credentialsOf(b));
  expect(existsSync(join(a, 'credentials/intermediate-3.pem'))).toBe(false);
});

test('one bundle with other signatures is that bundle, and either of the two was published', async () => {
  const { scene, a, b, at, receive } = sites();
  mustSucceed(at(b, 'bundle', 'export'));
  const bundle = read(b, 'bundles/bundle-000002.cose');
  const { payloadBytes, signatures } = decodeBundle(bundle);
  expect(signatures).toHaveLength(2);
  const stripped = encodeBundle(payloadBytes, signatures.slice(0, 1));
  writeFileSync(scene.path('stripped.cose'), stripped);
  await plant(a, { 'bundles/bundle-000002.cose': stripped });
  expectRefusal(receive(a, b), { status: 1, code: 'nothing-new' });
  expectRefusal(receive(b, a), { status: 1, code: 'nothing-new' });
  mustSucceed(at(b, 'bundle', 'published', 'stripped.cose'));
  const unsigned = encodeBundle(
    payloadBytes,
    signatures.map((one) => ({ ...one, signature: new Uint8Array(64) })),
  );
  writeFileSync(scene.path('unsigned.cose'), unsigned);
  expectRefusal(at(a, 'bundle', 'published', 'unsigned.cose'), { status: 1, code: 'bad-signature' });
});

test('a compromised key comes back under no other root, whichever site received first', () => {
  const { scene, a, b, at, receive } = sites();
  const pair = newKeyPair(rootIn(a).payload.ciphersuite.scheme);
  for (const [dir, name] of [
    [a, 'root-1'],
    [b, 'root-2'],
  ] as const) {
    writeFileSync(scene.path(`${name}.pem`), requestBy(rootIn(dir, `${name}.pem`), pair, now + 60 * DAY));
    mustSucceed(at(dir, 'intermediate', 'issue', `${name}.pem`));
  }
  mustSucceed(at(a, 'revoke', FIRST, '--reason', 'key-compromise'));
  const differ = { status: 1, code: 'sites-differ', says: 'has the key of' } as const;
  expectRefusal(receive(a, b), { ...differ, hint: 'at the other site' });
  expectRefusal(receive(b, a), { ...differ, hint: / here,.*revoke [0-9a-f]{64} --reason key-compromise/s });
  mustSucceed(at(b, 'revoke', FIRST, '--reason', 'key-compromise'));
  mustSucceed(receive(b, a));
  mustSucceed(receive(a, b));
  expect(credentialsOf(a)).toEqual(credentialsOf(b));
});

test('one bundle that one site published and the other withdrew stops no exchange, but takes words', async () => {
  const { scene, a, b, at, receive } = sites();
  mustSucceed(at(a, 'bundle', 'published', join(a, 'bundles/bundle-000001.cose')));
  mustSucceed(at(b, 'bundle', 'withdraw', join(b, 'bundles/bundle-000001.cose')));
  mustSucceed(at(b, 'intermediate', 'request', '--key', 'file:keys/intermediate-1.age', '--signer', 'root-2'));
  mustSucceed(at(b, 'intermediate', 'issue', join(b, 'requests/intermediate-1.pem')));
  const asked = receive(a, b);
  expectRefusal(asked, { status: 2, code: 'usage', says: 'type: one bundle has two records)' });
  expect(asked.stderr).toMatch(/bundle-000001\.cose is on record here as published, and there as withdrawn/);
  const said = ['ledger', 'receive', b, '--their-head', headOf(b)];
  await typeWords({ ...scene, dir: a }, said, 'one bundle has two records');
  expect(read(a, FIRST)).toEqual(read(b, FIRST));
  expectRefusal(receive(a, b), { status: 1, code: 'nothing-new' });
});

test('a site that was rebuilt from a bundle takes over what came before it, though numbers were passed over', () => {
  const { scene, a, b, at, receive } = sites();
  mustSucceed(at(b, 'bundle', 'prepare', '--sequence', '4', '--out', 'p'));
  for (const root of ['root-1', 'root-2']) mustSucceed(at(b, 'bundle', 'sign', 'p', '--root', root, '--out', root));
  mustSucceed(at(b, 'bundle', 'assemble', 'p', 'root-1', 'root-2'));
  const trust = ['root-1.pem', 'root-2.pem'].flatMap((root) => ['--trust', join(a, 'credentials', root)]);
  const from = ['--from-bundle', join(b, 'bundles/bundle-000004.cose'), '--sequence-floor', '4', '--threshold', '2'];
  const rebuilt = scene.path('rebuilt');
  mustSucceed(cli(['init', 'example.org', rebuilt, ...from, ...trust, '--yes'], { cwd: scene.folder }));
  mustSucceed(receive(rebuilt, b));
  expect(read(rebuilt, 'bundles/bundle-000001.cose')).toEqual(read(b, 'bundles/bundle-000001.cose'));
});
