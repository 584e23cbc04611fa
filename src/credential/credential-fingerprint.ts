import { encodeVector } from '../codec/tls.js';
import { fromHex } from '../common/bytes.js';
import { refused } from '../common/errors.js';
import type { Field } from './field.js';

const LENGTHS: ReadonlySet<number> = new Set([32, 48, 64]);

/** Returns whether bytes can be a fingerprint: 32, 48 or 64 of them. */
export function isFingerprint(bytes: Uint8Array): boolean {
  return LENGTHS.has(bytes.length);
}

/** Returns the bytes of a whole fingerprint in hex, or undefined if the text is not one. */
export function parseFingerprint(text: string): Uint8Array | undefined {
  const bytes = fromHex(text);
  return bytes !== undefined && isFingerprint(bytes) ? bytes : undefined;
}

export function encodeCredentialFingerprint(fingerprint: Uint8Array): Uint8Array {
  return encodeVector(checked(fingerprint));
}

/** Reads `opaque CredentialFingerprint<V>`, 32, 48 or 64 bytes. Error: `bad-fingerprint`. */
export const credentialFingerprintField: Field<Uint8Array> = (reader) => {
  const bytes = reader.vector();
  return () => checked(bytes);
};

function checked(bytes: Uint8Array): Uint8Array {
  if (!isFingerprint(bytes)) {
    throw refused('bad-fingerprint', `a fingerprint of ${String(bytes.length)} bytes; 32, 48 or 64 are allowed`);
  }
  return bytes;
}
