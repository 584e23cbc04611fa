import { u16 } from '../codec/tls.js';
import { concatBytes } from '../common/bytes.js';
import { bytesIn, wrongInput } from '../common/door.js';
import { schemeIn, type SchemeInfo } from '../crypto/ciphersuite.js';
import { hash } from '../crypto/hash.js';

export const COMMITMENT_LENGTH = 32;

/** Returns an entry of `next_roots`: SHA-256(uint16 signature_scheme ‖ public_key), 32 bytes. Error: `usage`. */
export function commitmentOf(scheme: SchemeInfo, publicKey: Uint8Array): Uint8Array {
  const { code, publicKeyLength } = schemeIn('the scheme', scheme);
  const key = bytesIn('the public key', publicKey);
  if (key.length !== publicKeyLength) throw wrongInput('the public key', 'does not have the length of its scheme');
  return hash('sha256', concatBytes(u16(code), key));
}
