import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeBundle } from '../../src/bundle/bundle.js';
import { decodedOf } from '../../src/bundle/listed-credential.js';
import {
  type BundlePayload,
  decodeBundlePayload,
  encodeBundlePayload,
  REVOCATION_REASONS,
} from '../../src/bundle/payload.js';
import { compareBytes, equalBytes, toHex } from '../../src/common/bytes.js';
import { bundleNamed, outcome } from './support.js';

const DAY = 86_400;
const LAST_SECOND = 253_402_300_799;

function contentsOf(name: string): Pick<BundlePayload, 'asCredentials' | 'asIntermediateCredentials'> {
  const { payload } = decodeBundle(bundleNamed(name));
  return {
    asCredentials: decodedOf(payload.asCredentials).map(({ credential }) => credential),
    asIntermediateCredentials: decodedOf(payload.asIntermediateCredentials).map(({ credential }) => credential),
  };
}

const { asCredentials } = contentsOf('2 of 3: 1 sign');
const { asIntermediateCredentials } = contentsOf('two intermediates');
const plain: BundlePayload = {
  asDomain: 'as.example.org',
  sequence: 1,
  previous: null,
  issuedAt: 1_800_000_000,
  expiresAt: 1_800_000_000 + DAY,
  asCredentials,
  asIntermediateCredentials,
  revokedCerts: [],
  threshold: 2,
  nextRoots: [],
};

const differing = (a: Uint8Array, b: Uint8Array): boolean => equalBytes(a, b);
const bytesOf = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const payloads: fc.Arbitrary<BundlePayload> = fc
  .record({
    number: fc.oneof(fc.constant(1), fc.nat(), fc.constant(Infinity)),
    previous: bytesOf(32),
    issuedAt: fc.integer({ min: 1, max: LAST_SECOND - 400 * DAY }),
    lifetime: fc.integer({ min: 1, max: 400 * DAY }),
    roots: fc.shuffledSubarray([...asCredentials], { minLength: 1 }),
    intermediates: fc.shuffledSubarray([...asIntermediateCredentials]),
    threshold: fc.nat(),
    revoked: fc.uniqueArray(
      fc.tuple(fc.constantFrom(32, 48, 64).chain(bytesOf), fc.nat(), fc.constantFrom(...REVOCATION_REASONS)),
      {
        comparator: differing,
        selector: ([fingerprint]) => fingerprint,
      },
    ),
    nextRoots: fc.uniqueArray(bytesOf(32), { comparator: differing }),
  })
  .map(({ number, ...rest }) => ({ ...rest, sequence: Math.max(1, Math.min(number, rest.issuedAt)) }))
  .map(({ sequence, previous, issuedAt, lifetime, roots, intermediates, threshold, revoked, nextRoots }) => ({
    asDomain: 'as.example.org',
    sequence,
    previous: sequence === 1 ? null : previous,
    issuedAt,
    expiresAt: issuedAt + lifetime,
    asCredentials: roots,
    asIntermediateCredentials: intermediates,
    revokedCerts: revoked.map(([fingerprint, age, reason]) => ({
      fingerprint,
      revokedAt: Math.max(0, issuedAt - age),
      reason,
    })),
    threshold: 1 + (threshold % roots.length),
    nextRoots,
  }));

const sortedHex = (items: readonly { readonly encoded: Uint8Array }[]): string[] =>
  items.map(({ encoded }) => toHex(encoded)).sort();

test('decode(encode(x)) = x, its arrays sorted', () => {
  fc.assert(
    fc.property(payloads, (payload) => {
      const {
        asCredentials: roots,
        asIntermediateCredentials: intermediates,
        ...rest
      } = decodeBundlePayload(encodeBundlePayload(payload));
      const { asCredentials: givenRoots, asIntermediateCredentials: givenIntermediates, ...given } = payload;
      expect(rest).toEqual({
        ...given,
        revokedCerts: [...given.revokedCerts].sort((a, b) => compareBytes(a.fingerprint, b.fingerprint)),
        nextRoots: [...given.nextRoots].sort(compareBytes),
      });
      expect(sortedHex(roots)).toEqual(sortedHex(givenRoots));
      expect(sortedHex(intermediates)).toEqual(sortedHex(givenIntermediates));
    }),
    { numRuns: 60 },
  );
});

test('no root at all is said to be none', () => {
  expect(() => encodeBundlePayload({ ...plain, asCredentials: [] })).toThrow(/as_credentials is empty/);
});

test('a sequence up to issued_at is one, and none above it', () => {
  const numbered = (sequence: number): BundlePayload => ({ ...plain, sequence, previous: new Uint8Array(32) });
  for (const [more, expected] of [
    [-1, 'valid'],
    [0, 'valid'],
    [1, 'bundle-malformed'],
  ] as const)
    expect(outcome(() => encodeBundlePayload(numbered(plain.issuedAt + more)))).toBe(expected);
});

test('the order in which things are given does not matter', () => {
  const revokedCerts = [3, 1, 2].map((n) => ({
    fingerprint: new Uint8Array(32).fill(n),
    revokedAt: 1,
    reason: 'superseded' as const,
  }));
  const nextRoots = [9, 7, 8].map((n) => new Uint8Array(32).fill(n));
  const one = { ...plain, revokedCerts, nextRoots };
  const other: BundlePayload = {
    ...plain,
    asCredentials: [...asCredentials].reverse(),
    asIntermediateCredentials: [...asIntermediateCredentials].reverse(),
    revokedCerts: [...revokedCerts].reverse(),
    nextRoots: [...nextRoots].reverse(),
  };
  expect(encodeBundlePayload(other)).toEqual(encodeBundlePayload(one));
});

describe('an encoder refuses what a decoder would', () => {
  const revoked = (changed: object): BundlePayload => ({
    ...plain,
    revokedCerts: [{ fingerprint: new Uint8Array(32), revokedAt: 1, reason: 'superseded', ...changed }],
  });
  const changes: readonly [string, BundlePayload][] = [
    ['as_domain', { ...plain, asDomain: 'Example.org' }],
    ['a sequence that is no integer', { ...plain, sequence: 1.5 }],
    ['sequence 2^53', { ...plain, sequence: 2 ** 53, previous: new Uint8Array(32) }],
    ['sequence above issued_at', { ...plain, sequence: plain.issuedAt + 1, previous: new Uint8Array(32) }],
    ['half a surrogate pair', { ...plain, asDomain: 'a\ud800' }],
    ['sequence 0', { ...plain, sequence: 0 }],
    ['previous in sequence 1', { ...plain, previous: new Uint8Array(32) }],
    ['no previous in sequence 2', { ...plain, sequence: 2 }],
    ['expires_at', { ...plain, expiresAt: plain.issuedAt }],
    ['400 days', { ...plain, expiresAt: plain.issuedAt + 400 * DAY + 1 }],
    ['no roots', { ...plain, asCredentials: [] }],
    ['a root twice', { ...plain, asCredentials: [...asCredentials, ...asCredentials] }],
    ['threshold 0', { ...plain, threshold: 0 }],
    ['threshold', { ...plain, threshold: asCredentials.length + 1 }],
    ['revoked_at', revoked({ revokedAt: plain.issuedAt + 1 })],
    ['reason', revoked({ reason: 'because' })],
    ['fingerprint', revoked({ fingerprint: new Uint8Array(33) })],
    ['next_roots', { ...plain, nextRoots: [new Uint8Array(31)] }],
  ];
  test.each(changes)('%s', (_name, payload) => {
    expect(outcome(() => encodeBundlePayload(plain))).toBe('valid');
    expect(outcome(() => encodeBundlePayload(payload))).toBe('bundle-malformed');
  });

  test('a credential that does not decode, with its own code', () => {
    const [first, ...rest] = asCredentials;
    if (first === undefined) throw new TypeError('no root');
    const cut = { ...first, encoded: first.encoded.slice(1) };
    expect(outcome(() => encodeBundlePayload({ ...plain, asCredentials: [cut, ...rest] }))).not.toBe('valid');
  });
});

test('a random payload is decoded or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(outcome(() => decodeBundlePayload(bytes))).toBe('bundle-malformed');
    }),
    { numRuns: 1000 },
  );
});
