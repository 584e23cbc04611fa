import { u8, u16 } from '../codec/tls.js';
import { concatBytes } from '../common/bytes.js';
import { refused } from '../common/errors.js';
import { type CredentialCiphersuite, hashByCode, HASHES, schemeByCode, SCHEMES } from '../crypto/ciphersuite.js';
import type { Field } from './field.js';

export function encodeCredentialCiphersuite({ hash, scheme }: CredentialCiphersuite): Uint8Array {
  return concatBytes(u8(hash.code), u16(scheme.code));
}

/** Reads a ciphersuite. Errors: `unsupported-hash`, `unsupported-signature-scheme`. */
export const credentialCiphersuiteField: Field<CredentialCiphersuite> = (reader) => {
  const hashCode = reader.u8();
  const schemeCode = reader.u16();
  return () => {
    const hash = hashByCode(hashCode);
    if (hash === undefined) {
      const known = HASHES.map(({ name, code }) => `${name} (${String(code)})`).join(', ');
      throw refused('unsupported-hash', `hash ${String(hashCode)} is not one of ${known}`);
    }
    const scheme = schemeByCode(schemeCode);
    if (scheme === undefined) {
      const known = SCHEMES.map(({ name, code }) => `${name} (${hex(code)})`).join(', ');
      throw refused('unsupported-signature-scheme', `signature_scheme ${hex(schemeCode)} is not one of ${known}`);
    }
    return { hash, scheme };
  };
};

const hex = (code: number): string => `0x${code.toString(16).padStart(4, '0')}`;
