import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type BundleSignature,
  bundleSignature,
  decodeBundle,
  encodeBundle,
  signatureOf,
  signatureProtected,
  sigStructure,
} from '../../src/bundle/bundle.js';
import { commitmentOf } from '../../src/bundle/commitment.js';
import { encodeBundlePayload } from '../../src/bundle/payload.js';
import { publishedSet } from '../../src/bundle/published-set.js';
import { compareBytes, concatBytes, equalBytes, toHex } from '../../src/common/bytes.js';
import { decodeAsCredential } from '../../src/credential/as-credential.js';
import {
  decodeAsCredentialsResponse,
  encodeAsCredentialsResponse,
} from '../../src/credential/as-credentials-response.js';
import { decodeIntermediateAsCredential } from '../../src/credential/intermediate-as-credential.js';
import { schemeByName, type SchemeInfo, SCHEMES } from '../../src/crypto/ciphersuite.js';
import { sign } from '../../src/crypto/private-key.js';
import { bundleNamed, hex, outcome, vectors } from './support.js';

const { making } = vectors;
const scheme = (name: string): SchemeInfo => {
  const found = schemeByName(name);
  if (found === undefined) throw new TypeError(name);
  return found;
};
const ED25519 = scheme('ed25519');
const payload = {
  asDomain: 'as.example.org',
  sequence: 1,
  previous: null,
  issuedAt: 1_800_000_000,
  expiresAt: 1_800_000_000 + 120 * 86_400,
  asCredentials: [decodeAsCredential(hex(making.as_credential))],
  asIntermediateCredentials: [decodeIntermediateAsCredential(hex(making.intermediate_as_credential))],
  revokedCerts: [],
  threshold: 1,
  nextRoots: [],
};

test('every step of making a bundle gives the bytes that Python gives', () => {
  const kid = hex(making.kid);
  const payloadBytes = encodeBundlePayload(payload);
  expect(toHex(payloadBytes)).toBe(making.payload);
  const protectedBytes = signatureProtected(kid, ED25519);
  expect(toHex(protectedBytes)).toBe(making.protected);
  const toBeSigned = sigStructure(protectedBytes, payloadBytes);
  expect(toHex(toBeSigned)).toBe(making.to_be_signed);
  const signature = bundleSignature(kid, ED25519, sign(ED25519, hex(making.private), toBeSigned));
  expect(toHex(encodeBundle(payloadBytes, [signature]))).toBe(making.bundle);
});

test('a Sig_structure begins with 0x85, so that it is no SignContent', () => {
  expect(sigStructure(new Uint8Array(), new Uint8Array())[0]).toBe(0x85);
});

test.each(vectors.commitments)('the commitment to a key of $scheme', ({ scheme: name, public_key, commitment }) => {
  expect(toHex(commitmentOf(scheme(name), hex(public_key)))).toBe(commitment);
  for (const other of [hex(public_key).slice(1), Uint8Array.of(...hex(public_key), 0)])
    expect(outcome(() => commitmentOf(scheme(name), other))).toBe('usage');
});

describe.each(SCHEMES)('$name in COSE', (one) => {
  test('a signature goes both ways, and another length has no way back', () => {
    const key = Object.values(vectors.keys).find((each) => each.scheme === one.name);
    const signature = sign(one, hex(key?.private ?? ''), Uint8Array.of(1));
    const cose = bundleSignature(new Uint8Array(32), one, signature);
    expect(cose.signature).toHaveLength(one.fieldBytes === undefined ? (one.signatureLength ?? 0) : 2 * one.fieldBytes);
    expect(signatureOf(cose)).toEqual(signature);
    for (const length of [0, cose.signature.length - 1, cose.signature.length + 1]) {
      expect(signatureOf({ ...cose, signature: new Uint8Array(length) })).toBeUndefined();
    }
  });
});

describe('encodeBundle', () => {
  const signed = (kids: readonly number[]): BundleSignature[] =>
    kids.map((kid) => bundleSignature(new Uint8Array(32).fill(kid), ED25519, new Uint8Array(64)));
  const payloadBytes = hex(making.payload);

  test('sorts by kid, and what it gives is decoded to what went in', () => {
    const encoded = encodeBundle(payloadBytes, signed([3, 1, 2]));
    const bundle = decodeBundle(encoded);
    expect(bundle.signatures).toEqual(signed([1, 2, 3]));
    expect(bundle.payloadBytes).toEqual(payloadBytes);
    expect(bundle.encoded).toEqual(encoded);
  });

  test('refuses what a decoder would refuse', () => {
    expect(outcome(() => encodeBundle(payloadBytes, []))).toBe('bundle-malformed');
    expect(outcome(() => encodeBundle(payloadBytes, signed([1, 1])))).toBe('bundle-malformed');
    expect(outcome(() => encodeBundle(payloadBytes.slice(1), signed([1])))).toBe('bundle-malformed');
    const [one] = signed([1]);
    const unprotected = one === undefined ? [] : [{ ...one, protectedBytes: new Uint8Array() }];
    expect(outcome(() => encodeBundle(payloadBytes, unprotected))).toBe('bundle-malformed');
  });
});

describe('1 MiB', () => {
  const LIMIT = 1 << 20;
  // 34 bytes a commitment; the domain's length and the kids make up the rest.
  const sized = (length: number): Uint8Array => {
    const signatures = [bundleSignature(hex(making.kid), ED25519, new Uint8Array(64))];
    const build = (count: number, label: number): Uint8Array => {
      const commitments = Array.from({ length: count }, (_, i) =>
        concatBytes(new Uint8Array(28), Uint8Array.of(i >> 24, i >> 16, i >> 8, i)),
      );
      return encodeBundle(
        encodeBundlePayload({ ...payload, asDomain: 'a'.repeat(label), nextRoots: commitments }),
        signatures,
      );
    };
    const full = Math.floor((LIMIT - build(0, 1).length) / 34) - 1;
    const label = 1 + length - build(full, 1).length;
    return build(full, label > 23 ? label - 1 : label);
  };

  test('one below and at the limit', () => {
    for (const length of [LIMIT - 1, LIMIT]) {
      const bytes = sized(length);
      expect(bytes).toHaveLength(length);
      expect(equalBytes(decodeBundle(bytes).encoded, bytes)).toBe(true);
    }
  });

  test('one above', () => {
    expect(outcome(() => sized(LIMIT + 1))).toBe('bundle-too-large');
    const commitments = Array.from({ length: LIMIT / 32 }, (_, i) =>
      new Uint8Array(32).fill(i & 255).fill(i >> 8, 0, 2),
    );
    expect(outcome(() => encodeBundlePayload({ ...payload, nextRoots: commitments }))).toBe('bundle-too-large');
    // What comes from elsewhere is no bundle at all.
    expect(outcome(() => decodeBundle(new Uint8Array(LIMIT + 1)))).toBe('bundle-malformed');
  });
});

test('the published set has the order of the bundle, and is an AsCredentialsResponse', () => {
  const { payload: form } = decodeBundle(bundleNamed('revocations of the unknown, of every length and reason'));
  const { revokedCerts } = form;
  const set = publishedSet({ ...payload, revokedCerts });
  expect(set.revokedCerts.map(toHex)).toEqual(revokedCerts.map(({ fingerprint }) => toHex(fingerprint)));
  expect([...set.revokedCerts].sort(compareBytes)).toEqual(set.revokedCerts);
  expect(decodeAsCredentialsResponse(encodeAsCredentialsResponse(set))).toEqual(set);
});

test('random bytes, and good bundles with pieces cut out, doubled or replaced, are decoded or refused', () => {
  const holds = (bytes: Uint8Array): void => {
    expect(['valid', 'bundle-malformed']).toContain(outcome(() => decodeBundle(bytes)));
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), holds), { numRuns: 1000 });
  const good = hex(making.bundle);
  const place = fc.nat(good.length);
  fc.assert(
    fc.property(place, place, fc.uint8Array({ maxLength: 8 }), (from, to, instead) => {
      holds(concatBytes(good.slice(0, from), instead, good.slice(to)));
    }),
    { numRuns: 1000 },
  );
});
