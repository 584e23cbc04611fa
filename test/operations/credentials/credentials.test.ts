/** Roots, requests and intermediates on a real authority folder, with real software keys. */
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openAuthority } from '../../../src/authority/authority.js';
import { toHex, utf8 } from '../../../src/common/bytes.js';
import { refused } from '../../../src/common/errors.js';
import { parseDuration, validityOf } from '../../../src/common/time.js';
import { decodeAsCredential } from '../../../src/credential/as-credential.js';
import { checkNesting, checkSelfSignature, checkSignature } from '../../../src/credential/checks.js';
import { decodeCredentialFile } from '../../../src/credential/credential-file.js';
import { fingerprintOf } from '../../../src/credential/fingerprint-of.js';
import { decodeIntermediateAsCredentialRequest } from '../../../src/credential/intermediate-as-credential.js';
import { selfSignatureContent, signatureContent } from '../../../src/credential/self-signed.js';
import type { VerificationEngine } from '../../../src/crypto/engine.js';
import { hash } from '../../../src/crypto/hash.js';
import { nobleEngine } from '../../../src/crypto/noble-engine.js';
import { nodeEngine } from '../../../src/crypto/node-engine.js';
import { generateRoot } from '../../../src/operations/credentials/generate-root.js';
import { checkRequest, issueIntermediate } from '../../../src/operations/credentials/issue-intermediate.js';
import { requestIntermediate } from '../../../src/operations/credentials/request-intermediate.js';
import { makeRequest, makeRoot, suite } from '../../policy/support.js';
import { AT, Bench, DAY, type DeskChange, DOMAIN, rulesOf } from '../support.js';

const ENGINES = [nobleEngine, nodeEngine];
const sha256 = (bytes: Uint8Array): string => toHex(hash('sha256', bytes));

/** An engine that begins to lie at its `from`th verdict (from 0). */
function liar(from: number): { readonly engine: VerificationEngine; readonly calls: () => number } {
  let calls = 0;
  return {
    calls: () => calls,
    engine: { name: 'liar', verify: (...what) => nobleEngine.verify(...what) !== calls++ >= from },
  };
}

/** Runs an action with an engine that lies from each of its verdicts on, until it lies too late to matter. */
async function withLiars(bench: Bench, action: (change: DeskChange) => Promise<unknown>): Promise<number> {
  for (let from = 0; ; from++) {
    const { engine, calls } = liar(from);
    let refusal: string;
    try {
      refusal = (await bench.refusal(() => action({ engines: [...ENGINES, engine] }))).code;
    } catch (error) {
      expect(String(error)).toContain('nothing was refused');
      expect(calls()).toBe(from);
      return from;
    }
    expect([from, refusal]).toEqual([from, 'engines-disagree']);
  }
}

describe('generate-root', () => {
  test.each(['ed25519-sha256', 'ed448-sha512', 'p256-sha256', 'p384-sha384', 'p521-sha512'])('%s', async (name) => {
    const bench = new Bench();
    const before = Object.keys(bench.snapshot());
    const { credential, file, transcript } = await bench.root({}, name);
    checkSelfSignature(credential, ENGINES);
    const notBefore = AT - 900;
    expect(credential.payload).toMatchObject({
      asDomain: DOMAIN,
      ciphersuite: suite(name),
      expirationData: { notBefore, notAfter: validityOf(notBefore, parseDuration('P10Y')) },
    });
    const after = bench.snapshot();
    expect(Object.keys(after).filter((one) => !before.includes(one))).toEqual(
      [file, 'keys/root-1.age', 'keys/root-1.json', transcript].sort(),
    );
    expect(after['keys/root-1.age']).toMatch(/^600 /);
    expect(decodeCredentialFile(readFileSync(join(bench.dir, file)), ['as_credential'])).toEqual(credential);
    const held = await openAuthority(bench.dir);
    expect(held.roots.map(({ fingerprint }) => fingerprint)).toEqual([toHex(fingerprintOf(credential))]);
    expect(held.keyRecordFor(credential.payload.publicKey)?.uri).toBe('file:keys/root-1.age');

    // What the transcript says was signed is the content over the bytes in the file, and these were confirmed first.
    const content = selfSignatureContent('AsCredential', credential.payloadBytes);
    const signed = (await bench.events()).filter(({ event }) => event === 'sign');
    expect(signed).toMatchObject([
      { signed_sha256: sha256(content), public_key_sha256: sha256(credential.payload.publicKey) },
    ]);
    expect(bench.asked.log).toEqual(['confirm', 'passphrase new file:keys/root-1.age']);
    expect(bench.asked.passphrases.every((one) => one.every((byte) => byte === 0))).toBe(true);
  });

  test.each(['ed25519-sha256', 'ed448-sha512', 'p256-sha256'])(
    'the same randomness and time give the same bytes: %s',
    async (name) => {
      const one = await new Bench().root({}, name);
      const two = await new Bench().root({}, name);
      expect(toHex(two.credential.encoded)).toBe(toHex(one.credential.encoded));
      const other = await new Bench().root({ seed: 'other' }, name);
      expect(toHex(other.credential.payload.publicKey)).not.toBe(toHex(one.credential.payload.publicKey));
      const later = await new Bench().root({ atSeconds: AT + 1 }, name);
      expect(later.credential.payload.expirationData.notBefore).toBe(AT - 899);
    },
  );

  test('the validity that is asked for', async () => {
    const context = await new Bench().context();
    const { credential } = await generateRoot(context, {
      ciphersuite: suite('ed25519-sha256'),
      notBefore: AT + 5,
      notAfter: AT + 7 * DAY,
    });
    expect(credential.payload.expirationData).toEqual({ notBefore: AT + 5, notAfter: AT + 7 * DAY });
  });

  test('refused before anybody is asked: policy, all findings at once', async () => {
    const bench = new Bench(['allowed_ciphersuites: [ed25519-sha256]']);
    const refusal = await bench.refusal(async () =>
      generateRoot(await bench.context({ atSeconds: AT - 2 * DAY }), {
        ciphersuite: suite('p384-sha256'),
        lifetime: parseDuration('P12Y'),
        notBefore: AT - 3 * DAY,
      }),
    );
    expect(refusal).toMatchObject({ kind: 'refused', code: 'policy' });
    expect(rulesOf(refusal)).toEqual([
      'lifetime-limit: policy',
      'ciphersuite-allowed: policy',
      'hash-strength: policy',
      'request-age: policy',
      'clock: policy',
    ]);
    expect(bench.asked.log).toEqual([]);
  });

  test('refused: a root is there, a name is taken, a key elsewhere', async () => {
    const bench = new Bench();
    await bench.root();
    bench.asked.log.length = 0;
    expect((await bench.refusal(() => bench.root())).code).toBe('root-exists');
    const other = new Bench();
    writeFileSync(join(other.dir, 'keys/root-1.age'), 'somebody else’s');
    const again = async (keyUri: string): Promise<string> => {
      const context = await other.context();
      const wanted = { keyUri, ciphersuite: suite('ed25519-sha256') };
      return (await other.refusal(() => generateRoot(context, wanted))).code;
    };
    expect(await again('file:keys/root-1.age')).toBe('file-exists');
    expect(await again('file:elsewhere/root-2.age')).toBe('bad-key-path');
    expect(await again(`file:${other.dir}/keys/root-2.age`)).toBe('bad-key-path');
    expect(await again('file:../root-2.age')).toMatch(/^(bad-key-path|usage)$/);
    expect(other.asked.log).toEqual([]);
    expect(bench.asked.log).toEqual([]);
  });

  test('a person who says no is asked for nothing more', async () => {
    const bench = new Bench();
    const no = { confirm: () => Promise.reject(refused('declined', 'no')) };
    expect((await bench.refusal(() => bench.root(no))).code).toBe('declined');
    expect(bench.asked.passphrases).toEqual([]);
  });

  test('no passphrase, and a source of randomness that gives too little', async () => {
    const bench = new Bench();
    expect((await bench.refusal(() => bench.root({ passphrase: '' }))).code).toBe('bad-passphrase');
    const short = { random: (length: number) => new Uint8Array(Math.max(0, length - 1)) };
    expect((await bench.refusal(() => bench.root(short))).code).toBe('random-failed');
  });

  test('engines that disagree, at whichever verdict', async () => {
    const bench = new Bench();
    // The dry run with a stand-in, the dry run with the key, and the credential itself.
    expect(await withLiars(bench, (change) => bench.root(change))).toBe(3);
  });

  test('a clock before the newest thing, or before the build', async () => {
    const bench = new Bench();
    expect(rulesOf(await bench.refusal(() => bench.root({ atSeconds: AT - DAY - 1 })))).toEqual(['clock: policy']);
    expect(rulesOf(await bench.refusal(() => bench.root({ buildSeconds: AT + 1 })))).toEqual(['clock: policy']);
    await bench.root({ atSeconds: AT - DAY, buildSeconds: AT - DAY });
  });
});

describe('request-intermediate', () => {
  test('a request, its key, and what is said of them', async () => {
    const bench = new Bench();
    const root = await bench.root();
    bench.asked.log.length = 0;
    const { request, file } = await bench.request();
    checkSelfSignature(request, ENGINES);
    checkNesting(request, root.credential);
    expect(file).toBe('requests/intermediate-1.pem');
    expect(toHex(request.payload.signerFingerprint)).toBe(toHex(fingerprintOf(root.credential)));
    const { notBefore, notAfter } = request.payload.expirationData;
    expect(notAfter).toBe(validityOf(notBefore, parseDuration('P1Y')));
    expect(decodeCredentialFile(readFileSync(join(bench.dir, file)), ['intermediate_as_credential_request'])).toEqual(
      request,
    );
    expect(await bench.events()).toContainEqual(
      expect.objectContaining({
        event: 'sign',
        request_sha256: sha256(request.encoded),
        signed_sha256: sha256(selfSignatureContent('IntermediateAsCredential', request.payloadBytes)),
      }),
    );
    expect(bench.asked.log).toEqual(['confirm', 'passphrase new file:keys/intermediate-1.age']);
  });

  test('it begins no earlier than its root', async () => {
    const bench = new Bench();
    await bench.root();
    expect((await bench.request()).request.payload.expirationData.notBefore).toBe(AT - 900);
    const later = new Bench(['backdating: PT10M']);
    await generateRoot(await later.context(), { ciphersuite: suite('ed25519-sha256'), notBefore: AT - 5 });
    expect((await later.request()).request.payload.expirationData.notBefore).toBe(AT - 5);
  });

  test('another request by the same key, while it has no credential', async () => {
    const bench = new Bench();
    await bench.root();
    const one = await bench.request();
    bench.asked.log.length = 0;
    const two = await bench.request({ atSeconds: AT + 60 });
    expect(two.file).toBe('requests/intermediate-1-again-2.pem');
    expect(toHex(two.request.payload.publicKey)).toBe(toHex(one.request.payload.publicKey));
    expect(bench.asked.log).toEqual(['confirm', 'passphrase open file:keys/intermediate-1.age']);
    await bench.issue(two, { atSeconds: AT + 60 });
    const refusal = await bench.refusal(() => bench.request({ atSeconds: AT + 60 }));
    expect(rulesOf(refusal)).toEqual(['fresh-key: policy']);
  });

  test('refused: not nested, revoked, engines, clock', async () => {
    const bench = new Bench(['maxima: {root: P11Y, intermediate: P20Y, client: P1Y, bundle: P400D}']);
    const { credential } = await bench.root();
    bench.asked.log.length = 0;
    const { notAfter } = credential.payload.expirationData;
    const refusal = await bench.refusal(() => bench.request({}, { notAfter: notAfter + 1 }));
    expect(rulesOf(refusal)).toEqual(['validity-nesting: validity-not-nested']);
    expect(refusal.hint).toContain('2037-01-15T07:44:59Z');
    expect(rulesOf(await bench.refusal(() => bench.request({ atSeconds: AT - 1 }, { notBefore: AT - 900 })))).toEqual([
      'clock: policy',
    ]);
    expect(bench.asked.log).toEqual([]);
    expect(await withLiars(bench, (change) => bench.request(change))).toBe(4);
    await bench.revoke(fingerprintOf(credential));
    expect(rulesOf(await bench.refusal(() => bench.request({}, { key: 'intermediate-2' })))).toEqual([
      'signer-usable: revoked',
    ]);
  });

  test('the longest that nests', async () => {
    const bench = new Bench(['maxima: {root: P11Y, intermediate: P20Y, client: P1Y, bundle: P400D}']);
    const { credential } = await bench.root();
    const { expirationData } = credential.payload;
    const { request } = await bench.request({}, expirationData);
    expect(request.payload.expirationData).toEqual(expirationData);
  });

  test('a request to the root of another authority is for that one to judge', async () => {
    const [bench, other] = [new Bench(), makeRoot()];
    const wanted = { keyUri: 'file:keys/intermediate-1.age', ciphersuite: suite('ed25519-sha256'), signer: other };
    const { request } = await requestIntermediate(await bench.context(), wanted);
    expect(toHex(request.payload.signerFingerprint)).toBe(toHex(fingerprintOf(other)));
  });
});

describe('issue-intermediate', () => {
  test('the very bytes that were requested and checked, under a good signature', async () => {
    const bench = new Bench();
    const root = await bench.root();
    const made = await bench.request();
    const before = bench.snapshot();
    const { proposal } = checkRequest(await bench.context(), made.request);
    expect(bench.snapshot()).toEqual(before);
    bench.asked.log.length = 0;
    const { credential, file } = await bench.issue(made);
    expect(file).toBe('credentials/intermediate-1.pem');
    expect(toHex(credential.selfSignedBytes)).toBe(toHex(made.request.encoded));
    expect(toHex(credential.selfSignedBytes)).toBe(toHex(proposal.candidate.selfSignedBytes));
    expect(toHex(credential.signature)).not.toBe(toHex(proposal.candidate.signature));
    checkSelfSignature(credential, ENGINES);
    checkSignature(credential, root.credential, ENGINES);
    checkNesting(credential, root.credential);
    expect(await bench.events()).toContainEqual(
      expect.objectContaining({
        event: 'sign',
        signer: toHex(fingerprintOf(root.credential)),
        request_sha256: sha256(made.request.encoded),
        signed_sha256: sha256(signatureContent('IntermediateAsCredential', credential.selfSignedBytes)),
      }),
    );
    expect(bench.asked.log).toEqual(['confirm', 'passphrase open file:keys/root-1.age']);
  });

  test('the same requests, keys and times give the same bytes', async () => {
    const issued = await Promise.all(
      [0, 1].map(async () => {
        const bench = new Bench();
        await bench.root();
        return (await bench.issue(await bench.request())).credential.encoded;
      }),
    );
    expect(toHex(issued[0] ?? new Uint8Array())).toBe(toHex(issued[1] ?? new Uint8Array(1)));
  });

  test('once, and never again', async () => {
    const bench = new Bench();
    await bench.root();
    const made = await bench.request();
    await bench.issue(made);
    bench.asked.log.length = 0;
    expect(rulesOf(await bench.refusal(() => bench.issue(made)))).toEqual([
      'request-reissue: policy',
      'fresh-key: policy',
    ]);
    expect(bench.asked.log).toEqual([]);
  });

  test('refused: a root of somebody else, a spoilt request, an old one', async () => {
    const bench = new Bench();
    const root = await bench.root();
    const made = await bench.request();
    const stranger = { request: makeRequest(makeRoot()), file: '' };
    expect((await bench.refusal(() => bench.issue(stranger))).code).toBe('unknown-signer');
    const spoilt = Uint8Array.from(made.request.encoded, (byte, i) =>
      i === made.request.encoded.length - 40 ? byte ^ 1 : byte,
    );
    const request = decodeIntermediateAsCredentialRequest(spoilt);
    expect((await bench.refusal(() => bench.issue({ ...made, request }))).code).toBe('bad-self-signature');
    // Made with a begin 15 minutes back, so its 30 days are over then too.
    await bench.refusal(() => bench.issue(made, { atSeconds: AT + 30 * DAY + 1 }));
    const old = await bench.refusal(() => bench.issue(made, { atSeconds: AT + 30 * DAY + 1 }));
    expect(rulesOf(old)).toEqual(['request-age: policy']);
    await bench.revoke(fingerprintOf(root.credential));
    expect((await bench.refusal(() => bench.issue(made))).code).toBe('revoked');
  });

  test('in the last second of its age', async () => {
    const bench = new Bench();
    await bench.root();
    await bench.issue(await bench.request(), { atSeconds: AT + 30 * DAY });
  });

  test('refused: another key in the file, a wrong passphrase, no file, no record', async () => {
    const bench = new Bench();
    await bench.root();
    const made = await bench.request();
    const [good, other] = [join(bench.dir, 'keys/root-1.age'), join(bench.dir, 'keys/intermediate-1.age')];
    const kept = join(bench.dir, '..', 'kept');
    expect((await bench.refusal(() => bench.issue(made, { passphrase: 'these words open nothing at all' }))).code).toBe(
      'wrong-passphrase',
    );
    renameSync(good, kept);
    expect((await bench.refusal(() => bench.issue(made))).kind).toBe('could-not');
    cpSync(other, good);
    expect((await bench.refusal(() => bench.issue(made))).code).toBe('key-mismatch');
    cpSync(kept, good);
    rmSync(join(bench.dir, 'keys/root-1.json'));
    // Its transcript says that it was made.
    expect((await bench.refusal(() => bench.issue(made))).code).toBe('authority-damaged');
    expect(bench.asked.passphrases.every((one) => one.every((byte) => byte === 0))).toBe(true);
  });

  test('refused: engines that disagree, a clock that jumped back, a person who says no', async () => {
    const bench = new Bench();
    await bench.root();
    const made = await bench.request();
    // The root, the dry run, the proof of possession before, and both signatures after.
    expect(await withLiars(bench, (change) => bench.issue(made, change))).toBe(5);
    const again = await bench.request({ seed: 'again' }, { key: 'intermediate-2' });
    expect(rulesOf(await bench.refusal(() => bench.issue(again, { atSeconds: AT - 1 })))).toEqual(['clock: policy']);
    const no = { confirm: () => Promise.reject(refused('declined', 'no')) };
    bench.asked.log.length = 0;
    expect((await bench.refusal(() => bench.issue(again, no))).code).toBe('declined');
    expect(bench.asked.log).toEqual([]);
  });

  test('a key from elsewhere gets the next number', async () => {
    const bench = new Bench();
    const root = await bench.root();
    await bench.issue(await bench.request());
    const request = makeRequest(root.credential, { validity: { notBefore: AT - 60, notAfter: AT + 9 * DAY } });
    const { file } = await issueIntermediate(await bench.context(), request);
    expect(file).toBe('credentials/intermediate-2.pem');
    expect(bench.asked.previews.at(-1)?.rows).toContainEqual(['key held', 'elsewhere']);
  });
});

test('what a root file holds is read back as it is', async () => {
  const bench = new Bench();
  const { credential, file } = await bench.root();
  const text = readFileSync(join(bench.dir, file), 'utf8');
  const body = text.split('\n').slice(1, -2).join('');
  expect(decodeAsCredential(new Uint8Array(Buffer.from(body, 'base64')))).toEqual(credential);
  expect(utf8(text)).toHaveLength(text.length);
});
