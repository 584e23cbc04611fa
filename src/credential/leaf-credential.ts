import { decoderOf, type Signed, signedField } from './self-signed.js';
import { encodeSignedByPayload, type SignedByPayload, signedByPayloadField } from './signed-by-payload.js';

/** The payload of a leaf credential; `signerFingerprint` names a ClientCredential. */
export type LeafCredentialPayload = SignedByPayload;

/** A client's credential in one MLS group. */
export type LeafCredential = Signed<'leaf_credential', LeafCredentialPayload>;

export const encodeLeafCredentialPayload = encodeSignedByPayload;

/** Decodes a whole LeafCredential, strictly; nothing is verified. Errors: the wire format's decoding codes. */
export const decodeLeafCredential = decoderOf<LeafCredential>(signedField('leaf_credential', signedByPayloadField));
