import { hash } from '../crypto/hash.js';
import type { AnyCredential, AnyRequest } from './kinds.js';

/** The fingerprint of a credential (or a request): the hash of its encoding, under the hash of its own ciphersuite. */
export function fingerprintOf(credential: Pick<AnyCredential | AnyRequest, 'payload' | 'encoded'>): Uint8Array {
  return hash(credential.payload.ciphersuite.hash.name, credential.encoded);
}
