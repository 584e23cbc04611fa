/** Checks that a public key is valid, before anything else is done with it. */
import { pow } from '@noble/curves/abstract/modular.js';
import { bytesToNumberBE, bytesToNumberLE } from '@noble/curves/utils.js';
import { toHex } from '../common/bytes.js';
import { refused } from '../common/errors.js';
import { BoundedMap, KEYS_KEPT } from './bounded-map.js';
import type { SchemeInfo } from './ciphersuite.js';
import { ECDSA_PARAMETERS, type EcdsaName, EDWARDS_PARAMETERS } from './curves.js';
import { isStrictEncoding } from './edwards-checks.js';
import { verificationKey } from './edwards-keys.js';

/**
 * Returns whether a key has the form of an uncompressed point (SEC 1 §2.3.3): 0x04 and two coordinates of the right
 * length.
 */
export function isUncompressedPoint(scheme: SchemeInfo, key: Uint8Array): boolean {
  return key.length === scheme.publicKeyLength && key[0] === 0x04;
}

/**
 * Returns whether y² = x³ + ax + b modulo p, with both coordinates below p (SEC 1 §3.2.2.1; the cofactor is 1, and
 * infinity has no such form).
 */
function isOnCurve(name: EcdsaName, key: Uint8Array): boolean {
  const { p, a, b } = ECDSA_PARAMETERS[name];
  const middle = (1 + key.length) / 2;
  const x = bytesToNumberBE(key.slice(1, middle));
  const y = bytesToNumberBE(key.slice(middle));
  return x < p && y < p && (y * y - (x * x + a) * x - b) % p === 0n;
}

/**
 * Returns whether x² = (y² − 1) / (d·y² + 1) has a root (RFC 8032 §5.1.3), by Euler's criterion. It uses plain
 * integers, since a command that only decodes would otherwise spend more time on building the curve than on all the
 * rest.
 */
function isOnCurve25519(key: Uint8Array): boolean {
  const { p, d } = EDWARDS_PARAMETERS.ed25519;
  const y = bytesToNumberLE(key) & ((1n << 255n) - 1n);
  const y2 = (y * y) % p;
  const product = ((y2 - 1n) * (d * y2 + 1n)) % p;
  return pow((product + p) % p, (p - 1n) / 2n, p) === 1n;
}

/** Returns what is wrong with a key of the right length, or undefined. */
function faultOf(scheme: SchemeInfo, key: Uint8Array): string | undefined {
  const { name } = scheme;
  if (name === 'ed25519') {
    const good = isStrictEncoding(name, key) && isOnCurve25519(key);
    return good ? undefined : 'is not the canonical encoding of a point not of small order';
  }
  if (name === 'ed448') {
    const good = verificationKey(name, key) !== null;
    return good ? undefined : 'is not the canonical encoding of a point in the prime-order subgroup';
  }
  if (!isUncompressedPoint(scheme, key)) return 'is not an uncompressed point, which begins with 04';
  return isOnCurve(name, key) ? undefined : 'is not a point of the curve with coordinates below p';
}

/** Cached results for the last keys, since many files name the same few. */
const FAULTS = new BoundedMap<string | undefined>(KEYS_KEPT);

/**
 * Applies RFC 9420 §5.1.1 with the strict rules of the wire format. Ed25519: canonical, on the curve, not of small
 * order (a key of mixed order passes, but no honest self signature can be made under it). Ed448: canonical, in the
 * prime-order subgroup and not its neutral element. ECDSA: an uncompressed point of the curve. Error: `bad-public-key`.
 */
export function checkPublicKey(scheme: SchemeInfo, key: Uint8Array): void {
  const fault =
    key.length === scheme.publicKeyLength
      ? FAULTS.get(`${scheme.name} ${toHex(key)}`, () => faultOf(scheme, key))
      : `has ${String(key.length)} bytes, expected ${String(scheme.publicKeyLength)}`;
  if (fault === undefined) return;
  throw refused('bad-public-key', `the ${scheme.name} public key ${fault}`, {
    hint: 'Ask whoever made the key for another one; this one cannot come from a correct key generator.',
  });
}
