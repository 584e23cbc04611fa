/** The payload of a signed bundle: what an authority publishes. Limits and meaning: the bundle format's payload table. */
import { compareBytes } from '../common/bytes.js';
import { cut } from '../common/cut.js';
import { refused } from '../common/errors.js';
import { decodeCbor, type CborLimits, type CborValue } from '../codec/cbor.js';
import { decodeAsCredential, type AsCredential } from '../credential/as-credential.js';
import { formatTime, LAST_SECOND } from '../common/time.js';
import { fingerprintOf } from '../credential/fingerprint.js';
import { checkFqdn } from '../credential/fqdn.js';
import {
  decodeIntermediateAsCredential,
  type IntermediateAsCredential,
} from '../credential/intermediate-as-credential.js';
import { hash } from '../crypto/hash.js';
import { COMMITMENT_LENGTH } from './commitment.js';
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
} from './fields.js';
import {
  checkFingerprintOrder,
  checkKeysDiffer,
  faultIn,
  listCredential,
  listUntilFault,
  type BundledCredential,
  type ListedCredential,
} from './listed-credential.js';
import { revocationsField, revocationsValue, type Revocation } from './revocation.js';

export { REVOCATION_REASONS, type Revocation, type RevocationReason } from './revocation.js';

interface PayloadFields {
  readonly asDomain: string;
  /** 1 to `issuedAt`, and below 2^53. */
  readonly sequence: number;
  /** `payloadHash` of the bundle before; null exactly where `sequence` is 1. */
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

/** What goes into a bundle, or was accepted from one. */
export interface BundlePayload extends PayloadFields {
  readonly asCredentials: readonly AsCredential[];
  readonly asIntermediateCredentials: readonly IntermediateAsCredential[];
}

/** A payload of good form whose credentials may be anything. */
export interface UnverifiedBundlePayload extends PayloadFields {
  readonly asCredentials: readonly ListedCredential<AsCredential>[];
  readonly asIntermediateCredentials: readonly ListedCredential<IntermediateAsCredential>[];
}

export const MAX_BUNDLE_BYTES = 1 << 20;
export const MAX_BUNDLE_SECONDS = 400 * 86_400;
export const BUNDLE_VERSION = 1;

/** AS credentials that a bundle lists, and signatures that it bears. */
export const MAX_ROOTS = 32;
export const MAX_INTERMEDIATES = 1024;

/** Every item of a payload takes 8 bytes or more on average, but for its first few: no good bundle of this length has more. */
export function maxItems(length: number): number {
  return 32 + Math.floor(length / 8);
}

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

/** What `previous` of the next bundle holds: SHA-256 of the payload's bytes. */
export function payloadHash(payloadBytes: Uint8Array): Uint8Array {
  return hash('sha256', payloadBytes);
}

/**
 * The payload's bytes, its arrays sorted here. Whatever a decoder would refuse is refused.
 * Errors: `bundle-too-large`, `bundle-malformed`, and a decoding code where a credential is not what its type says.
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
    if ('fault' in listed) throw listed.fault;
  }
  return bytes;
}

/** Before a bundle with this number is made. Clients take no `issued_at` ahead of their clock, so nobody can use up the numbers. Error: `bundle-malformed`. */
export function checkSequence(sequence: number, issuedAt: number, hint: string): void {
  if (sequence > issuedAt) throw refused(MALFORMED, tooHigh(sequence, issuedAt), { hint });
}

function tooHigh(sequence: number, issuedAt: number): string {
  return `sequence ${String(sequence)} is above issued_at, ${String(issuedAt)} (${formatTime(issuedAt)} in Unix seconds), the highest that is allowed`;
}

const FEWER = {
  'AS credentials': 'Retire roots that are not needed any more.',
  intermediates:
    'An intermediate is left out once it has ended or is revoked: have fewer at a time, or revoke those that are not needed.',
  signatures: 'Retire roots in one bundle, and list new ones in the next, so that fewer sign at a time.',
} as const;

/** Before a bundle with too many of something is signed. Error: `bundle-too-large`. */
export function checkCount(count: number, most: number, does: 'list' | 'bear', what: keyof typeof FEWER): void {
  if (count <= most) return;
  throw refused(
    'bundle-too-large',
    `the bundle would ${does} ${String(count)} ${what}, and clients take at most ${String(most)}`,
    { hint: FEWER[what] },
  );
}

/** Before what is too large is signed: what fills it, and what can be done. Error: `bundle-too-large`. */
export function checkBundleSize(
  length: number,
  {
    asIntermediateCredentials,
    revokedCerts,
  }: { readonly asIntermediateCredentials: readonly unknown[]; readonly revokedCerts: readonly unknown[] },
): void {
  if (length <= MAX_BUNDLE_BYTES) return;
  const [intermediates, revocations] = [asIntermediateCredentials.length, revokedCerts.length];
  throw refused(
    'bundle-too-large',
    `the bundle would have ${String(length)} bytes, and clients take at most ${String(MAX_BUNDLE_BYTES)}: it lists ${String(intermediates)} intermediates and ${String(revocations)} revocations`,
    {
      hint: 'An intermediate is left out once it has expired: have fewer at a time. A revocation stays for ever: where revocations alone fill a bundle, begin a new authority, which clients pin anew.',
    },
  );
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

/** Form alone; nothing is verified. Error: `bundle-malformed`. */
export function decodeBundlePayload(bytes: Uint8Array): UnverifiedBundlePayload {
  const map = mapField('the payload', decodeCbor(bytes, { ...LIMITS, maxItems: maxItems(bytes.length) }), KEYS);
  const field = (name: (typeof KEYS)[number]): CborValue | undefined => map.get(name);
  integerField('version', field('version'), BUNDLE_VERSION, BUNDLE_VERSION);
  const sequence = integerField('sequence', field('sequence'), 1, Number.MAX_SAFE_INTEGER);
  const issuedAt = integerField('issued_at', field('issued_at'), 0, LAST_SECOND);
  if (sequence > issuedAt) throw malformed(tooHigh(sequence, issuedAt));
  const asCredentials = entriesOf('as_credentials', field('as_credentials')).map((encoded) =>
    listCredential(encoded, decodeAsCredential),
  );
  if (asCredentials.length === 0) throw malformed('as_credentials is empty');
  checkFingerprintOrder('as_credentials', asCredentials);
  const asIntermediateCredentials = listUntilFault(
    entriesOf('as_intermediate_credentials', field('as_intermediate_credentials')),
    decodeIntermediateAsCredential,
    faultIn(asCredentials),
  );
  checkFingerprintOrder('as_intermediate_credentials', asIntermediateCredentials);
  checkKeysDiffer([...asCredentials, ...asIntermediateCredentials]);
  return {
    asDomain: domainField(field('as_domain')),
    sequence,
    previous: previousField(field('previous'), sequence),
    issuedAt,
    expiresAt: expiresAtField(field('expires_at'), issuedAt),
    asCredentials,
    asIntermediateCredentials,
    revokedCerts: revocationsField(field('revoked_certs'), issuedAt),
    threshold: integerField('threshold', field('threshold'), 1, asCredentials.length),
    nextRoots: nextRootsField(field('next_roots')),
  };
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
