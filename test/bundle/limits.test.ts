/**
 * How much a bundle may list and bear, one below, at and one above; and how little is said, and done, of what is too
 * much.
 */
import { describe, expect, test } from '@jest/globals';
import {
  BUNDLE_TYPE,
  bundleSignature,
  decodeBundle,
  encodeBundle,
  signatureProtected,
} from '../../src/bundle/bundle.js';
import { decodedOf } from '../../src/bundle/listed-credential.js';
import { type BundlePayload, decodeBundlePayload, encodeBundlePayload } from '../../src/bundle/payload.js';
import { CborTagged, type CborValue, encodeCbor } from '../../src/codec/cbor.js';
import { cut, firstFew } from '../../src/common/cut.js';
import { CeremonyError } from '../../src/common/errors.js';
import { payloadOf } from '../../src/verify/bundle-trust.js';
import { suite } from '../policy/support.js';
import { hex, outcome, vectors } from './support.js';

const { making } = vectors;
const good = decodeBundle(hex(making.bundle));
const payload: BundlePayload = payloadOf(good);
const ED25519 = suite('ed25519-sha256').scheme;
const empty = new Uint8Array();

/** A payload whose credentials are no credentials, which its form says nothing about. */
function form(changed: Readonly<Record<string, CborValue>>): Uint8Array {
  const fields: Record<string, CborValue> = {
    version: 1,
    as_domain: payload.asDomain,
    sequence: 1,
    previous: null,
    issued_at: payload.issuedAt,
    expires_at: payload.expiresAt,
    as_credentials: [empty],
    as_intermediate_credentials: [],
    revoked_certs: [],
    threshold: 1,
    next_roots: [],
    ...changed,
  };
  return encodeCbor(new Map(Object.entries(fields)));
}

const many = (count: number, value: CborValue = empty): CborValue[] => Array.from({ length: count }, () => value);

function refusalOf(run: () => unknown): CeremonyError {
  try {
    run();
  } catch (error) {
    if (error instanceof CeremonyError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe.each([
  ['as_credentials', 32],
  ['as_intermediate_credentials', 1024],
] as const)('%s', (field, most) => {
  // Every entry takes some bytes, as a credential does; else there are too many items for so short a payload.
  const of = (count: number): Uint8Array => form({ [field]: many(count, new Uint8Array(16)) });

  test.each([
    [-1, 'valid'],
    [0, 'valid'],
    [1, 'bundle-malformed'],
  ])('%+d', (more, expected) => {
    expect(outcome(() => decodeBundlePayload(of(most + more)))).toBe(expected);
  });

  test('too many are named by their number, before one of them is decoded', () => {
    const { message } = refusalOf(() => decodeBundlePayload(of(most + 1)));
    expect(message).toContain(`${field} has ${String(most + 1)} entries, at most ${String(most)} are allowed`);
    // Entries that are no byte strings, and not even there.
    const started = performance.now();
    expect(outcome(() => decodeBundlePayload(form({ [field]: many(120_000, 0) })))).toBe('bundle-malformed');
    expect(outcome(() => decodeBundlePayload(form({ [field]: many(120_000) })))).toBe('bundle-malformed');
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

test('items that no bundle of this length has are not decoded either', () => {
  const { message } = refusalOf(() => decodeBundlePayload(form({ next_roots: many(120_000) })));
  expect(message).toMatch(/more than \d+ items/);
});

describe('signatures', () => {
  const signed = (count: number): Uint8Array => {
    const kid = (i: number): Uint8Array => new Uint8Array(32).fill(i);
    const one = (i: number): CborValue => [signatureProtected(kid(i), ED25519), new Map(), new Uint8Array(64)];
    const body = encodeCbor(new Map([[16, BUNDLE_TYPE]]));
    return encodeCbor(
      new CborTagged(98, [body, new Map(), good.payloadBytes, Array.from({ length: count }, (_, i) => one(i))]),
    );
  };

  test.each([
    [31, 'valid'],
    [32, 'valid'],
    [33, 'bundle-malformed'],
  ])('%d', (count, expected) => {
    expect(outcome(() => decodeBundle(signed(count)))).toBe(expected);
  });

  test('33 are not signed', () => {
    const signatures = Array.from({ length: 33 }, (_, i) =>
      bundleSignature(new Uint8Array(32).fill(i), ED25519, new Uint8Array(64)),
    );
    expect(outcome(() => encodeBundle(good.payloadBytes, signatures.slice(1)))).toBe('valid');
    const { code, message } = refusalOf(() => encodeBundle(good.payloadBytes, signatures));
    expect([code, message]).toEqual(['bundle-too-large', expect.stringContaining('33 signatures')]);
  });
});

test('what would be too much is refused when a payload is made, with what can be done', () => {
  const [root] = payload.asCredentials;
  const [intermediate] = payload.asIntermediateCredentials;
  if (root === undefined || intermediate === undefined) throw new TypeError('the bundle is short');
  for (const [changed, says] of [
    [{ asCredentials: Array.from({ length: 33 }, () => root) }, '33 AS credentials'],
    [{ asIntermediateCredentials: Array.from({ length: 1025 }, () => intermediate) }, '1025 intermediates'],
  ] as const) {
    const { code, message, hint } = refusalOf(() => encodeBundlePayload({ ...payload, ...changed }));
    expect([code, message]).toEqual(['bundle-too-large', expect.stringContaining(says)]);
    expect(hint).toBeDefined();
  }
});

test('decoding stops at the first fault, which the rest is told too', () => {
  const encoded = payload.asIntermediateCredentials.map((one) => one.encoded);
  const listed = [...encoded, Uint8Array.of(1), Uint8Array.of(2)];
  const { asIntermediateCredentials } = decodeBundlePayload(
    form({ as_credentials: [hex(making.as_credential)], as_intermediate_credentials: listed }),
  );
  expect(decodedOf(asIntermediateCredentials)).toHaveLength(encoded.length);
  const [first, second] = asIntermediateCredentials.slice(encoded.length);
  if (first === undefined || second === undefined || !('fault' in first) || !('fault' in second))
    throw new TypeError('no fault');
  expect(second.fault).toBe(first.fault);
  // Nor is there anything to look at below roots that don't decode.
  const below = decodeBundlePayload(form({ as_intermediate_credentials: encoded })).asIntermediateCredentials;
  expect(decodedOf(below)).toEqual([]);
});

describe('messages', () => {
  const long = 'a'.repeat(900_000);

  test.each<[string, Uint8Array]>([
    ['a domain', form({ as_domain: long })],
    ['a key', form({ [long]: 1 })],
    ['a reason', form({ revoked_certs: [new Map<string, CborValue>([['fingerprint', new Uint8Array(32)], ['revoked_at', 0], ['reason', long]])] })], // prettier-ignore
  ])('%s of 900 kB is not repeated', (_name, bytes) => {
    const { code, message } = refusalOf(() => decodeBundlePayload(bytes));
    expect(code).toBe('bundle-malformed');
    expect(message).toContain('aaa');
    expect(message.length).toBeLessThan(1000);
  });

  test('kids of 300 kB neither', () => {
    const kids = [2, 1].map((n) => new Uint8Array(300_000).fill(n));
    const items = kids.map((kid): CborValue => [signatureProtected(kid, ED25519), new Map(), new Uint8Array(64)]);
    const body = encodeCbor(new Map([[16, BUNDLE_TYPE]]));
    const bytes = encodeCbor(new CborTagged(98, [body, new Map(), good.payloadBytes, items]));
    expect(refusalOf(() => decodeBundle(bytes)).message.length).toBeLessThan(1000);
  });

  test('the first few, and how many more', () => {
    expect(firstFew(['a', 'b', 'c'])).toBe('a, b, c');
    expect(firstFew(['a', 'b', 'c', 'd', 'e'], '; ')).toBe('a; b; c; and 2 more');
    expect(cut('a'.repeat(128))).toBe('a'.repeat(128));
    expect(cut('a'.repeat(129))).toBe(`${'a'.repeat(128)}… (129 characters)`);
  });
});
