/**
 * A credential inside a bundle. The form of a bundle does not depend on the insides of its credentials, so one that
 * cannot be decoded is kept with its fault. Acceptance reports that fault with the credential's own code, after form
 * and domain.
 */
import { toHex } from '../common/bytes.js';
import { CeremonyError } from '../common/errors.js';
import type { AsCredential } from '../credential/as-credential.js';
import { fingerprintOf } from '../credential/fingerprint-of.js';
import type { IntermediateAsCredential } from '../credential/intermediate-as-credential.js';
import { checkRising, malformed } from './payload-fields.js';

export type BundledCredential = AsCredential | IntermediateAsCredential;

export interface DecodedListing<T extends BundledCredential> {
  readonly encoded: Uint8Array;
  readonly credential: T;
  readonly fingerprint: Uint8Array;
}

export interface FaultyListing {
  readonly encoded: Uint8Array;
  /** Why this credential, or one before it, cannot be decoded; its code is a decoding code of the wire format. */
  readonly fault: CeremonyError;
}

export type ListedCredential<T extends BundledCredential> = DecodedListing<T> | FaultyListing;

/** Only own keys count, since a `fault` added to a prototype says nothing about a credential. */
export function isFaulty(listed: ListedCredential<BundledCredential>): listed is FaultyListing {
  return Object.hasOwn(listed, 'fault');
}

export function listCredential<T extends BundledCredential>(
  encoded: Uint8Array,
  decode: (bytes: Uint8Array) => T,
): ListedCredential<T> {
  try {
    const credential = decode(encoded);
    return { encoded, credential, fingerprint: fingerprintOf(credential) };
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    return { encoded, fault: error };
  }
}

/** Returns the first fault of a list, in its order, or undefined. */
export function faultIn(listed: readonly ListedCredential<BundledCredential>[]): CeremonyError | undefined {
  return listed.find(isFaulty)?.fault;
}

/**
 * Decodes a list up to the first fault, which then counts for everything after it too. `before` is a fault that was
 * found earlier.
 */
export function listUntilFault<T extends BundledCredential>(
  encodings: readonly Uint8Array[],
  decode: (bytes: Uint8Array) => T,
  before: CeremonyError | undefined,
): ListedCredential<T>[] {
  let fault = before;
  return encodings.map((encoded) => {
    const listed = fault === undefined ? listCredential(encoded, decode) : { encoded, fault };
    if (isFaulty(listed)) fault = listed.fault;
    return listed;
  });
}

export function decodedOf<T extends BundledCredential>(listed: readonly ListedCredential<T>[]): DecodedListing<T>[] {
  return listed.filter((one): one is DecodedListing<T> => !isFaulty(one));
}

/**
 * Checks that fingerprints rise strictly. A fingerprint needs the hash that its credential names, so credentials that
 * cannot be decoded are skipped. A bundle with one of those is never accepted anyway, and its error is more useful:
 * which credential is broken, and how.
 */
export function checkFingerprintOrder(name: string, listed: readonly ListedCredential<BundledCredential>[]): void {
  checkRising(
    `${name} (by fingerprint)`,
    decodedOf(listed).map(({ fingerprint }) => fingerprint),
  );
}

/** Refuses a (signature scheme, public key) that occurs twice. Skips credentials that cannot be decoded, as above. */
export function checkKeysDiffer(listed: readonly ListedCredential<BundledCredential>[]): void {
  const seen = new Set<string>();
  for (const { credential } of decodedOf(listed)) {
    const { ciphersuite, publicKey } = credential.payload;
    const key = `${ciphersuite.scheme.name} ${toHex(publicKey)}`;
    if (seen.has(key)) throw malformed(`the public key ${key} is in two listed credentials`);
    seen.add(key);
  }
}
