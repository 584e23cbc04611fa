import { concatBytes } from '../common/bytes.js';
import { u16 } from '../codec/tls.js';
import type { SchemeInfo } from '../crypto/ciphersuite.js';
import { hash } from '../crypto/hash.js';

export const COMMITMENT_LENGTH = 32;

/** An entry of `next_roots`: SHA-256(uint16 signature_scheme ‖ public_key), 32 bytes. */
export function commitmentOf(scheme: SchemeInfo, publicKey: Uint8Array): Uint8Array {
  return hash('sha256', concatBytes(u16(scheme.code), publicKey));
}
