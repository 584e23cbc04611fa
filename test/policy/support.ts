/** Proposals that no rule objects to, to be spoilt in one thing at a time. */
import { parseDuration } from '../../src/common/time.js';
import {
  type AsCredential,
  decodeAsCredential,
  encodeAsCredentialPayload,
} from '../../src/credential/as-credential.js';
import type { ExpirationData } from '../../src/credential/expiration-data.js';
import { fingerprintOf } from '../../src/credential/fingerprint-of.js';
import {
  decodeIntermediateAsCredential,
  decodeIntermediateAsCredentialRequest,
  encodeIntermediateAsCredentialPayload,
  type IntermediateAsCredential,
  type IntermediateAsCredentialRequest,
} from '../../src/credential/intermediate-as-credential.js';
import { attachSignature, selfSignatureContent, signatureContent } from '../../src/credential/self-signed.js';
import { type CredentialCiphersuite, parseCiphersuite } from '../../src/crypto/ciphersuite.js';
import { nobleEngine } from '../../src/crypto/noble-engine.js';
import { nodeEngine } from '../../src/crypto/node-engine.js';
import { derivePublicKey, generatePrivateKey, sign } from '../../src/crypto/private-key.js';
import { findingsOf } from '../../src/policy/all-rules.js';
import type {
  BundleProposal,
  IssueProposal,
  PolicyContext,
  Proposal,
  RequestProposal,
  RootProposal,
} from '../../src/policy/rule.js';

export const AT = 1_800_000_000;
export const DAY = 86_400;
export const DOMAIN = 'example.org';

export function suite(name: string): CredentialCiphersuite {
  const found = parseCiphersuite(name);
  if (found === undefined) throw new TypeError(`no ciphersuite is named ${name}`);
  return found;
}

/** The private key that follows from a number. */
export function privateKeyOf({ scheme }: CredentialCiphersuite, seed: number): Uint8Array {
  return generatePrivateKey(scheme, (length) => new Uint8Array(length).fill(seed));
}

export interface CredentialOptions {
  readonly asDomain?: string;
  readonly validity?: ExpirationData;
  readonly ciphersuite?: string;
  readonly seed?: number;
  /** Changes the self signature. */
  readonly spoil?: (signature: Uint8Array) => Uint8Array;
}

export const ROOT_VALIDITY = { notBefore: AT - 100 * DAY, notAfter: AT + 1000 * DAY };
/** Not older than the backdating. */
export const NEW_VALIDITY = { notBefore: AT - 60, notAfter: AT + 100 * DAY };

export function makeRoot(wanted: CredentialOptions = {}): AsCredential {
  const ciphersuite = suite(wanted.ciphersuite ?? 'ed25519-sha256');
  const privateKey = privateKeyOf(ciphersuite, wanted.seed ?? 1);
  const payload = encodeAsCredentialPayload({
    asDomain: wanted.asDomain ?? DOMAIN,
    expirationData: wanted.validity ?? ROOT_VALIDITY,
    ciphersuite,
    publicKey: derivePublicKey(ciphersuite.scheme, privateKey),
  });
  const signature = sign(ciphersuite.scheme, privateKey, selfSignatureContent('AsCredential', payload));
  return decodeAsCredential(attachSignature(payload, signature));
}

export function makeRequest(signer: AsCredential, wanted: CredentialOptions = {}): IntermediateAsCredentialRequest {
  const ciphersuite = suite(wanted.ciphersuite ?? 'ed25519-sha256');
  const privateKey = privateKeyOf(ciphersuite, wanted.seed ?? 2);
  const payload = encodeIntermediateAsCredentialPayload({
    expirationData: wanted.validity ?? NEW_VALIDITY,
    ciphersuite,
    publicKey: derivePublicKey(ciphersuite.scheme, privateKey),
    signerFingerprint: fingerprintOf(signer),
  });
  const signature = sign(ciphersuite.scheme, privateKey, selfSignatureContent('IntermediateAsCredential', payload));
  return decodeIntermediateAsCredentialRequest(attachSignature(payload, wanted.spoil?.(signature) ?? signature));
}

/** Signed by a root that `makeRoot` made with this seed. */
export function issue(
  signer: AsCredential,
  request: IntermediateAsCredentialRequest,
  seed = 1,
): IntermediateAsCredential {
  const { ciphersuite } = signer.payload;
  const content = signatureContent('IntermediateAsCredential', request.encoded);
  const signature = sign(ciphersuite.scheme, privateKeyOf(ciphersuite, seed), content);
  return decodeIntermediateAsCredential(attachSignature(request.encoded, signature));
}

export function rootProposal(wanted: CredentialOptions = {}): RootProposal {
  return { act: 'self-sign-root', candidate: makeRoot({ validity: NEW_VALIDITY, ...wanted }) };
}

export function requestProposal(wanted: CredentialOptions = {}, signer = makeRoot()): RequestProposal {
  return { act: 'self-sign-request', candidate: makeRequest(signer, wanted), signer };
}

export function issueProposal(wanted: CredentialOptions = {}, signer = makeRoot()): IssueProposal {
  const request = makeRequest(signer, wanted);
  return { act: 'issue-intermediate', request, candidate: issue(signer, request), signer };
}

export function bundleProposal(change: Partial<BundleProposal> = {}): BundleProposal {
  return {
    act: 'sign-bundle',
    payloadBytes: new Uint8Array(1),
    asDomain: DOMAIN,
    issuedAt: AT,
    expiresAt: AT + 9 * DAY,
    signers: [makeRoot()],
    departing: [],
    ...change,
  };
}

/** Every maximum is another one, so that none can stand for its neighbour. */
export const CONTEXT: PolicyContext = {
  atSeconds: AT,
  newestSeconds: AT - 1000,
  clockSeconds: AT,
  rehearsal: false,
  buildSeconds: AT - 2000,
  domain: DOMAIN,
  maxima: { root: parseDuration('P400D'), intermediate: parseDuration('P200D'), bundle: parseDuration('P10D') },
  allowedCiphersuites: ['ed25519-sha256', 'ed448-sha512', 'p256-sha256', 'p384-sha384', 'p521-sha512'],
  backdating: parseDuration('PT15M'),
  requestAge: parseDuration('P30D'),
  usedKeys: [],
  revokedByOthers: new Set(),
  revokedByUs: new Set(),
  committed: new Set(),
  retired: new Set(),
  endedKeys: [],
  issued: [],
  rebuiltSeconds: undefined,
  revoked: new Set(),
  engines: [nobleEngine, nodeEngine],
};

/** `rule: code` of every finding. */
export function findings(proposal: Proposal, change: Partial<PolicyContext> = {}): readonly string[] {
  return findingsOf(proposal, { ...CONTEXT, ...change }).map(({ rule, code }) => `${rule}: ${code}`);
}
