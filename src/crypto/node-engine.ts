/** The second engine: node:crypto, that is OpenSSL, with the strict rules for EdDSA in front of it. */
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { toHex } from '../common/bytes.js';
import { BoundedMap } from './bounded-map.js';
import type { SchemeInfo, SchemeName } from './ciphersuite.js';
import { isEdwards } from './curves.js';
import { isStrictEncoding, splitSignature } from './edwards-checks.js';
import type { VerificationEngine } from './engine.js';
import { isUncompressedPoint } from './public-key.js';
import { isStrictDer } from './signature-encoding.js';

/** Names of the curves in a JWK: RFC 8037 §2, RFC 7518 §6.2.1.1. */
const JWK_CURVE: Readonly<Record<SchemeName, string>> = {
  ed25519: 'Ed25519',
  ed448: 'Ed448',
  p256: 'P-256',
  p384: 'P-384',
  p521: 'P-521',
};

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

/** The key as OpenSSL sees it; null where the strict rules or OpenSSL refuse it. A JWK is the form it imports fastest. */
function importKey(scheme: SchemeInfo, publicKey: Uint8Array): KeyObject | null {
  const crv = JWK_CURVE[scheme.name];
  try {
    if (isEdwards(scheme.name)) {
      if (!isStrictEncoding(scheme.name, publicKey)) return null;
      return createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv, x: base64url(publicKey) } });
    }
    if (!isUncompressedPoint(scheme, publicKey)) return null;
    const middle = (1 + publicKey.length) / 2;
    const [x, y] = [base64url(publicKey.slice(1, middle)), base64url(publicKey.slice(middle))];
    return createPublicKey({ format: 'jwk', key: { kty: 'EC', crv, x, y } });
  } catch {
    return null;
  }
}

const keys = new BoundedMap<KeyObject | null>(64);

function isStrictSignature(scheme: SchemeInfo, signature: Uint8Array): boolean {
  if (!isEdwards(scheme.name)) return isStrictDer(signature);
  const parts = splitSignature(scheme.name, signature);
  return parts !== undefined && isStrictEncoding(scheme.name, parts.R);
}

export const nodeEngine: VerificationEngine = {
  name: 'node:crypto',
  verify: (scheme, publicKey, message, signature) => {
    if (publicKey.length !== scheme.publicKeyLength) return false;
    const key = keys.get(`${scheme.name} ${toHex(publicKey)}`, () => importKey(scheme, publicKey));
    if (key === null || !isStrictSignature(scheme, signature)) return false;
    try {
      return verify(scheme.digest ?? null, message, { key, dsaEncoding: 'der' }, signature);
    } catch {
      return false;
    }
  },
};
