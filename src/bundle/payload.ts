/**
 * The payload of a signed bundle: what an authority publishes. Its limits and meaning are in the payload table of the
 * bundle format.
 */
import { type CborLimits, type CborValue, decodeCbor } from '../codec/cbor.js';
import { compareBytes } from '../common/bytes.js';
import { cut } from '../common/cut.js';
import { LAST_SECOND } from '../common/time.js';
import { type AsCredential, decodeAsCredential } from '../credential/as-credential.js';
import { fingerprintOf } from '../credential/fingerprint-of.js';
import { checkFqdn } from '../credential/fqdn.js';
import {
  decodeIntermediateAsCredential,
  type IntermediateAsCredential,
} from '../credential/intermediate-as-credential.js';
import { hash } from '../crypto/hash.js';
import { COMMITMENT_LENGTH } from './commitment.js';
import {
  checkBundleSize,
  checkCount,
  MAX_BUNDLE_BYTES,
  MAX_BUNDLE_SECONDS,
  MAX_INTERMEDIATES,
  MAX_ROOTS,
  maxItems,
  tooHigh,
} from './limits.js';
import {
  type BundledCredential,
  checkFingerprintOrder,
  checkKeysDiffer,
  faultIn,
  isFaulty,
  listCredential,
  type ListedCredential,
  listUntilFault,
} from './listed-credential.js';
import {
  arrayField,
  bytesField,
  checkRising,
  encodeField,
  integerField,
  MALFORMED,
  malformed,
  mapField,
  textField,
} from './payload-fields.js';
import { type Revocation, revocationsField, revocationsValue } from './revocation.js';

export { type Revocation, REVOCATION_REASONS, type RevocationReason } from './revocation.js';

interface PayloadFields {
  readonly asDomain: string;
  /** From 1 to `issuedAt`, and below 2^53. */
  readonly sequence: number;
  /** The `payloadHash` of the previous bundle; null if and only if `sequence` is 1. */
  readonly previous: Uint8Array | null;
  /** Unix seconds, both ends inclusive. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly revokedCerts: readonly Revocation[];
  /** How many of these roots must sign the next bundle. */
  readonly threshold: number;
  /** Commitments (`commitmentOf`) to keys that may change the set of roots. */
  readonly nextRoots: readonly Uint8Array[];
}

/** The payload of a bundle that is being made, or that was accepted. */
export interface BundlePayload extends PayloadFields {
  readonly asCredentials: readonly AsCredential[];
  readonly asIntermediateCredentials: readonly IntermediateAsCredential[];
}

/** A well-formed payload whose credentials are still encoded, since decoding them costs most. */
export interface PayloadForm extends PayloadFields {
  readonly asCredentials: readonly Uint8Array[];
  readonly asIntermediateCredentials: readonly Uint8Array[];
}

/** The functions that decode a payload's credentials. */
export interface CredentialDecoders {
  readonly root: (bytes: Uint8Array) => AsCredential;
  readonly intermediate: (bytes: Uint8Array) => IntermediateAsCredential;
}

const DECODERS: CredentialDecoders = { root: decodeAsCredential, intermediate: decodeIntermediateAsCredential };

/** A well-formed payload whose credentials have not been verified, and may have faults. */
export interface UnverifiedBundlePayload extends PayloadFields {
  readonly asCredentials: readonly ListedCredential<AsCredential>[];
  readonly asIntermediateCredentials: readonly ListedCredential<IntermediateAsCredential>[];
}

export const BUNDLE_VERSION = 1;

const LIMITS: Omit<CborLimits, 'maxItems'> = {
  code: MALFORMED,
  what: 'the payload',
  maxBytes: MAX_BUNDLE_BYTES,
  maxDepth: 4,
  maxEntries: new Map([
    ['as_credentials', MAX_ROOTS],
    ['as_intermediate_credentials', MAX_INTERMEDIATES],
  ]),
  tags: [],
};

/** Returns what `previous` of the next bundle holds: the SHA-256 of the payload's bytes. */
export function payloadHash(payloadBytes: Uint8Array): Uint8Array {
  return hash('sha256', payloadBytes);
}

/**
 * Encodes a payload, and sorts its arrays. Refuses whatever a decoder would refuse. Errors: `bundle-too-large`,
 * `bundle-malformed`, and a decoding code if a credential is not what its type says.
 */
export function encodeBundlePayload(payload: BundlePayload): Uint8Array {
  checkCount(payload.asCredentials.length, MAX_ROOTS, 'list', 'AS credentials');
  checkCount(payload.asIntermediateCredentials.length, MAX_INTERMEDIATES, 'list', 'intermediates');
  const bytes = encodeField(
    'the payload',
    new Map<string, CborValue>([
      ['version', BUNDLE_VERSION],
      ['as_domain', payload.asDomain],
      ['sequence', payload.sequence],
      ['previous', payload.previous],
      ['issued_at', payload.issuedAt],
      ['expires_at', payload.expiresAt],
      ['as_credentials', sortedEncodings(payload.asCredentials)],
      ['as_intermediate_credentials', sortedEncodings(payload.asIntermediateCredentials)],
      ['revoked_certs', revocationsValue(payload.revokedCerts)],
      ['threshold', payload.threshold],
      ['next_roots', [...payload.nextRoots].sort(compareBytes)],
    ]),
  );
  checkBundleSize(bytes.length, payload);
  const { asCredentials, asIntermediateCredentials } = decodeBundlePayload(bytes);
  for (const listed of [...asCredentials, ...asIntermediateCredentials]) {
    if (isFaulty(listed)) throw listed.fault;
  }
  return bytes;
}

function sortedEncodings(credentials: readonly BundledCredential[]): Uint8Array[] {
  return credentials
    .map((credential) => ({ encoded: credential.encoded, fingerprint: fingerprintOf(credential) }))
    .sort((a, b) => compareBytes(a.fingerprint, b.fingerprint))
    .map(({ encoded }) => encoded);
}

const KEYS = [
  'version',
  'as_domain',
  'sequence',
  'previous',
  'issued_at',
  'expires_at',
  'as_credentials',
  'as_intermediate_credentials',
  'revoked_certs',
  'threshold',
  'next_roots',
] as const;

/** Decodes the payload's form; nothing is verified. Error: `bundle-malformed`. */
export function decodeBundlePayload(bytes: Uint8Array): UnverifiedBundlePayload {
  return withCredentials(payloadForm(bytes));
}

/** Decodes everything but the credentials. Error: `bundle-malformed`. */
export function payloadForm(bytes: Uint8Array): PayloadForm {
  const map = mapField('the payload', decodeCbor(bytes, { ...LIMITS, maxItems: maxItems(bytes.length) }), KEYS);
  const field = (name: (typeof KEYS)[number]): CborValue | undefined => map.get(name);
  integerField('version', field('version'), BUNDLE_VERSION, BUNDLE_VERSION);
  const sequence = integerField('sequence', field('sequence'), 1, Number.MAX_SAFE_INTEGER);
  const issuedAt = integerField('issued_at', field('issued_at'), 0, LAST_SECOND);
  if (sequence > issuedAt) throw malformed(tooHigh(sequence, issuedAt));
  const asCredentials = entriesOf('as_credentials', field('as_credentials'));
  if (asCredentials.length === 0) throw malformed('as_credentials is empty');
  return {
    asDomain: domainField(field('as_domain')),
    sequence,
    previous: previousField(field('previous'), sequence),
    issuedAt,
    expiresAt: expiresAtField(field('expires_at'), issuedAt),
    asCredentials,
    asIntermediateCredentials: entriesOf('as_intermediate_credentials', field('as_intermediate_credentials')),
    revokedCerts: revocationsField(field('revoked_certs'), issuedAt),
    threshold: integerField('threshold', field('threshold'), 1, asCredentials.length),
    nextRoots: nextRootsField(field('next_roots')),
  };
}

/** Decodes the credentials of a payload, the intermediates up to their first fault. Error: `bundle-malformed`. */
export function withCredentials(form: PayloadForm, decode: CredentialDecoders = DECODERS): UnverifiedBundlePayload {
  const asCredentials = form.asCredentials.map((encoded) => listCredential(encoded, decode.root));
  checkFingerprintOrder('as_credentials', asCredentials);
  const asIntermediateCredentials = listUntilFault(
    form.asIntermediateCredentials,
    decode.intermediate,
    faultIn(asCredentials),
  );
  checkFingerprintOrder('as_intermediate_credentials', asIntermediateCredentials);
  checkKeysDiffer([...asCredentials, ...asIntermediateCredentials]);
  return { ...form, asCredentials, asIntermediateCredentials };
}

function domainField(value: CborValue | undefined): string {
  const domain = textField('as_domain', value);
  const reason = checkFqdn(domain);
  if (reason !== undefined) throw malformed(`as_domain ${JSON.stringify(cut(domain))} is not a domain: ${reason}`);
  return domain;
}

function previousField(value: CborValue | undefined, sequence: number): Uint8Array | null {
  if ((value === null) !== (sequence === 1)) {
    throw malformed(
      `previous is ${value === null ? 'null' : 'there'} and sequence is ${String(sequence)}; it is null exactly in sequence 1`,
    );
  }
  return value === null ? null : hashField('previous', value);
}

function hashField(name: string, value: CborValue | undefined): Uint8Array {
  const bytes = bytesField(name, value);
  if (bytes.length !== COMMITMENT_LENGTH)
    throw malformed(`${name} has ${String(bytes.length)} bytes, not ${String(COMMITMENT_LENGTH)}`);
  return bytes;
}

function expiresAtField(value: CborValue | undefined, issuedAt: number): number {
  const expiresAt = integerField('expires_at', value, 0, LAST_SECOND);
  if (expiresAt <= issuedAt)
    throw malformed(`expires_at ${String(expiresAt)} is not after issued_at ${String(issuedAt)}`);
  if (expiresAt - issuedAt > MAX_BUNDLE_SECONDS) {
    throw malformed(
      `expires_at is ${String(expiresAt - issuedAt)} seconds after issued_at, at most ${String(MAX_BUNDLE_SECONDS)} are allowed`,
    );
  }
  return expiresAt;
}

function entriesOf(name: string, value: CborValue | undefined): Uint8Array[] {
  return arrayField(name, value).map((item) => bytesField(`an entry of ${name}`, item));
}

function nextRootsField(value: CborValue | undefined): Uint8Array[] {
  const commitments = arrayField('next_roots', value).map((item) => hashField('an entry of next_roots', item));
  checkRising('next_roots', commitments);
  return commitments;
}
