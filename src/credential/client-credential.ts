import { concatBytes } from '../common/bytes.js';
import { type ClientId, clientIdField, encodeClientId } from './client-id.js';
import type { Field } from './field.js';
import { decoderOf, type SelfSigned, selfSignedField, type Signed, signedField } from './self-signed.js';
import { encodeSignedByPayload, type SignedByPayload, signedByPayloadField } from './signed-by-payload.js';

/** The payload of a client credential; `signerFingerprint` names an IntermediateAsCredential. */
export interface ClientCredentialPayload extends SignedByPayload {
  readonly clientId: ClientId;
}

export type ClientCredential = Signed<'client_credential', ClientCredentialPayload>;

/** The signing request: a ClientCredentialSelfSignedPayload. */
export type ClientCredentialRequest = SelfSigned<'client_credential_request', ClientCredentialPayload>;

export function encodeClientCredentialPayload(payload: ClientCredentialPayload): Uint8Array {
  return concatBytes(encodeClientId(payload.clientId), encodeSignedByPayload(payload));
}

const payloadField: Field<ClientCredentialPayload> = (reader) => {
  const clientId = clientIdField(reader);
  const rest = signedByPayloadField(reader);
  return () => ({ clientId: clientId(), ...rest() });
};

/** Decodes a whole ClientCredential, strictly; nothing is verified. Errors: the wire format's decoding codes. */
export const decodeClientCredential = decoderOf<ClientCredential>(signedField('client_credential', payloadField));

/** Decodes a whole request, strictly; nothing is verified. Errors: the wire format's decoding codes. */
export const decodeClientCredentialRequest = decoderOf<ClientCredentialRequest>(
  selfSignedField('client_credential_request', payloadField),
);
