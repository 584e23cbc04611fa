/** The public library: what a client or a server needs to verify, in Node or in a browser. */
export {
  BUNDLE_CODES,
  DECODING_CODES,
  isWireCode,
  VERIFYING_CODES,
  type BundleCode,
  type Code,
  type DecodingCode,
  type ErrorKind,
  type VerifyingCode,
  type WireCode,
} from './common/codes.js';
export { CeremonyError, type Finding } from './common/errors.js';
export type { Remedy } from './common/remedy.js';
export {
  ciphersuiteName,
  hashByCode,
  HASHES,
  parseCiphersuite,
  schemeByCode,
  schemeByCoseAlgorithm,
  schemeByName,
  SCHEMES,
  type CredentialCiphersuite,
  type HashInfo,
  type HashName,
  type SchemeInfo,
  type SchemeName,
} from './crypto/ciphersuite.js';
export { verifyWithAll, type VerificationEngine } from './crypto/engine.js';
export { nobleEngine } from './crypto/noble-engine.js';
export { signContent } from './crypto/sign-with-label.js';
export { decodeAsCredential, type AsCredential, type AsCredentialPayload } from './credential/as-credential.js';
export {
  decodeIntermediateAsCredential,
  decodeIntermediateAsCredentialRequest,
  type IntermediateAsCredential,
  type IntermediateAsCredentialPayload,
  type IntermediateAsCredentialRequest,
} from './credential/intermediate-as-credential.js';
export {
  decodeClientCredential,
  decodeClientCredentialRequest,
  type ClientCredential,
  type ClientCredentialPayload,
  type ClientCredentialRequest,
} from './credential/client-credential.js';
export { decodeLeafCredential, type LeafCredential, type LeafCredentialPayload } from './credential/leaf-credential.js';
export {
  decodeAsCredentialsResponse,
  encodeAsCredentialsResponse,
  type AsCredentialsResponse,
} from './credential/as-credentials-response.js';
export { decodeCredentialFile, encodeCredentialFile } from './credential/credential-file.js';
export { formatClientId, type ClientId, type UserName } from './credential/client-id.js';
export type { ExpirationData } from './credential/expiration-data.js';
export { fingerprintOf } from './credential/fingerprint-of.js';
export { identityHash, identityHashOf } from './credential/identity.js';
export type { AnyCredential, AnyRequest, CredentialKind, Kind } from './credential/kinds.js';
export { checkNesting, checkSelfSignature, checkSignature } from './credential/checks.js';
export { decodeBundle, type UnverifiedBundle } from './bundle/bundle.js';
export { commitmentOf } from './bundle/commitment.js';
export type { BundlePayload, Revocation, RevocationReason } from './bundle/payload.js';
export { publishedSetOf, type PublishedSet } from './bundle/published-set.js';
export { acceptBundle, type AcceptedBundle, type BundleQuestion, type HeldTrust } from './verify/accept-bundle.js';
export {
  examineChain,
  verifyChain,
  type ChainQuestion,
  type ExaminedChain,
  type Link,
  type VerifiedChain,
} from './verify/chain.js';
export { verifyMessage, type SignedMessage } from './verify/message.js';
