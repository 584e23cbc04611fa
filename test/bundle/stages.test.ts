/**
 * The two files of signing in stages: what was written is read again, and each thing that may not stand in one is
 * refused by its own code.
 */
import { describe, expect, test } from '@jest/globals';
import { commitmentOf } from '../../src/bundle/commitment.js';
import {
  decodeSignatures,
  encodeSignatures,
  MAX_SIGNATURES_FILE,
  signatureFor,
} from '../../src/bundle/detached-signatures.js';
import { decodedOf } from '../../src/bundle/listed-credential.js';
import { type BundlePayload, encodeBundlePayload, payloadHash } from '../../src/bundle/payload.js';
import { decodePrepared, encodePrepared, MAX_SERIES, preparedForm } from '../../src/bundle/prepared.js';
import { type CborLimits, type CborValue, decodeCbor, encodeCbor } from '../../src/codec/cbor.js';
import { compareBytes } from '../../src/common/bytes.js';
import { fingerprintOf } from '../../src/credential/fingerprint-of.js';
import { AT, DAY, DOMAIN, issue, makeRequest, makeRoot, suite } from '../policy/support.js';
import { outcome } from './support.js';

type Entries = Readonly<Record<string, CborValue>>;
const LIMITS: CborLimits = {
  code: 'bundle-malformed',
  what: 'it',
  maxBytes: 1 << 24,
  maxDepth: 5,
  maxItems: 1 << 16,
  tags: [],
};
const mapOf = (bytes: Uint8Array): Map<string, CborValue> => decodeCbor(bytes, LIMITS) as Map<string, CborValue>;
/** The file with some of its entries as given; undefined takes one away. */
function changed(bytes: Uint8Array, change: Readonly<Record<string, CborValue | undefined>>): Uint8Array {
  const map = new Map(mapOf(bytes));
  for (const [key, value] of Object.entries(change)) {
    if (value === undefined) map.delete(key);
    else map.set(key, value);
  }
  return encodeCbor(map);
}

const print = (filled: number, length = 32): Uint8Array => new Uint8Array(length).fill(filled);
const root = makeRoot();
const [gone, other] = [makeRoot({ seed: 3 }), makeRoot({ seed: 4 })];

const PAYLOAD: BundlePayload = {
  asDomain: DOMAIN,
  sequence: 5,
  previous: print(1),
  issuedAt: AT,
  expiresAt: AT + DAY,
  asCredentials: [root],
  asIntermediateCredentials: [issue(root, makeRequest(root))],
  revokedCerts: [],
  threshold: 1,
  nextRoots: [commitmentOf(suite('ed25519-sha256').scheme, other.payload.publicKey)],
};

/** `count` bundles in a row, from number 5; `change` is made to the last. */
function series(count: number, change: Partial<BundlePayload> = {}): { payloadBytes: Uint8Array; departing: [] }[] {
  const bundles: { payloadBytes: Uint8Array; departing: [] }[] = [];
  for (let i = 0; i < count; i++) {
    const before = bundles.at(-1)?.payloadBytes;
    const previous = before === undefined ? print(1) : payloadHash(before);
    const own = { ...PAYLOAD, sequence: 5 + i, previous, ...(i === count - 1 ? change : {}) };
    bundles.push({ payloadBytes: encodeBundlePayload(own), departing: [] });
  }
  return bundles;
}

/** A payload of good form that lists 1,024 intermediates, of which none decodes; others for each `kind`. */
function listing(sequence: number, kind: number, previous: Uint8Array | null): Uint8Array {
  const intermediates = Array.from({ length: 1024 }, (_, i) => Uint8Array.of(kind, i >> 8, i & 0xff, ...print(0)));
  return changed(encodeBundlePayload({ ...PAYLOAD, sequence: 1, previous: null }), {
    sequence,
    previous,
    as_intermediate_credentials: intermediates,
  });
}

/** A proposal of an authority's first bundles. */
function withBundles(bundles: readonly { payload: Uint8Array; departing: readonly Uint8Array[] }[]): Uint8Array {
  const maps = bundles.map((one) => new Map<string, CborValue>(Object.entries(one)));
  return changed(encodePrepared(PREPARED), { after: 0, bundles: maps });
}

const PREPARED = {
  asDomain: DOMAIN,
  after: 4,
  retire: [print(9), print(8, 48)],
  lost: [print(6, 64), print(5)],
  list: [],
  repin: false,
  bundles: series(1),
};

describe('a proposal', () => {
  const file = encodePrepared(PREPARED);
  const prepared = (change: Partial<typeof PREPARED>): string =>
    outcome(() => encodePrepared({ ...PREPARED, ...change }));
  const read = (change: Readonly<Record<string, CborValue | undefined>>): string =>
    outcome(() => decodePrepared(changed(file, change)));

  test('is read as it was written, its lists sorted', () => {
    const { bundles, ...others } = decodePrepared(file);
    const { bundles: made, ...wanted } = PREPARED;
    expect(others).toEqual({
      ...wanted,
      retire: [...wanted.retire].sort(compareBytes),
      lost: [...wanted.lost].sort(compareBytes),
    });
    expect(bundles.map(({ payloadBytes, payload }) => [payloadBytes, payload.sequence])).toEqual([
      [made[0]?.payloadBytes, 5],
    ]);
    expect(decodePrepared(encodePrepared({ ...PREPARED, repin: true })).repin).toBe(true);
  });

  test('keeps departing roots, sorted', () => {
    const [bundle] = PREPARED.bundles;
    if (bundle === undefined) throw new TypeError();
    const both = [gone, other].sort((a, b) => compareBytes(fingerprintOf(b), fingerprintOf(a)));
    const bytes = encodePrepared({ ...PREPARED, bundles: [{ ...bundle, departing: both }] });
    const found = decodePrepared(bytes).bundles[0]?.departing.map(({ encoded }) => encoded);
    expect(found).toEqual([...both].reverse().map(({ encoded }) => encoded));
    const departing = (...roots: readonly (typeof gone)[]): string =>
      read({
        bundles: [
          new Map<string, CborValue>([
            ['payload', bundle.payloadBytes],
            ['departing', roots.map(({ encoded }) => encoded)],
          ]),
        ],
      });
    const [high, low] = both;
    if (high === undefined || low === undefined) throw new TypeError();
    expect(departing(low, high)).toBe('valid');
    expect(departing(high, low)).toBe('prepared-malformed');
    expect(departing(low, low)).toBe('prepared-malformed');
    expect(departing(root)).toBe('prepared-malformed');
    // With the one that is listed, 33 would sign.
    expect(departing(...Array.from({ length: 32 }, () => low))).toBe('prepared-malformed');
  });

  test('has a series of at most as many as ten years need', () => {
    expect(prepared({ bundles: series(3) })).toBe('valid');
    expect(MAX_SERIES).toBe(48);
    expect(prepared({ bundles: series(48) })).toBe('valid');
    expect(prepared({ bundles: series(49) })).toBe('prepared-malformed');
    expect(prepared({ bundles: [] })).toBe('prepared-malformed');
  });

  test('decodes each credential once, however many bundles list it', () => {
    const { bundles } = decodePrepared(encodePrepared({ ...PREPARED, bundles: series(3) }));
    const listed = bundles.flatMap(({ payload }) => decodedOf(payload.asIntermediateCredentials));
    expect(listed).toHaveLength(3);
    expect(new Set(listed.map(({ credential }) => credential)).size).toBe(1);
  });

  test('has its place looked at before a credential in it is decoded', () => {
    const garbage = { departing: [print(1)], payload: listing(1, 0, null) };
    expect(preparedForm(withBundles([garbage])).bundles[0]?.payload.sequence).toBe(1);
    expect(outcome(() => decodePrepared(withBundles([garbage])))).toBe('prepared-malformed');
  });

  test('lists at most twice as many credentials as one bundle, each once', () => {
    const lists = (count: number, distinct: boolean): string => {
      const bundles: { departing: []; payload: Uint8Array }[] = [];
      for (let i = 0; i < count; i++) {
        const before = bundles.at(-1)?.payload;
        const previous = before === undefined ? null : payloadHash(before);
        bundles.push({ departing: [], payload: listing(i + 1, distinct ? i : 0, previous) });
      }
      return outcome(() => decodePrepared(withBundles(bundles)));
    };
    expect(lists(2, true)).toBe('valid');
    expect(lists(3, false)).toBe('valid');
    expect(lists(3, true)).toBe('prepared-malformed');
  });

  test.each<[string, Partial<BundlePayload>]>([
    ['of another domain', { asDomain: 'example.com', asCredentials: [], asIntermediateCredentials: [] }],
    ['whose number leaves one out', { sequence: 7 }],
    ['of the same number', { sequence: 5 }],
    ['linked to another', { previous: print(2) }],
    ['issued before the one that it follows', { issuedAt: AT - 1 }],
  ])('with a bundle %s is none', (_what, change) => {
    const outcomeOf = outcome(() => encodePrepared({ ...PREPARED, bundles: series(2, change) }));
    expect(['prepared-malformed', 'bundle-malformed']).toContain(outcomeOf);
  });

  test('may issue two at once, and comes after what it follows', () => {
    expect(prepared({ bundles: series(2, { issuedAt: AT }) })).toBe('valid');
    expect(prepared({ after: 5 })).toBe('prepared-malformed');
    expect(prepared({ after: 0 })).toBe('valid');
    expect(prepared({ after: -1 })).toBe('prepared-malformed');
    expect(prepared({ asDomain: 'example.com' })).toBe('prepared-malformed');
  });

  test.each<[string, Readonly<Record<string, CborValue | undefined>>]>([
    ['no type', { type: undefined }],
    ['another type', { type: 'as-ceremony bundle signatures' }],
    ['an unknown type', { type: 'x' }],
    ['another version', { version: 2 }],
    ['no domain', { as_domain: undefined }],
    ['a domain that is a number', { as_domain: 7 }],
    ['repin that is a number', { repin: 1 }],
    ['bundles that are no list', { bundles: 1 }],
    ['a bundle that is no map', { bundles: [1] }],
    ['an unknown key', { more: 1 }],
    ['a fingerprint of 31 bytes', { retire: [print(1, 31)] }],
    ['a fingerprint that is text', { lost: ['x'] }],
    ['fingerprints out of order', { lost: [print(2), print(1)] }],
    ['a fingerprint twice', { list: [print(1), print(1)] }],
  ])('with %s is none', (_what, change) => {
    expect(read(change)).toBe('prepared-malformed');
  });

  test('is named where the other file was wanted', () => {
    expect(() => decodeSignatures(file)).toThrow(/it is a prepared bundle/);
    expect(() => decodePrepared(encodeSignatures(SIGNATURES))).toThrow(/it is a file of signatures/);
    expect(() => decodePrepared(changed(file, { type: 'x' }))).toThrow(/it has another type/);
    expect(outcome(() => decodeSignatures(file))).toBe('signatures-malformed');
    expect(outcome(() => decodePrepared(encodeCbor(7)))).toBe('prepared-malformed');
  });
});

const { scheme } = suite('p256-sha256');
const SIGNATURES = {
  preparedSha256: print(1),
  kid: print(2),
  scheme,
  signatures: [
    { sequence: 5, signature: print(3, 64) },
    { sequence: 7, signature: print(4, 64) },
  ],
};

describe('a file of signatures', () => {
  const file = encodeSignatures(SIGNATURES);
  const entry = (sequence: CborValue, ...others: readonly CborValue[]): CborValue => [sequence, print(3), ...others];

  test('is read as it was written', () => {
    expect(decodeSignatures(file)).toEqual(SIGNATURES);
    expect(signatureFor(SIGNATURES, 7)).toMatchObject({ kid: print(2), scheme, signature: print(4, 64) });
    expect(signatureFor(SIGNATURES, 6)).toBeUndefined();
  });

  test.each<[string, Entries]>([
    ['a hash of 31 bytes', { prepared_sha256: print(1, 31) }],
    ['a hash of 33 bytes', { prepared_sha256: print(1, 33) }],
    ['a kid that is no fingerprint', { kid: print(2, 20) }],
    ['an unknown algorithm', { alg: 7 }],
    ['an algorithm that is text', { alg: 'ES256' }],
    ['no signature', { signatures: [] }],
    ['a sequence twice', { signatures: [entry(5), entry(5)] }],
    ['sequences that fall', { signatures: [entry(5), entry(4)] }],
    ['sequence 0', { signatures: [entry(0)] }],
    ['a sequence that is text', { signatures: [entry('5')] }],
    ['a third part', { signatures: [entry(5, 1)] }],
    ['a sequence alone', { signatures: [[5]] }],
    ['a signature that is text', { signatures: [[5, 'x']] }],
    ['another version', { version: 0 }],
    ['an unknown key', { more: 1 }],
  ])('with %s is none', (_what, change) => {
    expect(outcome(() => decodeSignatures(changed(file, change)))).toBe('signatures-malformed');
  });

  test('may begin with sequence 1, and has at most 64 KiB', () => {
    expect(outcome(() => decodeSignatures(changed(file, { signatures: [entry(1), entry(2)] })))).toBe('valid');
    expect(MAX_SIGNATURES_FILE).toBe(65_536);
    const filled = (length: number): Uint8Array => changed(file, { signatures: [[5, new Uint8Array(length)]] });
    const others = filled(65_000).length - 65_000;
    expect(outcome(() => decodeSignatures(filled(65_536 - others)))).toBe('valid');
    expect(outcome(() => decodeSignatures(filled(65_537 - others)))).toBe('signatures-malformed');
  });
});
