/** What a public key must be before anything else is asked of it. */
import { bytesToNumberBE } from '@noble/curves/utils.js';
import { refused } from '../common/errors.js';
import type { SchemeInfo } from './ciphersuite.js';
import { ECDSA_PARAMETERS, isEdwards, type EcdsaName } from './curves.js';
import { verificationKey } from './edwards-keys.js';

/** An uncompressed point's form (SEC 1 §2.3.3): 0x04 and two coordinates of the right length. */
export function isUncompressedPoint(scheme: SchemeInfo, key: Uint8Array): boolean {
  return key.length === scheme.publicKeyLength && key[0] === 0x04;
}

/** y² = x³ + ax + b modulo p, both coordinates below p (SEC 1 §3.2.2.1; the cofactor is 1, and infinity has no such form). */
function isOnCurve(name: EcdsaName, key: Uint8Array): boolean {
  const { p, a, b } = ECDSA_PARAMETERS[name];
  const middle = (1 + key.length) / 2;
  const x = bytesToNumberBE(key.slice(1, middle));
  const y = bytesToNumberBE(key.slice(middle));
  return x < p && y < p && (y * y - (x * x + a) * x - b) % p === 0n;
}

/** What is wrong with a key of the right length, or undefined. */
function faultOf(scheme: SchemeInfo, key: Uint8Array): string | undefined {
  const { name } = scheme;
  if (isEdwards(name)) {
    const rule = name === 'ed25519' ? 'not of small order' : 'in the prime-order subgroup';
    return verificationKey(name, key) === null ? `is not the canonical encoding of a point ${rule}` : undefined;
  }
  if (!isUncompressedPoint(scheme, key)) return 'is not an uncompressed point, which begins with 04';
  return isOnCurve(name, key) ? undefined : 'is not a point of the curve with coordinates below p';
}

/**
 * RFC 9420 §5.1.1 with the strict rules of the wire format. Ed25519: canonical, on the curve, not of small order (a key of
 * mixed order passes; no honest self signature can be made under it). Ed448: canonical, in the prime-order subgroup and
 * not its neutral element. ECDSA: an uncompressed point of the curve. Error: `bad-public-key`.
 */
export function checkPublicKey(scheme: SchemeInfo, key: Uint8Array): void {
  const fault =
    key.length === scheme.publicKeyLength
      ? faultOf(scheme, key)
      : `has ${String(key.length)} bytes, expected ${String(scheme.publicKeyLength)}`;
  if (fault === undefined) return;
  throw refused('bad-public-key', `the ${scheme.name} public key ${fault}`, {
    hint: 'Ask whoever made the key for another one; this one cannot come from a correct key generator.',
  });
}
