/**
 * What all credentials have in common (the protocol's "Credential Signing and Self-Signatures"): a payload with a
 * signature over itself as proof of possession, and, for all but the AS credential, a signature by the signer above. A
 * request is the self-signed part alone.
 */
import { encodeVector, Reader } from '../codec/tls.js';
import { concatBytes } from '../common/bytes.js';
import { sealed } from '../common/sealed.js';
import type { CredentialCiphersuite } from '../crypto/ciphersuite.js';
import { checkPublicKey } from '../crypto/public-key.js';
import { signContent } from '../crypto/sign-with-label.js';
import { checkSignatureEncoding } from '../crypto/signature-encoding.js';
import { credentialCiphersuiteField, encodeCredentialCiphersuite } from './credential-ciphersuite.js';
import { asDecoded } from './decoded.js';
import { encodeExpirationData, type ExpirationData, expirationDataField } from './expiration-data.js';
import type { Field } from './field.js';

/** The fields of every payload. `publicKey` is encoded as its scheme requires (RFC 9420 §5.1.1). */
export interface CommonPayload {
  readonly expirationData: ExpirationData;
  readonly ciphersuite: CredentialCiphersuite;
  readonly publicKey: Uint8Array;
}

/**
 * A decoded self-signed struct, its signature not yet verified. `payloadBytes` and `encoded` are as received. Decoded
 * structs are frozen and tracked (decoded.ts); each access to their bytes returns a copy.
 */
export interface SelfSigned<Kind extends string, Payload extends CommonPayload> {
  readonly kind: Kind;
  readonly payload: Payload;
  readonly payloadBytes: Uint8Array;
  readonly selfSignature: Uint8Array;
  readonly encoded: Uint8Array;
}

/**
 * A decoded credential with a signer above it, neither signature verified yet. `selfSignedBytes` is what the signer
 * signed.
 */
export interface Signed<Kind extends string, Payload extends CommonPayload> extends SelfSigned<Kind, Payload> {
  readonly selfSignedBytes: Uint8Array;
  readonly signature: Uint8Array;
}

/** The struct's name in the protocol, which its labels contain. */
export type StructName = 'AsCredential' | 'IntermediateAsCredential' | 'ClientCredential' | 'LeafCredential';

/** Returns what a self signature signs: SignContent under the label `XPayload`. */
export function selfSignatureContent(name: StructName, payloadBytes: Uint8Array): Uint8Array {
  return signContent(`${name}Payload`, payloadBytes);
}

/** Returns what a signer signs: SignContent under the label `XSelfSignedPayload`. */
export function signatureContent(name: StructName, selfSignedBytes: Uint8Array): Uint8Array {
  return signContent(`${name}SelfSignedPayload`, selfSignedBytes);
}

/** Returns a payload, or a self-signed payload, with the signature over it appended. */
export function attachSignature(content: Uint8Array, signature: Uint8Array): Uint8Array {
  return concatBytes(content, encodeVector(signature));
}

export function encodeCommonPayload({ expirationData, ciphersuite, publicKey }: CommonPayload): Uint8Array {
  checkPublicKey(ciphersuite.scheme, publicKey);
  return concatBytes(
    encodeExpirationData(expirationData),
    encodeCredentialCiphersuite(ciphersuite),
    encodeVector(publicKey),
  );
}

/**
 * Reads the common fields. Errors: `bad-validity`, `unsupported-hash`, `unsupported-signature-scheme`,
 * `bad-public-key`.
 */
export const commonPayloadField: Field<CommonPayload> = (reader) => {
  const expiration = expirationDataField(reader);
  const suite = credentialCiphersuiteField(reader);
  const publicKey = reader.vector();
  return () => {
    const expirationData = expiration();
    const ciphersuite = suite();
    checkPublicKey(ciphersuite.scheme, publicKey);
    return { expirationData, ciphersuite, publicKey };
  };
};

/** Reads a self-signed struct, and checks the encoding of the self signature under the payload's own scheme. */
function openField<Kind extends string, Payload extends CommonPayload>(
  kind: Kind,
  payloadField: Field<Payload>,
): Field<SelfSigned<Kind, Payload>> {
  return (reader) => {
    const start = reader.offset;
    const payloadOf = payloadField(reader);
    const payloadBytes = reader.since(start);
    const selfSignature = reader.vector();
    const encoded = reader.since(start);
    return () => {
      const payload = payloadOf();
      checkSignatureEncoding(payload.ciphersuite.scheme, selfSignature);
      return { kind, payload, payloadBytes, selfSignature, encoded };
    };
  };
}

/** As `openField`, but sealed. */
export function selfSignedField<Kind extends string, Payload extends CommonPayload>(
  kind: Kind,
  payloadField: Field<Payload>,
): Field<SelfSigned<Kind, Payload>> {
  return (reader) => {
    const selfSignedOf = openField(kind, payloadField)(reader);
    return () => asDecoded(selfSignedOf());
  };
}

/**
 * Reads a whole credential, sealed. The encoding of the outer signature is checked later, under its signer's scheme.
 */
export function signedField<Kind extends string, Payload extends CommonPayload>(
  kind: Kind,
  payloadField: Field<Payload>,
): Field<Signed<Kind, Payload>> {
  return (reader) => {
    const start = reader.offset;
    const selfSignedOf = openField(kind, payloadField)(reader);
    const selfSignedBytes = reader.since(start);
    const signature = reader.vector();
    const encoded = reader.since(start);
    return () => asDecoded({ ...selfSignedOf(), selfSignedBytes, signature, encoded });
  };
}

/**
 * Makes a decoder of a whole message: first structure, then fields, with nothing left over. It throws the field's
 * errors, and `usage` for anything but a Uint8Array.
 */
export function decoderOf<T extends object>(field: Field<T>): (bytes: Uint8Array) => T {
  return (bytes) => {
    const reader = new Reader(bytes);
    const value = field(reader);
    reader.end();
    return sealed(value());
  };
}
