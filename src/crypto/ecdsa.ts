/** Noble's ECDSA on the three NIST curves, each with the one hash that RFC 9420 §17.1 gives it. */
import { ecdsa, weierstrass, type ECDSA, type WeierstrassPointCons } from '@noble/curves/abstract/weierstrass.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { once, randomnessFor, type Purpose } from './build-curve.js';
import { ECDSA_PARAMETERS, type EcdsaName } from './curves.js';

const HASH_OF = { p256: sha256, p384: sha384, p521: sha512 } as const;

const points = once<EcdsaName, WeierstrassPointCons<bigint>>((name, purpose) =>
  weierstrass(ECDSA_PARAMETERS[name], randomnessFor(purpose)),
);
const made = new Map<string, ECDSA>();

export function ecdsaOf(name: EcdsaName, purpose: Purpose): ECDSA {
  const key = `${name} ${purpose}`;
  let instance = made.get(key);
  if (instance === undefined) {
    instance = ecdsa(points(name, purpose), HASH_OF[name], randomnessFor(purpose));
    made.set(key, instance);
  }
  return instance;
}
