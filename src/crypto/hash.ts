/** The three hashes of credentials and of ECDSA (FIPS 180-4). */
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import type { HashName } from './ciphersuite.js';

const FUNCTIONS = { sha256, sha384, sha512 } as const;

export function hash(name: HashName, bytes: Uint8Array): Uint8Array {
  return FUNCTIONS[name](bytes);
}
