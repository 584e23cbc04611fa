/**
 * ECDSA verification (SEC 1 §4.1.4) on noble's points. It gives the same verdict as noble's own `verify`, but is
 * cheaper for a key that is used again.
 */
import { bytesToNumberBE } from '@noble/curves/utils.js';
import { toHex } from '../common/bytes.js';
import { BoundedMap, KEYS_KEPT } from './bounded-map.js';
import { type Combination, Combiner } from './combination.js';
import { ECDSA_PARAMETERS, type EcdsaName } from './curves.js';
import { type EcdsaPoint, ecdsaPoints } from './ecdsa-points.js';
import { readDer } from './signature-encoding.js';

const combiners = new BoundedMap<Combiner<EcdsaPoint>>(3);

/** Cached decoded keys; `null` for a key that is not a point of the curve. */
const keys = new BoundedMap<Combination<EcdsaPoint> | null>(KEYS_KEPT);

/** Decodes a key; `publicKey` must have the form of an uncompressed point. */
function keyOf(name: EcdsaName, publicKey: Uint8Array): Combination<EcdsaPoint> | null {
  const Point = ecdsaPoints(name, 'public');
  return keys.get(`${name} ${toHex(publicKey)}`, () => {
    try {
      const point = Point.fromBytes(publicKey);
      point.assertValidity();
      return combiners.get(name, () => new Combiner(Point)).of(point);
    } catch {
      return null;
    }
  });
}

/**
 * Returns whether x modulo n is r, for x = X/Z. It needs no division, since x is r or, if that is below p, r + n (SEC 1
 * §4.1.4, step 8).
 */
function hasX({ X, Z }: EcdsaPoint, name: EcdsaName, r: bigint): boolean {
  const { p, n } = ECDSA_PARAMETERS[name];
  return [r, r + n].some((x) => x < p && (x * Z - X) % p === 0n);
}

/** Verifies a signature over `digest`, the hash of the message. High S is allowed; DER must be strict. */
export function verifyEcdsa(name: EcdsaName, publicKey: Uint8Array, digest: Uint8Array, der: Uint8Array): boolean {
  const { Fn } = ecdsaPoints(name, 'public');
  const integers = readDer(der);
  if (integers === undefined || !Fn.isValidNot0(integers.r) || !Fn.isValidNot0(integers.s)) return false;
  const combine = keyOf(name, publicKey);
  if (combine === null) return false;
  const { r, s } = integers;
  // None of the three hashes is longer than its curve's order.
  const e = bytesToNumberBE(digest);
  const inverse = Fn.inv(s);
  const R = combine(Fn.mul(Fn.create(e), inverse), Fn.mul(r, inverse));
  return !R.is0() && hasX(R, name, r);
}
