/** Noble's ECDSA on the three NIST curves, each with the one hash that RFC 9420 §17.1 gives it. */
import { type ECDSA, ecdsa } from '@noble/curves/abstract/weierstrass.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { type Purpose, randomnessFor } from './build-curve.js';
import type { EcdsaName } from './curves.js';
import { ecdsaPoints } from './ecdsa-points.js';
import { verifyEcdsa } from './noble-ecdsa.js';

const HASH_OF = { p256: sha256, p384: sha384, p521: sha512 } as const;

const made = new Map<string, ECDSA>();

/**
 * Returns noble's ECDSA. For public values its `verify` is replaced by our own, which requires strict DER, allows high
 * S, and is cheaper for a key that is used again.
 */
export function ecdsaOf(name: EcdsaName, purpose: Purpose): ECDSA {
  const key = `${name} ${purpose}`;
  let instance = made.get(key);
  if (instance === undefined) {
    const noble = ecdsa(ecdsaPoints(name, purpose), HASH_OF[name], randomnessFor(purpose));
    const verify: ECDSA['verify'] = (signature, message, publicKey) =>
      verifyEcdsa(name, publicKey, HASH_OF[name](message), signature);
    instance = purpose === 'secret' ? noble : { ...noble, verify };
    made.set(key, instance);
  }
  return instance;
}
