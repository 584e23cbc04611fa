/** The public library: what a client or a server needs to verify, in Node or in a browser. */
export { decodeBundle, type UnverifiedBundle } from './bundle/bundle.js';
export { commitmentOf } from './bundle/commitment.js';
export type { BundlePayload, Revocation, RevocationReason } from './bundle/payload.js';
export { type PublishedSet, publishedSetOf } from './bundle/published-set.js';
export {
  BUNDLE_CODES,
  type BundleCode,
  type Code,
  DECODING_CODES,
  type DecodingCode,
  type ErrorKind,
  isWireCode,
  VERIFYING_CODES,
  type VerifyingCode,
  type WireCode,
} from './common/codes.js';
export { CeremonyError, type Finding } from './common/errors.js';
export type { Remedy } from './common/remedy.js';
export { type AsCredential, type AsCredentialPayload, decodeAsCredential } from './credential/as-credential.js';
export {
  type AsCredentialsResponse,
  decodeAsCredentialsResponse,
  encodeAsCredentialsResponse,
} from './credential/as-credentials-response.js';
export { checkNesting, checkSelfSignature, checkSignature } from './credential/checks.js';
export {
  type ClientCredential,
  type ClientCredentialPayload,
  type ClientCredentialRequest,
  decodeClientCredential,
  decodeClientCredentialRequest,
} from './credential/client-credential.js';
export { type ClientId, formatClientId, type UserName } from './credential/client-id.js';
export { decodeCredentialFile, encodeCredentialFile } from './credential/credential-file.js';
export type { ExpirationData } from './credential/expiration-data.js';
export { fingerprintOf } from './credential/fingerprint-of.js';
export { identityHash, identityHashOf } from './credential/identity.js';
export {
  decodeIntermediateAsCredential,
  decodeIntermediateAsCredentialRequest,
  type IntermediateAsCredential,
  type IntermediateAsCredentialPayload,
  type IntermediateAsCredentialRequest,
} from './credential/intermediate-as-credential.js';
export type { AnyCredential, AnyRequest, CredentialKind, Kind } from './credential/kinds.js';
export { decodeLeafCredential, type LeafCredential, type LeafCredentialPayload } from './credential/leaf-credential.js';
export {
  ciphersuiteName,
  type CredentialCiphersuite,
  hashByCode,
  HASHES,
  type HashInfo,
  type HashName,
  parseCiphersuite,
  schemeByCode,
  schemeByCoseAlgorithm,
  schemeByName,
  type SchemeInfo,
  type SchemeName,
  SCHEMES,
} from './crypto/ciphersuite.js';
export { type VerificationEngine, verifyWithAll } from './crypto/engine.js';
export { nobleEngine } from './crypto/noble-engine.js';
export { signContent } from './crypto/sign-with-label.js';
export { acceptBundle, type AcceptedBundle, type BundleQuestion, type HeldTrust } from './verify/accept-bundle.js';
export {
  type ChainQuestion,
  examineChain,
  type ExaminedChain,
  type Link,
  type VerifiedChain,
  verifyChain,
} from './verify/chain.js';
export { type SignedMessage, verifyMessage } from './verify/message.js';
