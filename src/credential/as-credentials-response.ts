import { encodeVector, Reader } from '../codec/tls.js';
import { concatBytes } from '../common/bytes.js';
import { arrayIn, bytesIn, recordIn } from '../common/door.js';
import { type AsCredential, asCredentialField } from './as-credential.js';
import { credentialFingerprintField, encodeCredentialFingerprint } from './credential-fingerprint.js';
import { checkDecoded } from './decoded.js';
import type { Field } from './field.js';
import { type IntermediateAsCredential, intermediateAsCredentialField } from './intermediate-as-credential.js';
import { decoderOf } from './self-signed.js';

/**
 * The response of the *get AS credentials* endpoint, derived from the signed bundle and in its order. It is itself
 * unsigned: a client verifies the bundle.
 */
export interface AsCredentialsResponse {
  readonly asCredentials: readonly AsCredential[];
  readonly asIntermediateCredentials: readonly IntermediateAsCredential[];
  readonly revokedCerts: readonly Uint8Array[];
}

/** Encodes a response. Errors: `usage`, `wrong-kind`, `bad-fingerprint`. */
export function encodeAsCredentialsResponse(response: AsCredentialsResponse): Uint8Array {
  const given = recordIn('the response', response, ['asCredentials', 'asIntermediateCredentials', 'revokedCerts']);
  const vector = (parts: readonly Uint8Array[]): Uint8Array => encodeVector(concatBytes(...parts));
  return concatBytes(
    vector(arrayIn('asCredentials', given.asCredentials, encodedOf('as_credential'))),
    vector(
      arrayIn('asIntermediateCredentials', given.asIntermediateCredentials, encodedOf('intermediate_as_credential')),
    ),
    vector(arrayIn('revokedCerts', given.revokedCerts, bytesIn).map(encodeCredentialFingerprint)),
  );
}

function encodedOf(kind: string): (name: string, value: unknown) => Uint8Array {
  return (name, value) => {
    const credential = value as { readonly kind: string; readonly encoded: Uint8Array };
    checkDecoded(name, credential, [kind]);
    return credential.encoded;
  };
}

/** Reads `T items<V>`. */
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
