/**
 * Requests come from other machines: whatever one holds, it is refused before the root's key is opened, or it is right.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { decodeAsCredential } from '../../../src/credential/as-credential.js';
import { encodeCredentialFile } from '../../../src/credential/credential-file.js';
import { fingerprintOf } from '../../../src/credential/fingerprint-of.js';
import {
  decodeIntermediateAsCredentialRequest,
  encodeIntermediateAsCredentialPayload,
} from '../../../src/credential/intermediate-as-credential.js';
import { attachSignature, selfSignatureContent } from '../../../src/credential/self-signed.js';
import { parseCiphersuite } from '../../../src/crypto/ciphersuite.js';
import { sign } from '../../../src/crypto/private-key.js';
import { cliJson, type Ended } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newAuthority, readTree } from '../../support/cli/cli-authority.js';
import { errorOf, expectJsonRefusal, expectRefusal, type Refusal } from '../../support/cli/cli-errors.js';
import { newKeyPair } from '../../support/keys/software-keys.js';

const DAY = 86_400;
const scene = authorityWith('intermediate');
const now = Math.floor(Date.now() / 1000);
const rootFile = join(scene.dir, 'credentials/root-1.pem');
const root = decodeAsCredential(
  new Uint8Array(Buffer.from(readFileSync(rootFile, 'utf8').replace(/-----.*-----/g, ''), 'base64')),
);
const { notBefore: rootBegins, notAfter: rootEnds } = root.payload.expirationData;

interface Forged {
  readonly suite?: string;
  readonly notBefore?: number;
  readonly notAfter?: number;
  readonly signer?: Uint8Array;
  /** Of the self signature. */
  readonly damage?: boolean;
}

/** A request as another program could make it. */
function forge({ suite = 'ed25519-sha256', notBefore = now, notAfter, signer, damage }: Forged): string {
  const ciphersuite = parseCiphersuite(suite);
  if (ciphersuite === undefined) throw new Error(suite);
  const { privateKey, publicKey } = newKeyPair(ciphersuite.scheme);
  const payload = encodeIntermediateAsCredentialPayload({
    expirationData: { notBefore, notAfter: notAfter ?? notBefore + 30 * DAY },
    ciphersuite,
    publicKey,
    signerFingerprint: signer ?? fingerprintOf(root),
  });
  const signature = sign(ciphersuite.scheme, privateKey, selfSignatureContent('IntermediateAsCredential', payload));
  if (damage === true) signature[10] = (signature[10] ?? 0) ^ 1;
  const request = decodeIntermediateAsCredentialRequest(attachSignature(payload, signature));
  const file = scene.path(`request-${randomBytes(4).toString('hex')}.pem`);
  writeFileSync(file, encodeCredentialFile(request));
  return file;
}

/** Refused by check and by issue, in text and in JSON, with no key opened and nothing changed. */
function expectRefusedEverywhere(file: string, refusal: Refusal, where = scene): Ended {
  const before = readTree(where.dir);
  // This passphrase file would be an error of its own, were it read.
  const unread = ['--passphrase-file', 'root-1=/nowhere'];
  expectRefusal(where.cli(['request', 'check', file]), refusal);
  const issued = where.cli(['intermediate', 'issue', file, ...unread]);
  expectRefusal(issued, refusal);
  expectJsonRefusal(where.json(['intermediate', 'issue', file, ...unread]), refusal);
  expect(readTree(where.dir)).toEqual(before);
  return issued;
}

test('the forger makes good requests: check and issue take one', () => {
  const file = forge({});
  mustSucceed(scene.cli(['request', 'check', file]));
  const issued = mustSucceed(scene.json(['intermediate', 'issue', file])).json;
  mustSucceed(cliJson(['verify', String(issued.file), '--trust', rootFile]));
  const { fingerprint } = issued;
  const again = expectRefusedEverywhere(file, { status: 1, code: 'policy', says: 'issued already' });
  expect(errorOf(again).error).toContain(String(fingerprint));
});

test('issued already: the refusal names the credential, its file and its fingerprint', () => {
  const issued = cliJson(['fingerprint', join(scene.dir, 'credentials/intermediate-1.pem')]).json;
  const [{ fingerprint } = { fingerprint: '' }] = issued.credentials as readonly { fingerprint: string }[];
  const ended = expectRefusedEverywhere(join(scene.dir, 'requests/intermediate-1.pem'), {
    status: 1,
    code: 'policy',
    says: 'credentials/intermediate-1.pem',
    hint: 'new',
  });
  expect(errorOf(ended).error).toContain(fingerprint);
});

const REFUSALS: readonly [string, Forged, Refusal][] = [
  ['a broken proof of possession', { damage: true }, { status: 1, code: 'bad-self-signature' }],
  [
    'an unknown root',
    { signer: new Uint8Array(32).fill(7) },
    { status: 1, code: 'unknown-signer', says: '0707', hint: '--dir' },
  ],
  [
    'a validity beyond the root: the largest that nests is named',
    { notBefore: rootEnds - 10 * DAY, notAfter: rootEnds + 1 },
    { status: 1, code: 'validity-not-nested', hint: new Date(rootEnds * 1000).toISOString().slice(0, 19) },
  ],
  [
    'a validity from before the root',
    { notBefore: rootBegins - 1 },
    { status: 1, code: 'validity-not-nested', hint: new Date(rootBegins * 1000).toISOString().slice(0, 19) },
  ],
  [
    'a validity from far back',
    { notBefore: now - 40 * DAY },
    { status: 1, code: 'validity-not-nested', says: 'request-age' },
  ],
  [
    'what has expired',
    { notBefore: now - 2 * DAY, notAfter: now - DAY },
    { status: 1, code: 'validity-not-nested', says: 'not-over' },
  ],
  [
    'a lifetime beyond the maximum',
    { notAfter: now + 800 * DAY },
    { status: 1, code: 'policy', says: 'maxima.intermediate', hint: 'latest end' },
  ],
  [
    'a ciphersuite whose hash is too weak',
    { suite: 'p521-sha256' },
    { status: 1, code: 'policy', says: 'hash-strength' },
  ],
  ['another hash', { suite: 'ed25519-sha512' }, { status: 1, code: 'policy', says: 'ed25519-sha512' }],
];

test.each(REFUSALS)('%s', (_name, forged, refusal) => {
  expectRefusedEverywhere(forge(forged), refusal);
});

test('several faults are listed all at once, one of the wire format first', () => {
  const file = forge({ suite: 'p384-sha256', notBefore: now - 400 * DAY, notAfter: rootEnds + 1, damage: true });
  const { json } = scene.json(['request', 'check', file]);
  const findings = json.findings as readonly { rule: string; code: string; message: string }[];
  expect(findings.map(({ rule }) => rule).sort()).toEqual(
    [
      'ciphersuite-allowed',
      'hash-strength',
      'lifetime-limit',
      'proof-of-possession',
      'request-age',
      'validity-nesting',
    ].sort(),
  );
  const codes = findings.map(({ code }) => code);
  expect(codes.indexOf('policy')).toBe(2);
  expect(json.code).toBe(codes[0]);
  const text = scene.cli(['request', 'check', file]).stderr;
  for (const { rule } of findings) expect(text).toContain(`  - ${rule}`);
});

describe('a key that has a credential already', () => {
  test('of this authority', () => {
    const key = ['--key', 'file:keys/intermediate-1.age'];
    const ended = scene.cli(['intermediate', 'request', ...key]);
    expectRefusal(ended, { status: 1, code: 'policy', says: 'credentials/intermediate-1.pem', hint: 'new key' });
  });
});

describe('the root that a request names', () => {
  test('has expired: said by check and by issue', () => {
    const made = Math.floor(Date.now() / 1000);
    const begins = new Date((made - 5 * 60) * 1000).toISOString();
    const short = newAuthority();
    mustSucceed(short.cli(['root', 'generate', '--not-before', begins, '--not-after', String(made + 8)]));
    const key = ['--key', 'file:keys/intermediate-1.age', '--not-after', String(made + 7)];
    const request = short.json(['intermediate', 'request', ...key]).json;
    while (Date.now() / 1000 < made + 10) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    expectRefusedEverywhere(String(request.file), { status: 1, code: 'expired', says: 'signer-usable' }, short);
  });

  test('is of another authority', () => {
    const other = authorityWith('request');
    const file = join(other.dir, 'requests/intermediate-1.pem');
    // The same template made both, so the root is the same; another one is not.
    const stranger = newAuthority('example.net');
    mustSucceed(stranger.cli(['root', 'generate']));
    expectRefusedEverywhere(file, { status: 1, code: 'unknown-signer' }, stranger);
  });
});

test('a wrong root given to verify: unknown-signer, untrusted', () => {
  const stranger = newAuthority();
  mustSucceed(stranger.cli(['root', 'generate']));
  const file = join(scene.dir, 'credentials/intermediate-1.pem');
  const strangerRoot = join(stranger.dir, 'credentials/root-1.pem');
  expect(cliJson(['verify', file, '--trust', strangerRoot])).toMatchObject({
    status: 1,
    json: { code: 'unknown-signer' },
  });
  const both = cliJson(['verify', file, '--trust', strangerRoot, '--with', rootFile]);
  expect(both).toMatchObject({ status: 1, json: { ok: false, code: 'untrusted' } });
});
