import { concatBytes } from '../common/bytes.js';
import type { Field } from './field.js';
import { encodeFqdn, fqdnField } from './fqdn.js';
import {
  type CommonPayload,
  commonPayloadField,
  decoderOf,
  encodeCommonPayload,
  type SelfSigned,
  selfSignedField,
} from './self-signed.js';

export interface AsCredentialPayload extends CommonPayload {
  readonly asDomain: string;
}

/** An AS root credential: self-signed only. */
export type AsCredential = SelfSigned<'as_credential', AsCredentialPayload>;

export function encodeAsCredentialPayload(payload: AsCredentialPayload): Uint8Array {
  return concatBytes(encodeFqdn(payload.asDomain), encodeCommonPayload(payload));
}

const payloadField: Field<AsCredentialPayload> = (reader) => {
  const domain = fqdnField(reader);
  const common = commonPayloadField(reader);
  return () => ({ asDomain: domain(), ...common() });
};

export const asCredentialField = selfSignedField('as_credential', payloadField);

/** Decodes a whole AsCredential, strictly; nothing is verified. Errors: the wire format's decoding codes. */
export const decodeAsCredential = decoderOf<AsCredential>(asCredentialField);
