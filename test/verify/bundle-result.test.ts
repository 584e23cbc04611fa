import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bundleSignature, encodeBundle, signatureProtected, sigStructure } from '../../src/bundle/bundle.js';
import { commitmentOf } from '../../src/bundle/commitment.js';
import { type BundlePayload, encodeBundlePayload, payloadHash } from '../../src/bundle/payload.js';
import { compareBytes, concatBytes, equalBytes, toHex } from '../../src/common/bytes.js';
import { type AsCredential, decodeAsCredential } from '../../src/credential/as-credential.js';
import { fingerprintOf } from '../../src/credential/fingerprint-of.js';
import type { VerificationEngine } from '../../src/crypto/engine.js';
import { nobleEngine } from '../../src/crypto/noble-engine.js';
import { nodeEngine } from '../../src/crypto/node-engine.js';
import { sign } from '../../src/crypto/private-key.js';
import { acceptBundle, type AcceptedBundle } from '../../src/verify/accept-bundle.js';
import { bundleNamed, hex, outcome, vectors } from '../bundle/support.js';
import { makeRoot, privateKeyOf, suite } from '../policy/support.js';

const { making } = vectors;
const bundle = hex(making.bundle);
const pins = [hex(making.kid)];
const atSeconds = 1_800_000_000;
const engines = [nobleEngine, nodeEngine];
const question = { bundle, held: { pins }, atSeconds, engines };

describe('what is accepted', () => {
  test('a first bundle', () => {
    const accepted = acceptBundle(question);
    expect(toHex(accepted.encoded)).toBe(making.bundle);
    expect(toHex(accepted.payloadBytes)).toBe(making.payload);
    expect(accepted.sequence).toBe(1);
    expect(accepted.unchanged).toBe(false);
    expect(accepted.payload.asCredentials.map(({ encoded }) => toHex(encoded))).toEqual([making.as_credential]);
    expect(accepted.payload.asIntermediateCredentials.map(({ encoded }) => toHex(encoded))).toEqual([
      making.intermediate_as_credential,
    ]);
    expect(accepted.signers).toEqual([
      { fingerprint: making.kid, credential: decodeAsCredential(hex(making.as_credential)), notCounted: undefined },
    ]);
  });

  test('it is fit to be the last bundle', () => {
    const { encoded } = acceptBundle(question);
    expect(acceptBundle({ ...question, held: { last: encoded } }).unchanged).toBe(true);
  });

  test('a signer that does not count says why', () => {
    const known = [decodeAsCredential(hex(making.as_credential))];
    const named = bundleNamed("a pinned root that isn't listed signs, and so does the listed one");
    const { signers } = acceptBundle({ ...question, bundle: named, known });
    expect(signers.map(({ fingerprint, notCounted }) => [fingerprint === making.kid, notCounted]).sort()).toEqual([
      [false, 'it is not pinned'],
      [true, undefined],
    ]);
  });
});

describe('engines', () => {
  test('each looks at every signature', () => {
    const calls: string[] = [];
    const counting = (engine: VerificationEngine): VerificationEngine => ({
      name: engine.name,
      verify: (...given) => {
        calls.push(engine.name);
        return engine.verify(...given);
      },
    });
    acceptBundle({ ...question, engines: engines.map(counting) });
    // The root's self signature, the intermediate's two, and the bundle's.
    for (const { name } of engines) expect(calls.filter((call) => call === name)).toHaveLength(4);
  });

  test.each([0, 1, 2, 3])('one that differs about signature %d is no acceptance', (wrong) => {
    let calls = 0;
    const liar: VerificationEngine = { name: 'liar', verify: () => calls++ !== wrong };
    expect(outcome(() => acceptBundle({ ...question, engines: [nodeEngine, liar] }))).toBe('engines-disagree');
  });

  test('none is no question', () => {
    expect(outcome(() => acceptBundle({ ...question, engines: [] }))).toBe('usage');
  });
});

test.each([0, -1, 1.5, NaN, Infinity])('a threshold of %p is no threshold', (threshold) => {
  expect(outcome(() => acceptBundle({ ...question, held: { pins, threshold } }))).toBe('usage');
});

test.each([NaN, -1, 1.5, 1_800_000_000_000])('%p is no time in seconds', (no) => {
  expect(outcome(() => acceptBundle({ ...question, atSeconds: no }))).toBe('usage');
});

test('the step that is refused is named, and the refusal of it kept', () => {
  try {
    acceptBundle({ ...question, via: [bundle, bundle.slice(1)] });
    expect('accepted').toBe('refused');
  } catch (error) {
    expect(error).toMatchObject({ code: 'bundle-malformed', kind: 'refused' });
    expect(String(error)).toContain('bundle 2 of those stepped through: ');
    expect(error).toHaveProperty('cause.code', 'bundle-malformed');
  }
});

test('any single flipped bit is refused', () => {
  for (let bit = 0; bit < 8 * bundle.length; bit++) {
    const flipped = bundle.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    if (outcome(() => acceptBundle({ ...question, bundle: flipped, engines: [nodeEngine] })) === 'valid')
      expect(`bit ${String(bit)}`).toBe('refused');
  }
});

test('any single flipped bit is refused by both engines together, with ECDSA too', () => {
  const p521 = bundleNamed('good, p521');
  const pin = vectors.cases.find(({ name }) => name === 'good, p521')?.pins?.map(hex) ?? [];
  expect(outcome(() => acceptBundle({ ...question, bundle: p521, held: { pins: pin } }))).toBe('valid');
  fc.assert(
    fc.property(fc.nat(8 * p521.length - 1), (bit) => {
      const flipped = p521.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(outcome(() => acceptBundle({ ...question, bundle: flipped, held: { pins: pin } }))).not.toBe('valid');
    }),
    { numRuns: 50 },
  );
});

test('nothing but a refusal comes of random bytes or of a spliced bundle', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat(bundle.length), fc.nat(bundle.length), (bytes, from, to) => {
      const spliced = concatBytes(bundle.slice(0, from), bytes, bundle.slice(to));
      for (const candidate of [bytes, spliced]) {
        const held = [{ pins }, { last: candidate }];
        for (const one of held) {
          const code = outcome(() =>
            acceptBundle({ ...question, bundle: candidate, held: one, engines: [nodeEngine] }),
          );
          if (!equalBytes(candidate, bundle)) expect(code).not.toBe('valid');
        }
      }
    }),
    { numRuns: 300 },
  );
});

/** A signed successor, for what needs more bundles than the vectors have. */
function following(last: AcceptedBundle, changed: Partial<BundlePayload>): Uint8Array {
  const payload = {
    ...last.payload,
    sequence: last.sequence + 1,
    previous: payloadHash(last.payloadBytes),
    ...changed,
  };
  const payloadBytes = encodeBundlePayload(payload);
  const scheme = last.payload.asCredentials[0]?.payload.ciphersuite.scheme;
  if (scheme === undefined) throw new TypeError('no root');
  const kid = hex(making.kid);
  const signature = sign(scheme, hex(making.private), sigStructure(signatureProtected(kid, scheme), payloadBytes));
  return encodeBundle(payloadBytes, [bundleSignature(kid, scheme, signature)]);
}

test('a chain of bundles made here is accepted one by one, and over steps', () => {
  const files = [bundle];
  let last = acceptBundle(question);
  for (let i = 0; i < 5; i++) {
    const next = following(last, { issuedAt: last.payload.issuedAt + 1 });
    files.push(next);
    last = acceptBundle({ ...question, bundle: next, held: { last: last.encoded }, atSeconds: atSeconds + 10 });
  }
  const [first = bundle, ...rest] = files;
  const end = rest.at(-1) ?? bundle;
  const over = acceptBundle({
    ...question,
    bundle: end,
    held: { last: first },
    via: rest.slice(0, -1),
    atSeconds: atSeconds + 10,
  });
  expect(over.sequence).toBe(6);
});

test('one key in two credentials is one signer, whether pinned, listed, or given as a file', () => {
  const ciphersuite = suite('ed25519-sha256');
  const privateKey = privateKeyOf(ciphersuite, 1);
  const validity = { notBefore: atSeconds - 100, notAfter: atSeconds + 10_000_000 };
  const one = makeRoot({ validity });
  const again = makeRoot({ validity: { ...validity, notAfter: validity.notAfter + 1 } });
  const stranger = makeRoot({ validity, seed: 2 });
  const outcomeWith = (second: AsCredential, key: Uint8Array): string => {
    const payload = encodeBundlePayload({
      ...acceptBundle(question).payload,
      asDomain: one.payload.asDomain,
      issuedAt: atSeconds - 50,
      expiresAt: atSeconds + 1000,
      asCredentials: [one],
      asIntermediateCredentials: [],
    });
    const signatures = [
      { root: one, by: privateKey },
      { root: second, by: key },
    ].map(({ root, by }) => {
      const kid = fingerprintOf(root);
      const { scheme } = ciphersuite;
      return bundleSignature(kid, scheme, sign(scheme, by, sigStructure(signatureProtected(kid, scheme), payload)));
    });
    const two = encodeBundle(
      payload,
      signatures.sort((a, b) => (toHex(a.kid) < toHex(b.kid) ? -1 : 1)),
    );
    const both = [one, second].map(fingerprintOf);
    return outcome(() =>
      acceptBundle({ ...question, bundle: two, held: { pins: both, threshold: 2 }, known: [second] }),
    );
  };
  expect(outcomeWith(stranger, privateKeyOf(ciphersuite, 2))).toBe('valid');
  expect(outcomeWith(again, privateKey)).toBe('untrusted');
});

describe('what a commitment guards', () => {
  const ciphersuite = suite('ed25519-sha256');
  const { scheme } = ciphersuite;
  const validity = { notBefore: atSeconds - 100, notAfter: atSeconds + 10_000_000 };
  // Sorted as a bundle lists them.
  const roots = [1, 2, 3, 4]
    .map((seed) => ({ seed, root: makeRoot({ validity, seed }), key: privateKeyOf(ciphersuite, seed) }))
    .sort((a, b) => (toHex(fingerprintOf(a.root)) < toHex(fingerprintOf(b.root)) ? -1 : 1));
  const [first, second, third, reserve] = roots.slice(0, 4);
  if (first === undefined || second === undefined || third === undefined || reserve === undefined)
    throw new TypeError();
  const commit = ({ root }: (typeof roots)[number]): Uint8Array => commitmentOf(scheme, root.payload.publicKey);
  const sorted = (all: readonly Uint8Array[]): readonly Uint8Array[] => [...all].sort(compareBytes);

  const signed = (change: Partial<BundlePayload>, ...by: typeof roots): Uint8Array => {
    const payload = encodeBundlePayload({
      ...acceptBundle(question).payload,
      asDomain: first.root.payload.asDomain,
      issuedAt: atSeconds - 50,
      expiresAt: atSeconds + 1000,
      asCredentials: [first.root, second.root],
      asIntermediateCredentials: [],
      nextRoots: sorted([commit(reserve), new Uint8Array(32).fill(7)]),
      ...change,
    });
    const signatures = by.map(({ root, key }) => {
      const kid = fingerprintOf(root);
      return bundleSignature(kid, scheme, sign(scheme, key, sigStructure(signatureProtected(kid, scheme), payload)));
    });
    return encodeBundle(payload, signatures);
  };
  const last = signed({}, first);
  const accepted = acceptBundle({
    ...question,
    bundle: last,
    held: { pins: [first, second].map(({ root }) => fingerprintOf(root)), threshold: 1 },
  });
  const next = (change: Partial<BundlePayload>, ...by: typeof roots): string =>
    outcome(() =>
      acceptBundle({
        ...question,
        held: { last },
        known: [reserve.root],
        bundle: signed({ sequence: 2, previous: payloadHash(accepted.payloadBytes), ...change }, ...by),
      }),
    );

  test('nothing of it changes, and anybody may sign', () => {
    expect(next({}, first)).toBe('valid');
    expect(next({}, second)).toBe('valid');
  });

  test.each<[string, Partial<BundlePayload>, typeof roots]>([
    ['one root of two', { asCredentials: [first.root, third.root] }, [first, third]],
    ['one root less', { asCredentials: [first.root] }, [first]],
    ['a root more', { asCredentials: [first.root, second.root, third.root] }, [first, third]],
    ['one commitment of two', { nextRoots: sorted([commit(reserve), new Uint8Array(32).fill(8)]) }, [first]],
    ['one commitment less', { nextRoots: [commit(reserve)] }, [first]],
  ])('%s changes with the committed key alone', (_what, change, by) => {
    expect(next(change, ...by)).toBe('untrusted');
    expect(next(change, ...roots.filter((one) => by.includes(one) || one === reserve))).toBe('valid');
  });
});

test('thousands of revocations take time in proportion', () => {
  const took = (count: number): number => {
    const revokedCerts = Array.from({ length: count }, (_, i) => {
      const fingerprint = new Uint8Array(32);
      new DataView(fingerprint.buffer).setUint32(0, i);
      return { fingerprint, revokedAt: 0, reason: 'unspecified' as const };
    });
    const first = acceptBundle({
      ...question,
      bundle: following(acceptBundle(question), { revokedCerts }),
      held: { last: bundle },
    });
    const second = following(first, {});
    const started = performance.now();
    expect(acceptBundle({ ...question, bundle: second, held: { last: first.encoded } }).sequence).toBe(3);
    return performance.now() - started;
  };
  took(1000);
  // Eight times as many; a quadratic step would take 64 times as long.
  expect(took(8000) / took(1000)).toBeLessThan(32);
});
