/** Decoded EdDSA public keys, with the double-scalar multiplication that verifying under them needs. */
import type { EdwardsPoint } from '@noble/curves/abstract/edwards.js';
import { toHex } from '../common/bytes.js';
import { BoundedMap, KEYS_KEPT } from './bounded-map.js';
import { type Combination, Combiner } from './combination.js';
import type { EdwardsName } from './curves.js';
import { decodeStrictPoint } from './edwards-checks.js';
import { edwardsPoints } from './edwards-points.js';

const combiners = new BoundedMap<Combiner<EdwardsPoint>>(2);

export interface VerificationKey {
  readonly point: EdwardsPoint;
  /** Computes [S]B − [k]A. */
  readonly combine: Combination<EdwardsPoint>;
}

/** Cached decoded keys; `null` for a key that breaks the strict rules. */
const keys = new BoundedMap<VerificationKey | null>(KEYS_KEPT);

/** Returns the decoded key, cached, or null if it breaks the strict rules. */
export function verificationKey(name: EdwardsName, publicKey: Uint8Array): VerificationKey | null {
  if (publicKey.length !== edwardsPoints(name, 'public').Fp.BYTES) return null;
  return keys.get(`${name} ${toHex(publicKey)}`, () => {
    const point = decodeStrictPoint(name, publicKey);
    if (point === undefined) return null;
    const combiner = combiners.get(name, () => new Combiner(edwardsPoints(name, 'public')));
    return { point, combine: combiner.of(point.negate()) };
  });
}
