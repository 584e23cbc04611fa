import { hash } from '../crypto/hash.js';
import { checkDecoded } from './decoded.js';
import type { AnyCredential, AnyRequest } from './kinds.js';

/**
 * Returns the fingerprint of a decoded credential or request: the hash of its encoding, under the hash of its own
 * ciphersuite. Error: `usage`.
 */
export function fingerprintOf(credential: AnyCredential | AnyRequest): Uint8Array {
  checkDecoded('the credential', credential);
  return hash(credential.payload.ciphersuite.hash.name, credential.encoded);
}
