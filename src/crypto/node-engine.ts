/** The second engine: OpenSSL through node:crypto, preceded by the strict rules for EdDSA. */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { toHex } from '../common/bytes.js';
import { BoundedMap, KEYS_KEPT } from './bounded-map.js';
import type { SchemeInfo } from './ciphersuite.js';
import { isEdwards } from './curves.js';
import { isStrictEncoding, splitSignature } from './edwards-checks.js';
import { makeEngine, type VerificationEngine } from './engine.js';
import { isUncompressedPoint } from './public-key.js';
import { isStrictDer } from './signature-encoding.js';

/** Names of the curves in a JWK (RFC 8037 §2). */
const JWK_CURVE = { ed25519: 'Ed25519', ed448: 'Ed448' } as const;

/** The prefix of an uncompressed point in a SubjectPublicKeyInfo (RFC 5480 §2). */
const SPKI_PREFIX = {
  p256: '3059301306072a8648ce3d020106082a8648ce3d030107034200',
  p384: '3076301006072a8648ce3d020106052b81040022036200',
  p521: '30819b301006072a8648ce3d020106052b8104002303818600',
} as const;

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

/**
 * Returns the key as OpenSSL imports it, or null if the strict rules or OpenSSL refuse it. Importing is fastest from a
 * JWK for EdDSA, and from DER for ECDSA.
 */
function importKey(scheme: SchemeInfo, publicKey: Uint8Array): KeyObject | null {
  try {
    if (isEdwards(scheme.name)) {
      if (!isStrictEncoding(scheme.name, publicKey)) return null;
      return createPublicKey({
        format: 'jwk',
        key: { kty: 'OKP', crv: JWK_CURVE[scheme.name], x: base64url(publicKey) },
      });
    }
    if (!isUncompressedPoint(scheme, publicKey)) return null;
    const der = Buffer.concat([Buffer.from(SPKI_PREFIX[scheme.name], 'hex'), publicKey]);
    return createPublicKey({ format: 'der', type: 'spki', key: der });
  } catch {
    return null;
  }
}

const keys = new BoundedMap<KeyObject | null>(KEYS_KEPT);

function isStrictSignature(scheme: SchemeInfo, signature: Uint8Array): boolean {
  if (!isEdwards(scheme.name)) return isStrictDer(signature);
  const parts = splitSignature(scheme.name, signature);
  return parts !== undefined && isStrictEncoding(scheme.name, parts.R);
}

export const nodeEngine: VerificationEngine = makeEngine('node:crypto', (scheme, publicKey, message, signature) => {
  if (publicKey.length !== scheme.publicKeyLength) return false;
  const key = keys.get(`${scheme.name} ${toHex(publicKey)}`, () => importKey(scheme, publicKey));
  if (key === null || !isStrictSignature(scheme, signature)) return false;
  return verify(scheme.digest ?? null, message, { key, dsaEncoding: 'der' }, signature);
});
