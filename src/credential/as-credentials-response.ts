import { concatBytes } from '../common/bytes.js';
import { encodeVector, Reader } from '../codec/tls.js';
import { asCredentialField, type AsCredential } from './as-credential.js';
import { credentialFingerprintField, encodeCredentialFingerprint } from './credential-fingerprint.js';
import type { Field } from './field.js';
import { intermediateAsCredentialField, type IntermediateAsCredential } from './intermediate-as-credential.js';
import { decoderOf } from './self-signed.js';

/**
 * What the *get AS credentials* endpoint serves, derived from the signed bundle and in its order. By itself it is unsigned: a client verifies the bundle.
 */
export interface AsCredentialsResponse {
  readonly asCredentials: readonly AsCredential[];
  readonly asIntermediateCredentials: readonly IntermediateAsCredential[];
  readonly revokedCerts: readonly Uint8Array[];
}

export function encodeAsCredentialsResponse(response: AsCredentialsResponse): Uint8Array {
  const vector = (parts: readonly Uint8Array[]): Uint8Array => encodeVector(concatBytes(...parts));
  return concatBytes(
    vector(response.asCredentials.map(({ encoded }) => encoded)),
    vector(response.asIntermediateCredentials.map(({ encoded }) => encoded)),
    vector(response.revokedCerts.map(encodeCredentialFingerprint)),
  );
}

/** `T items<V>`. */
function listField<T>(item: Field<T>): Field<T[]> {
  return (reader) => {
    const inner = new Reader(reader.vector());
    const items: (() => T)[] = [];
    while (!inner.atEnd) items.push(item(inner));
    return () => items.map((value) => value());
  };
}

const responseField: Field<AsCredentialsResponse> = (reader) => {
  const roots = listField(asCredentialField)(reader);
  const intermediates = listField(intermediateAsCredentialField)(reader);
  const revoked = listField(credentialFingerprintField)(reader);
  return () => ({ asCredentials: roots(), asIntermediateCredentials: intermediates(), revokedCerts: revoked() });
};

/** Decodes a whole response, strictly; nothing is verified. Errors: the wire format's decoding codes. */
export const decodeAsCredentialsResponse = decoderOf<AsCredentialsResponse>(responseField);
