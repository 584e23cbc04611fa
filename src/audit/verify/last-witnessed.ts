/** Finds the newest transcript with a witness's valid signature; earlier ones are read only if a newer one has none. */
import { inAuthority } from '../../authority/ground/layout.js';
import { allowedSignersFor } from '../../ceremony/people/allowed-signers.js';
import { MAX_SIGNATURES, signaturesBeside } from '../../ceremony/people/principals.js';
import { CeremonyError } from '../../common/errors.js';
import { readFinished } from './finished.js';
import type { LastWitnessed } from './ledger-trust.js';
import { witnessesOf } from './witnesses.js';

/**
 * `files` are relative to the authority, oldest first. Nothing is an error here: whatever cannot be read is reported.
 */
export function lastWitnessed(dir: string, files: readonly string[]): LastWitnessed {
  try {
    const signed = files.flatMap((file) => {
      const { length } = signaturesBeside(inAuthority(dir, file));
      return length === 0 ? [] : [{ file, length }];
    });
    if (signed.length === 0) return { none: 'none has a signature' };
    const allowed = allowedSignersFor(undefined, dir);
    if (allowed === undefined) return { none: 'there is no allowed_signers that says whose signatures count' };
    let left = MAX_SIGNATURES;
    for (const { file, length } of signed.toReversed()) {
      left -= length;
      if (left < 0) return { none: `none of the newest ${String(MAX_SIGNATURES)} signatures on them is valid` };
      const witnesses = witnessesOf(readFinished(inAuthority(dir, file)), allowed.bytes);
      if (witnesses.some(({ state }) => state === 'valid')) return { file };
    }
    return { none: 'no signature on them is valid' };
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    return { none: `their signatures could not be checked (${error.message})` };
  }
}
