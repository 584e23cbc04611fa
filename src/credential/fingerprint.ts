import { hash } from '../crypto/hash.js';
import type { AnyCredential } from './kinds.js';

/** A credential's fingerprint: the hash of its encoding, under the hash of its own ciphersuite. */
export function fingerprintOf(credential: Pick<AnyCredential, 'payload' | 'encoded'>): Uint8Array {
  return hash(credential.payload.ciphersuite.hash.name, credential.encoded);
}
