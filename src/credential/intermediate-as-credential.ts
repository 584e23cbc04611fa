import { decoderOf, type SelfSigned, selfSignedField, type Signed, signedField } from './self-signed.js';
import { encodeSignedByPayload, type SignedByPayload, signedByPayloadField } from './signed-by-payload.js';

/** The payload of an intermediate; `signerFingerprint` names an AsCredential. */
export type IntermediateAsCredentialPayload = SignedByPayload;

export type IntermediateAsCredential = Signed<'intermediate_as_credential', IntermediateAsCredentialPayload>;

/** The signing request: an IntermediateAsCredentialSelfSignedPayload. */
export type IntermediateAsCredentialRequest = SelfSigned<
  'intermediate_as_credential_request',
  IntermediateAsCredentialPayload
>;

export const encodeIntermediateAsCredentialPayload = encodeSignedByPayload;

export const intermediateAsCredentialField = signedField('intermediate_as_credential', signedByPayloadField);

/**
 * Decodes a whole IntermediateAsCredential, strictly; nothing is verified. Errors: the wire format's decoding codes.
 */
export const decodeIntermediateAsCredential = decoderOf<IntermediateAsCredential>(intermediateAsCredentialField);

/** Decodes a whole request, strictly; nothing is verified. Errors: the wire format's decoding codes. */
export const decodeIntermediateAsCredentialRequest = decoderOf<IntermediateAsCredentialRequest>(
  selfSignedField('intermediate_as_credential_request', signedByPayloadField),
);
