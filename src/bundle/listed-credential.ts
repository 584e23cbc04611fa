/**
 * A credential inside a bundle. A bundle's form says nothing about its credentials' insides, so one that doesn't decode
 * passes form, and is kept with its fault: acceptance reports that with the credential's own code, after form and
 * domain.
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
  /** Why it, or one before it, doesn't decode, with a decoding code of the wire format. */
  readonly fault: CeremonyError;
}

export type ListedCredential<T extends BundledCredential> = DecodedListing<T> | FaultyListing;

/** Own keys alone, since a prototype that somebody gave a `fault` says nothing of a credential. */
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

/** The first fault of a list, in its order. */
export function faultIn(listed: readonly ListedCredential<BundledCredential>[]): CeremonyError | undefined {
  return listed.find(isFaulty)?.fault;
}

/** Decodes up to the first fault; what comes after it has that fault too. `before` is one that was found earlier. */
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
 * Order and uniqueness of fingerprints need the hash, which is inside. So both are asked of the credentials that
 * decode, passing over the others: a bundle with one of those is never accepted anyhow, and it is told the more useful
 * thing, which credential is broken and how.
 */
export function checkFingerprintOrder(name: string, listed: readonly ListedCredential<BundledCredential>[]): void {
  checkRising(
    `${name} (by fingerprint)`,
    decodedOf(listed).map(({ fingerprint }) => fingerprint),
  );
}

/** Refuses a (signature scheme, public key) that occurs twice; passes over credentials that don't decode, as above. */
export function checkKeysDiffer(listed: readonly ListedCredential<BundledCredential>[]): void {
  const seen = new Set<string>();
  for (const { credential } of decodedOf(listed)) {
    const { ciphersuite, publicKey } = credential.payload;
    const key = `${ciphersuite.scheme.name} ${toHex(publicKey)}`;
    if (seen.has(key)) throw malformed(`the public key ${key} is in two listed credentials`);
    seen.add(key);
  }
}
