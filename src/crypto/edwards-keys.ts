/** Decoded EdDSA public keys, and the double-scalar multiplication that verifying under them needs. */
import { interleavedMSMUnsafe } from '@noble/curves/abstract/curve.js';
import type { EdwardsPoint } from '@noble/curves/abstract/edwards.js';
import { toHex } from '../common/bytes.js';
import { BoundedMap } from './bounded-map.js';
import type { EdwardsName } from './curves.js';
import { decodeStrictPoint } from './edwards-checks.js';
import { edwardsPoints } from './edwards-points.js';

/** One width of windows for all four tables; the cheapest in a process that checks a chain once. */
const WINDOW = 4;

type Combination = (S: bigint, k: bigint) => EdwardsPoint;

export interface VerificationKey {
  readonly point: EdwardsPoint;
  /** [S]B − [k]A. Makes its tables on first use. */
  readonly combine: Combination;
}

function doubled(point: EdwardsPoint, times: number): EdwardsPoint {
  let result = point;
  for (let i = 0; i < times; i++) result = result.double();
  return result;
}

/** 2^half·B of each curve. */
const highBase = new BoundedMap<EdwardsPoint>(2);

/**
 * Splits both scalars in halves, so that S·B − k·A is four half-length products walked together: a key's second
 * signature costs half the doublings of its first.
 */
function combination(name: EdwardsName, A: EdwardsPoint): Combination {
  const Point = edwardsPoints(name, 'public');
  const half = name === 'ed25519' ? 127 : 223;
  const low = (1n << BigInt(half)) - 1n;
  const high = BigInt(half);
  const minusA = A.negate();
  const baseHigh = highBase.get(name, () => doubled(Point.BASE, half));
  const sum = interleavedMSMUnsafe(Point, [Point.BASE, baseHigh, minusA, doubled(minusA, half)], WINDOW);
  return (S, k) => sum([S & low, S >> high, k & low, k >> high]);
}

/** Decoded keys, `null` where a key breaks the strict rules. */
const keys = new BoundedMap<VerificationKey | null>(64);

/** The key of these bytes, decoded once; null where it breaks the strict rules. */
export function verificationKey(name: EdwardsName, publicKey: Uint8Array): VerificationKey | null {
  if (publicKey.length !== edwardsPoints(name, 'public').Fp.BYTES) return null;
  return keys.get(`${name} ${toHex(publicKey)}`, () => {
    const point = decodeStrictPoint(name, publicKey);
    if (point === undefined) return null;
    let made: Combination | undefined;
    return { point, combine: (S, k) => (made ??= combination(name, point))(S, k) };
  });
}
