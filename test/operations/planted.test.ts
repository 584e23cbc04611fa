/**
 * Somebody who can write the authority's folder between two ceremonies, its transcripts too: nothing of theirs is
 * signed, or signed on top of.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { applyChange } from '../../src/authority/store.js';
import { decodeBundle, encodeBundle } from '../../src/bundle/bundle.js';
import { encodeBundlePayload, payloadHash } from '../../src/bundle/payload.js';
import { utf8 } from '../../src/common/bytes.js';
import { decodeAsCredential, encodeAsCredentialPayload } from '../../src/credential/as-credential.js';
import { credentialPem, encodeCredentialFile } from '../../src/credential/credential-file.js';
import { attachSignature } from '../../src/credential/self-signed.js';
import { AT, Bench, DAY } from './support.js';

async function withBundle(): Promise<Bench> {
  const bench = new Bench();
  await bench.root();
  await bench.issue(await bench.request());
  await bench.export();
  return bench;
}

/** Puts a file there, and a transcript that says that it was made. */
async function plant(bench: Bench, path: string, bytes: Uint8Array): Promise<void> {
  const { authority, atSeconds, recordIn } = await bench.context();
  const events = [{ event: 'received', fields: { head: authority.transcripts.head } }] as const;
  applyChange(authority, { operation: 'ledger receive', files: [{ path, bytes }], events, atSeconds, recordIn });
}

describe('planted', () => {
  test('a bundle that no root signed is not the last one', async () => {
    const bench = await withBundle();
    const last = decodeBundle(readFileSync(join(bench.dir, 'bundles/bundle-000001.cose')));
    const { payload } = last;
    const listed = payload.asCredentials.map((one) => decodeAsCredential(one.encoded));
    const payloadBytes = encodeBundlePayload({
      ...payload,
      sequence: 2,
      previous: payloadHash(last.payloadBytes),
      asCredentials: listed,
      asIntermediateCredentials: [],
      nextRoots: [new Uint8Array(32).fill(7)],
    });
    const signatures = last.signatures.map((one) => ({ ...one, signature: new Uint8Array(64) }));
    await plant(bench, 'bundles/bundle-000002.cose', encodeBundle(payloadBytes, signatures));
    bench.asked.log.length = 0;
    const error = await bench.refusal(() => bench.export({ atSeconds: AT + 60 }));
    expect([error.code, error.message]).toEqual(['authority-damaged', expect.stringMatching(/do not verify.*bundle/)]);
    expect(bench.asked.log).toEqual([]);
  });

  test('a root with a real root’s key signs nothing', async () => {
    const bench = await withBundle();
    const made = await bench.request({ seed: 'second' }, { key: 'intermediate-2' });
    const real = decodeAsCredential(readRoot(bench));
    const payloadBytes = encodeAsCredentialPayload({
      ...real.payload,
      expirationData: { notBefore: AT - DAY, notAfter: 253_402_300_799 },
    });
    const fake = decodeAsCredential(attachSignature(payloadBytes, new Uint8Array(64)));
    await plant(bench, 'credentials/root-2.pem', utf8(encodeCredentialFile(fake)));
    bench.asked.log.length = 0;
    for (const act of [() => bench.issue(made), () => bench.export({ atSeconds: AT + 60 })]) {
      expect((await bench.refusal(act)).code).toBe('authority-damaged');
    }
    expect(bench.asked.log).toEqual([]);
  });

  test('an intermediate whose signature is broken: said before any key is opened', async () => {
    const bench = new Bench();
    await bench.root();
    const { credential } = await bench.issue(await bench.request());
    const encoded = Uint8Array.from(credential.encoded);
    encoded[encoded.length - 1] = (encoded.at(-1) ?? 0) ^ 1;
    const file = credentialPem(credential.kind, encoded);
    // Beside the good one, which its transcript vouches for.
    await plant(bench, 'credentials/intermediate-7.pem', utf8(file));
    bench.asked.log.length = 0;
    // One key twice is a fault of form; with the good one gone, the signature is what is wrong.
    expect((await bench.refusal(() => bench.export())).code).toMatch(/^(bundle-malformed|bad-signature)$/);
    expect(bench.asked.log).toEqual([]);
  });
});

describe('the record', () => {
  test.each([
    ['a bundle', 'bundles/bundle-000001.cose'],
    ['a credential', 'credentials/intermediate-1.pem'],
    ['a key record', 'keys/root-1.json'],
    ['a transcript', 'transcripts/0003-intermediate-request.jsonl'],
  ])('%s that is missing is noticed', async (_name, file) => {
    const bench = await withBundle();
    rmSync(join(bench.dir, file));
    expect((await bench.refusal(() => bench.export({ atSeconds: AT + 60 }))).code).toBe('authority-damaged');
  });

  test('a transcript out of the chain is noticed', async () => {
    const bench = await withBundle();
    const first = readFileSync(join(bench.dir, 'transcripts/0001-init.jsonl'));
    writeFileSync(join(bench.dir, 'transcripts/0099-other.jsonl'), first);
    const error = await bench.refusal(() => bench.export({ atSeconds: AT + 60 }));
    expect(error.code).toBe('authority-damaged');
    expect(error.findings.map(({ message }) => message)).toContainEqual(expect.stringMatching('0099-other.jsonl'));
  });
});

function readRoot(bench: Bench): Uint8Array {
  const pem = readFileSync(join(bench.dir, 'credentials/root-1.pem'), 'utf8');
  return Uint8Array.from(Buffer.from(pem.replace(/-----[^\n]*\n/g, ''), 'base64'));
}
