import { concatBytes } from '../common/bytes.js';
import { credentialFingerprintField, encodeCredentialFingerprint } from './credential-fingerprint.js';
import type { Field } from './field.js';
import { type CommonPayload, commonPayloadField, encodeCommonPayload } from './self-signed.js';

/**
 * The layout that intermediate and leaf payloads share, and with which a client's ends; their labels tell them apart.
 */
export interface SignedByPayload extends CommonPayload {
  /** The signer's fingerprint, under the hash of the signer's own ciphersuite. */
  readonly signerFingerprint: Uint8Array;
}

export function encodeSignedByPayload(payload: SignedByPayload): Uint8Array {
  return concatBytes(encodeCommonPayload(payload), encodeCredentialFingerprint(payload.signerFingerprint));
}

/** Reads the payload. Errors: those of the common fields, then `bad-fingerprint`. */
export const signedByPayloadField: Field<SignedByPayload> = (reader) => {
  const common = commonPayloadField(reader);
  const signerFingerprint = credentialFingerprintField(reader);
  return () => ({ ...common(), signerFingerprint: signerFingerprint() });
};
