/**
 * The strict rules for EdDSA that are checked before any equation, shared by both engines and by the check of a public
 * key. With them every implementation that reduces k modulo L and compares R bytewise gives the same verdict (Ed25519),
 * and so does every one, cofactored or cofactorless (Ed448).
 */
import type { EdwardsPoint } from '@noble/curves/abstract/edwards.js';
import { bytesToNumberLE } from '@noble/curves/utils.js';
import { toHex } from '../common/bytes.js';
import { BoundedMap, KEYS_KEPT } from './bounded-map.js';
import { EDWARDS_PARAMETERS, type EdwardsName } from './curves.js';
import { edwardsPoints } from './edwards-points.js';

/** The y of the eight points whose order divides 8, canonical and without the sign of x: orders 1, 2, 4, 8 and 8. */
const SMALL_ORDER_Y25519: ReadonlySet<string> = new Set([
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]);

/**
 * Checks an Ed25519 encoding by its bytes alone: y < p, and not of small order (which includes x = 0 with a sign bit).
 * Whoever decodes it finds out whether the point is on the curve.
 */
function isStrictEncoding25519(bytes: Uint8Array): boolean {
  if (bytes.length !== 32) return false;
  const withoutSign = Uint8Array.from(bytes);
  withoutSign[31] = (bytes[31] ?? 0) & 0x7f;
  return bytesToNumberLE(withoutSign) < EDWARDS_PARAMETERS.ed25519.p && !SMALL_ORDER_Y25519.has(toHex(withoutSign));
}

/**
 * Cached verdicts on encodings of Ed448 points, which each engine asks for: as many as the keys and signatures of a
 * bundle.
 */
const strict448 = new BoundedMap<boolean>(4 * KEYS_KEPT);

function decode(name: EdwardsName, bytes: Uint8Array): EdwardsPoint | undefined {
  try {
    return edwardsPoints(name, 'public').fromBytes(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Returns the point of a key or an R that obeys the strict rules, or undefined. Ed25519: canonical (RFC 8032 §5.1.3),
 * not of small order; mixed order is possible. Ed448: canonical (§5.2.3) and of prime order, since OpenSSL's Ed448 sees
 * points only up to their torsion.
 */
export function decodeStrictPoint(name: EdwardsName, bytes: Uint8Array): EdwardsPoint | undefined {
  if (name === 'ed25519' && !isStrictEncoding25519(bytes)) return undefined;
  const point = decode(name, bytes);
  if (name === 'ed25519' || point === undefined) return point;
  const isStrict = strict448.get(toHex(bytes), () => !point.is0() && point.isTorsionFree());
  return isStrict ? point : undefined;
}

/** As `decodeStrictPoint`, but without decoding Ed25519 points, for an engine that does so itself. */
export function isStrictEncoding(name: EdwardsName, bytes: Uint8Array): boolean {
  if (name === 'ed25519') return isStrictEncoding25519(bytes);
  return strict448.known(toHex(bytes)) ?? decodeStrictPoint(name, bytes) !== undefined;
}

/**
 * Returns whether an Ed448 point is strict without decoding it. The point is the result of [S]B − [k]A with A of prime
 * order, and so is of prime order too, or neutral.
 */
export function isStrictResult(point: EdwardsPoint, encoding: Uint8Array): boolean {
  return strict448.get(toHex(encoding), () => !point.is0());
}

export interface EddsaSignature {
  readonly R: Uint8Array;
  readonly S: bigint;
}

/**
 * Splits a signature of the right length into R and S with S < L (RFC 8032 §5.1.7 and §5.2.7), or returns undefined. R
 * is not checked.
 */
export function splitSignature(name: EdwardsName, signature: Uint8Array): EddsaSignature | undefined {
  const half = name === 'ed25519' ? 32 : 57;
  if (signature.length !== 2 * half) return undefined;
  const S = bytesToNumberLE(signature.slice(half));
  return S < EDWARDS_PARAMETERS[name].n ? { R: Uint8Array.from(signature.subarray(0, half)), S } : undefined;
}
