import { describe, expect, test } from '@jest/globals';
import { ed448 } from '@noble/curves/ed448.js';
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { toHex } from '../../src/common/bytes.js';
import { ECDSA_PARAMETERS, EDWARDS_PARAMETERS } from '../../src/crypto/curves.js';
import { decodeStrictPoint, isStrictEncoding, splitSignature } from '../../src/crypto/edwards-checks.js';
import { edwardsPoints } from '../../src/crypto/edwards-points.js';

describe('parameters equal those that noble ships', () => {
  test.each(Object.entries({ ed25519, ed448 }))('%s', (name, { Point }) => {
    expect(EDWARDS_PARAMETERS[name as 'ed25519']).toEqual(Point.CURVE());
  });

  test.each(Object.entries({ p256, p384, p521 }))('%s', (name, { Point }) => {
    expect(ECDSA_PARAMETERS[name as 'p256']).toEqual(Point.CURVE());
  });
});

describe('points of small order on edwards25519', () => {
  /** L times a point of the full order 8·L has order 8. */
  const Point = edwardsPoints('ed25519', 'public');
  const { n } = EDWARDS_PARAMETERS.ed25519;
  const candidates = Array.from({ length: 60 }, (_, y) => {
    try {
      return Point.fromBytes(Uint8Array.of(y, ...new Uint8Array(31)));
    } catch {
      return Point.ZERO;
    }
  });
  const times = (point: typeof Point.ZERO, scalar: bigint): typeof Point.ZERO => {
    let sum = Point.ZERO;
    for (let bit = 255n; bit >= 0n; bit--) {
      sum = sum.double();
      if ((scalar >> bit) & 1n) sum = sum.add(point);
    }
    return sum;
  };
  const generator = candidates.map((point) => times(point, n)).find((point) => !times(point, 4n).is0()) ?? Point.ZERO;

  test('are the eight that the bytes alone tell, and they only', () => {
    const eight = Array.from({ length: 8 }, (_, i) => times(generator, BigInt(i)).toBytes());
    expect(new Set(eight.map(toHex)).size).toBe(8);
    for (const encoding of eight) expect(isStrictEncoding('ed25519', encoding)).toBe(false);
    for (let i = 1n; i < 50n; i++) {
      const mixed = Point.BASE.multiplyUnsafe(i).add(times(generator, i));
      expect(isStrictEncoding('ed25519', mixed.toBytes())).toBe(true);
      expect(decodeStrictPoint('ed25519', mixed.toBytes())?.equals(mixed)).toBe(true);
    }
  });
});

describe('S of an EdDSA signature', () => {
  // No signature with S = L can be made whose equation holds, so the limit is tested here and not on the engines.
  test.each(['ed25519', 'ed448'] as const)('%s: L − 1 is the largest', (name) => {
    const { n } = EDWARDS_PARAMETERS[name];
    const half = name === 'ed25519' ? 32 : 57;
    const signature = (S: bigint): Uint8Array =>
      Uint8Array.from({ length: 2 * half }, (_, i) => (i < half ? 9 : Number((S >> BigInt(8 * (i - half))) & 0xffn)));
    expect(splitSignature(name, signature(n - 1n))?.S).toBe(n - 1n);
    expect(splitSignature(name, signature(n - 1n))?.R).toEqual(new Uint8Array(half).fill(9));
    expect(splitSignature(name, signature(0n))?.S).toBe(0n);
    expect(splitSignature(name, signature(n))).toBeUndefined();
    expect(splitSignature(name, signature(n + 1n))).toBeUndefined();
  });
});
