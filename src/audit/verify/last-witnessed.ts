/**
 * The newest transcript that a witness's valid signature is on: the ones before are looked at only where it has none.
 */
import { inAuthority } from '../../authority/ground/layout.js';
import { CeremonyError } from '../../common/errors.js';
import type { LastWitnessed } from '../../operations/standing/vouched-record.js';
import { signaturesBeside } from '../../ceremony/people/principals.js';
import { allowedSignersFor } from '../../ceremony/people/allowed-signers.js';
import { readFinished } from './finished.js';
import { witnessesOf } from './witnesses.js';

/** `files` are relative to the authority, oldest first. Nothing here is an error: what can't be looked at is said. */
export function lastWitnessed(dir: string, files: readonly string[]): LastWitnessed {
  const signed = files.filter((file) => signaturesBeside(inAuthority(dir, file)).length > 0);
  if (signed.length === 0) return { none: 'none bears a signature' };
  try {
    const allowed = allowedSignersFor(undefined, dir);
    if (allowed === undefined) return { none: 'there is no allowed_signers that says whose signatures count' };
    const file = signed.findLast((one) =>
      witnessesOf(readFinished(inAuthority(dir, one)), allowed.bytes).some(({ state }) => state === 'valid'),
    );
    return file === undefined ? { none: 'no signature on them is valid' } : { file };
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    return { none: `their signatures could not be looked at (${error.message})` };
  }
}
