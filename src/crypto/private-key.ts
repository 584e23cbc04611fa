/**
 * Software keys: EdDSA seeds (RFC 8032) and ECDSA scalars at the width of the curve's field. Noble multiplies in
 * constant time, blinded by random bytes that it draws itself and that don't affect the output. Big integers cannot be
 * wiped; buffers that hold secrets are.
 */
import { type EdDSA, eddsa } from '@noble/curves/abstract/edwards.js';
import { bytesToNumberBE, numberToBytesBE } from '@noble/curves/utils.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { shake256 } from '@noble/hashes/sha3.js';
import { createHasher } from '@noble/hashes/utils.js';
import { concatBytes, utf8, wipe } from '../common/bytes.js';
import { couldNot } from '../common/errors.js';
import type { SchemeInfo } from './ciphersuite.js';
import { ECDSA_PARAMETERS, type EdwardsName, isEdwards } from './curves.js';
import { ecdsaOf } from './ecdsa.js';
import { edwardsPoints } from './edwards-points.js';

/** Clamps in place (RFC 8032 §5.1.5 and §5.2.5). */
function clamp(name: EdwardsName, bytes: Uint8Array): Uint8Array {
  if (name === 'ed25519') {
    bytes[0] = (bytes[0] ?? 0) & 0xf8;
    bytes[31] = ((bytes[31] ?? 0) & 0x7f) | 0x40;
  } else {
    bytes[0] = (bytes[0] ?? 0) & 0xfc;
    bytes[55] = (bytes[55] ?? 0) | 0x80;
    bytes[56] = 0;
  }
  return bytes;
}

/** dom4 of RFC 8032 §5.2 for pure Ed448 with an empty context. */
const dom4 = (data: Uint8Array): Uint8Array => concatBytes(utf8('SigEd448'), Uint8Array.of(0, 0), data);

function eddsaOf(name: EdwardsName): EdDSA {
  const points = edwardsPoints(name, 'secret');
  const adjustScalarBytes = (bytes: Uint8Array): Uint8Array => clamp(name, bytes);
  if (name === 'ed25519') return eddsa(points, sha512, { adjustScalarBytes });
  return eddsa(
    points,
    createHasher(() => shake256.create({ dkLen: 114 })),
    { adjustScalarBytes, domain: dom4 },
  );
}

function exactly(random: (length: number) => Uint8Array, length: number): Uint8Array {
  const bytes = random(length);
  if (bytes.length === length) return bytes;
  const got = String(bytes.length);
  wipe(bytes);
  throw couldNot('random-failed', `the source of randomness gave ${got} bytes, expected ${String(length)}`, {
    hint: 'Generate no keys on this machine until its source of randomness works.',
  });
}

/**
 * Generates a private key. EdDSA: a seed of 32 or 57 bytes. ECDSA: a scalar in 1..n−1 by FIPS 186-5 A.2.1, from 64
 * random bits more than n has, so that the bias is below 2^−64. The caller wipes it. Error: `random-failed`.
 */
export function generatePrivateKey(scheme: SchemeInfo, random: (length: number) => Uint8Array): Uint8Array {
  if (isEdwards(scheme.name)) return exactly(random, scheme.publicKeyLength);
  const { n } = ECDSA_PARAMETERS[scheme.name];
  const bytes = exactly(random, Math.ceil((n.toString(2).length + 64) / 8));
  try {
    return numberToBytesBE((bytesToNumberBE(bytes) % (n - 1n)) + 1n, scheme.fieldBytes ?? 0);
  } finally {
    wipe(bytes);
  }
}

/**
 * Returns the public key as RFC 9420 §5.1.1 encodes it. Throws a RangeError or an Error if the private key has another
 * length or is out of range.
 */
export function derivePublicKey(scheme: SchemeInfo, privateKey: Uint8Array): Uint8Array {
  return isEdwards(scheme.name)
    ? eddsaOf(scheme.name).getPublicKey(privateKey)
    : ecdsaOf(scheme.name, 'secret').getPublicKey(privateKey, false);
}

/**
 * Returns the deterministic signature over `message`: EdDSA raw (RFC 8032), or ECDSA by RFC 6979 with low s in strict
 * DER.
 */
export function sign(scheme: SchemeInfo, privateKey: Uint8Array, message: Uint8Array): Uint8Array {
  return isEdwards(scheme.name)
    ? eddsaOf(scheme.name).sign(message, privateKey)
    : ecdsaOf(scheme.name, 'secret').sign(message, privateKey, {
        format: 'der',
        lowS: true,
        prehash: true,
        extraEntropy: false,
      });
}
