/** Bundles of a real authority folder, and what its status says before and after. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openAuthority } from '../../../src/authority/authority.js';
import { encodeRevocation, revocationPath } from '../../../src/authority/formats/small-files.js';
import { applyChange } from '../../../src/authority/store.js';
import { signatureProtected, sigStructure } from '../../../src/bundle/bundle.js';
import { payloadHash } from '../../../src/bundle/payload.js';
import { toHex, utf8 } from '../../../src/common/bytes.js';
import { refused } from '../../../src/common/errors.js';
import { formatTime, parseDuration, validityOf } from '../../../src/common/time.js';
import { fingerprintOf } from '../../../src/credential/fingerprint-of.js';
import { hash } from '../../../src/crypto/hash.js';
import { nobleEngine } from '../../../src/crypto/noble-engine.js';
import { generateRoot } from '../../../src/operations/credentials/generate-root.js';
import { type AuthorityStatus, statusOf } from '../../../src/operations/status/authority-status.js';
import { acceptBundle } from '../../../src/verify/accept-bundle.js';
import { suite } from '../../policy/support.js';
import { AT, Bench, DAY, DOMAIN, rulesOf } from '../support.js';

async function withIntermediate(): Promise<{ bench: Bench; root: Uint8Array; intermediate: Uint8Array }> {
  const bench = new Bench();
  const { credential } = await bench.root();
  const issued = await bench.issue(await bench.request());
  bench.asked.log.length = 0;
  return { bench, root: fingerprintOf(credential), intermediate: fingerprintOf(issued.credential) };
}

const status = async (bench: Bench, atSeconds = AT): Promise<AuthorityStatus> =>
  statusOf(await openAuthority(bench.dir), atSeconds);

test('more revocations than fit into 1 MiB: refused with advice, before any key is opened', async () => {
  const bench = new Bench([], true);
  await bench.root();
  const { authority, atSeconds, recordIn } = await bench.context();
  const files = Array.from({ length: 13_000 }, (_, i) => {
    const fingerprint = hash('sha256', utf8(String(i)));
    const bytes = encodeRevocation({ fingerprint, revokedAtSeconds: atSeconds, reason: 'superseded' });
    return { path: revocationPath(fingerprint), bytes };
  });
  const fingerprints = files.map(({ path }) => path.slice('revocations/'.length, -'.json'.length));
  const events = [{ event: 'revoke', fields: { fingerprints, reason: 'superseded' } }] as const;
  applyChange(authority, { operation: 'revoke', files, events, atSeconds, recordIn });
  bench.asked.log.length = 0;
  const error = await bench.refusal(() => bench.export());
  expect([error.code, error.message]).toEqual(['bundle-too-large', expect.stringContaining('13000 revocations')]);
  expect(error.hint).toMatch(/begin a new authority/);
  expect(bench.asked.log).toEqual([]);
  // Nothing is wrong with the authority for that, and what is to be done is still said.
  expect((await status(bench)).next.map(({ kind }) => kind)).toContain('next-bundle');
}, 60_000);

describe('export-bundle', () => {
  test('the first: what it lists, who signed what, and that a client accepts it', async () => {
    const { bench, root, intermediate } = await withIntermediate();
    const { bundle, file, signers } = await bench.export();
    expect(file).toBe('bundles/bundle-000001.cose');
    expect(signers).toEqual([toHex(root)]);
    expect(bundle.payload).toMatchObject({
      asDomain: DOMAIN,
      sequence: 1,
      previous: null,
      issuedAt: AT,
      expiresAt: validityOf(AT, parseDuration('P120D')),
      revokedCerts: [],
      threshold: 1,
      nextRoots: [],
    });
    expect(bundle.payload.asCredentials.map((one) => toHex(fingerprintOf(one)))).toEqual([toHex(root)]);
    expect(bundle.payload.asIntermediateCredentials.map((one) => toHex(fingerprintOf(one)))).toEqual([
      toHex(intermediate),
    ]);
    const bytes = new Uint8Array(readFileSync(join(bench.dir, file)));
    expect(toHex(bytes)).toBe(toHex(bundle.encoded));
    acceptBundle({ bundle: bytes, held: { pins: [root] }, atSeconds: AT, engines: [nobleEngine] });
    const content = sigStructure(signatureProtected(root, suite('ed25519-sha256').scheme), bundle.payloadBytes);
    expect(await bench.events()).toContainEqual(
      expect.objectContaining({ event: 'sign', kid: toHex(root), signed_sha256: toHex(hash('sha256', content)) }),
    );
    expect(bench.asked.log).toEqual(['confirm', 'passphrase open file:keys/root-1.age']);
    expect(bench.asked.previews.at(-1)?.warnings).toHaveLength(1);
  });

  test('each follows from the one before', async () => {
    const { bench, root } = await withIntermediate();
    const first = await bench.export();
    const second = await bench.export({ atSeconds: AT + 60 });
    const third = await bench.export({ atSeconds: AT + 60 }, 'P1D');
    expect(second.file).toBe('bundles/bundle-000002.cose');
    expect(third.bundle.payload.sequence).toBe(3);
    expect(toHex(second.bundle.payload.previous ?? root)).toBe(toHex(payloadHash(first.bundle.payloadBytes)));
    expect(toHex(third.bundle.payload.previous ?? root)).toBe(toHex(payloadHash(second.bundle.payloadBytes)));
    acceptBundle({
      bundle: third.bundle.encoded,
      held: { last: first.bundle.encoded },
      via: [second.bundle.encoded],
      atSeconds: AT + 60,
      engines: [nobleEngine],
    });
    const early = await bench.refusal(() => bench.export({ atSeconds: AT + 59 }));
    expect(rulesOf(early)).toEqual(['clock: policy']);
  });

  test('the same time and keys give the same bytes', async () => {
    const [one, two] = [await withIntermediate(), await withIntermediate()];
    const [first, second] = [await one.bench.export(), await two.bench.export({ seed: 'another trial' })];
    expect(toHex(second.bundle.encoded)).toBe(toHex(first.bundle.encoded));
  });

  test('what is revoked is dropped and listed as revoked, forever', async () => {
    const { bench, intermediate } = await withIntermediate();
    await bench.export();
    await bench.revoke(intermediate, AT + 10, 'superseded');
    const { bundle } = await bench.export({ atSeconds: AT + 20 });
    expect(bundle.payload.asIntermediateCredentials).toEqual([]);
    const revocation = { fingerprint: intermediate, revokedAt: AT + 10, reason: 'superseded' };
    expect(bundle.payload.revokedCerts).toEqual([revocation]);
    await bench.revoke(new Uint8Array(48).fill(1), AT + 25);
    const next = await bench.export({ atSeconds: AT + 30 });
    expect(next.bundle.payload.revokedCerts).toEqual(
      [{ fingerprint: new Uint8Array(48).fill(1), revokedAt: AT + 25, reason: 'key-compromise' }, revocation].sort(
        (a, b) => (toHex(a.fingerprint) < toHex(b.fingerprint) ? -1 : 1),
      ),
    );
  });

  test('what is over is dropped, from the second after its last', async () => {
    const bench = new Bench();
    await bench.root();
    const end = AT + 5 * DAY;
    await bench.issue(await bench.request({}, { notAfter: end }));
    const last = await bench.export({ atSeconds: end });
    expect(last.bundle.payload.asIntermediateCredentials).toHaveLength(1);
    const later = await bench.export({ atSeconds: end + 1 });
    expect(later.bundle.payload.asIntermediateCredentials).toEqual([]);
    expect(later.bundle.payload.revokedCerts).toEqual([]);
  });

  test('a root that ends too soon: untrusted, with the largest that fits; and that one fits', async () => {
    const bench = new Bench();
    const notAfter = AT + 60 * DAY;
    await generateRoot(await bench.context(), { ciphersuite: suite('ed25519-sha256'), notAfter });
    bench.asked.log.length = 0;
    const refusal = await bench.refusal(() => bench.export());
    expect(refusal.code).toBe('untrusted');
    expect(rulesOf(refusal)).toEqual(['bundle-within-signers: untrusted']);
    expect(refusal.hint).toContain(formatTime(notAfter));
    expect(bench.asked.log).toEqual([]);
    await bench.refusal(() => bench.export({}, `PT${String(60 * DAY + 2)}S`));
    const { bundle } = await bench.export({}, `PT${String(60 * DAY + 1)}S`);
    expect(bundle.payload.expiresAt).toBe(notAfter);
  });

  test('refused: beyond the maximum, no root, a revoked root, an expired one', async () => {
    const bench = new Bench(['maxima: {root: P11Y, intermediate: P2Y, client: P1Y, bundle: P130D}']);
    expect((await bench.refusal(() => bench.export())).code).toBe('no-root');
    const { credential } = await bench.root();
    expect(rulesOf(await bench.refusal(() => bench.export({}, 'P131D')))).toEqual(['lifetime-limit: policy']);
    // Beyond 400 days there is no such bundle at all; the rule says so before the encoder does.
    expect(rulesOf(await bench.refusal(() => bench.export({}, 'P401D')))).toEqual(['lifetime-limit: policy']);
    const { notAfter } = credential.payload.expirationData;
    expect((await bench.refusal(() => bench.export({ atSeconds: notAfter + 1 }))).code).toBe('no-root');
    await bench.revoke(fingerprintOf(credential));
    expect((await bench.refusal(() => bench.export())).code).toBe('no-root');
  });

  test('refused: engines that disagree, a person who says no, a wrong passphrase', async () => {
    const { bench } = await withIntermediate();
    for (let from = 0; ; from++) {
      let calls = 0;
      const liar: typeof nobleEngine = {
        name: 'liar',
        verify: (...what) => nobleEngine.verify(...what) !== calls++ >= from,
      };
      if (from === 9) {
        // The root, the dry run, its root and the intermediate's two signatures; then these three again, and the
        // bundle's.
        await bench.export({ engines: [nobleEngine, liar] });
        expect(calls).toBe(9);
        break;
      }
      expect((await bench.refusal(() => bench.export({ engines: [nobleEngine, liar] }))).code).toBe('engines-disagree');
    }
    const no = { confirm: () => Promise.reject(refused('declined', 'no')) };
    expect((await bench.refusal(() => bench.export(no))).code).toBe('declined');
    const wrong = { passphrase: 'these words open nothing at all' };
    expect((await bench.refusal(() => bench.export(wrong))).code).toBe('wrong-passphrase');
  });
});

describe('status', () => {
  test('of nothing', async () => {
    const { credentials, bundle, next, asDomain } = await status(new Bench());
    expect([asDomain, credentials, bundle]).toEqual([DOMAIN, [], undefined]);
    expect(next.map(({ by }) => by)).toEqual([AT, AT, AT]);
  });

  test('before and after a bundle, and as time goes by', async () => {
    const { bench, root, intermediate } = await withIntermediate();
    const states = ({ credentials }: AuthorityStatus) => credentials.map(({ state, published }) => [state, published]);
    const before = bench.snapshot();
    expect(states(await status(bench))).toEqual([
      ['active', false],
      ['active', false],
    ]);
    expect((await status(bench)).next[0]).toMatchObject({
      by: AT,
      action: expect.stringContaining('bundle') as unknown,
    });
    expect(bench.snapshot()).toEqual(before);

    const { bundle } = await bench.export();
    const now = await status(bench);
    expect(now.credentials.map(({ fingerprint }) => fingerprint)).toEqual([toHex(root), toHex(intermediate)]);
    expect(states(now)).toEqual([
      ['active', true],
      ['active', true],
    ]);
    const { sequence, expiresAt } = bundle.payload;
    expect(now.bundle).toEqual({ file: 'bundles/bundle-000001.cose', sequence, issuedAt: AT, expiresAt });
    const [, held] = now.credentials;
    const deadlines = [held?.issuingDeadline, now.credentials[0]?.issuingDeadline];
    expect(now.next.map(({ kind, by }) => [kind, by])).toEqual([
      ['publish', AT],
      ['next-bundle', expiresAt],
      ['intermediate-successor', deadlines[0]],
      ['root-successor', deadlines[1]],
    ]);

    // By then the bundle has expired: clients know nothing.
    const deadline = held?.issuingDeadline ?? 0;
    expect(states(await status(bench, deadline))[1]).toEqual(['active', false]);
    expect(states(await status(bench, deadline + 1))[1]).toEqual(['issuing-ended', false]);
    expect(states(await status(bench, (held?.notAfter ?? 0) + 1))[1]).toEqual(['expired', false]);

    await bench.revoke(intermediate);
    const revoked = await status(bench);
    expect(states(revoked)[1]).toEqual(['revoked', true]);
    const due = revoked.next.filter(({ by }) => by === AT).map(({ kind }) => kind);
    expect(new Set(due)).toEqual(new Set(['intermediate', 'revocation', 'publish']));
    await bench.export();
    expect(states(await status(bench))[1]).toEqual(['revoked', false]);
  });
});
