/** The number of the next bundle, and the bundle that it names as the previous one. */
import type { Authority } from '../../authority/authority.js';
import { type PastBundle, withForgeries } from '../lifecycle/bundle-history.js';

/** Returns the bundle whose hash the next one names: the highest that clients may hold, whoever signed it. */
export function followed(authority: Authority, history: readonly PastBundle[]): PastBundle | undefined {
  return withForgeries(authority, history).at(-1);
}

/** The signatures that `highestSigned` and `aheadOfClock` search. */
type Signed = Authority['bundleSignatures'][number];

/**
 * Returns the signature on record with the highest number that can still be followed at this time, if it is above the
 * newest bundle here.
 */
export function highestSigned(
  { bundleSignatures }: Authority,
  history: readonly PastBundle[],
  atSeconds: number,
): Signed | undefined {
  const newest = history.at(-1)?.payload.sequence ?? 0;
  return highest(bundleSignatures.filter(({ sequence }) => sequence > newest && !isAhead(sequence, atSeconds)));
}

/**
 * Returns the signature on record with the highest number that would leave none for a bundle of this time. No client
 * holds such a bundle before its time, and such a line may have been planted, so people may skip it, in words.
 */
export function aheadOfClock(
  { bundleSignatures }: Authority,
  history: readonly PastBundle[],
  atSeconds: number,
): Signed | undefined {
  const newest = history.at(-1)?.payload.sequence;
  // The very first has number 1, whatever there is.
  if (newest === undefined) return undefined;
  return highest(bundleSignatures.filter(({ sequence }) => sequence > newest && isAhead(sequence, atSeconds)));
}

/** Returns whether the next number would be above its own `issued_at`. */
function isAhead(sequence: number, atSeconds: number): boolean {
  return sequence + 2 > atSeconds;
}

function highest(signed: readonly Signed[]): Signed | undefined {
  return [...signed].sort((a, b) => b.sequence - a.sequence)[0];
}

/**
 * Returns a number above everything that was ever signed here, including bundles that were never assembled, and
 * everything that somebody else signed; 1 for the very first. Numbers ahead of the clock are left out.
 */
export function sequenceAfter(authority: Authority, history: readonly PastBundle[], atSeconds: number): number {
  const all = withForgeries(authority, history);
  const last = all.at(-1)?.payload.sequence;
  if (last === undefined) return 1;
  const floor = Math.max(highestSigned(authority, history, atSeconds)?.sequence ?? 0, authority.sequenceFloor);
  // If two have the same number, the next one cannot name both hashes, and skips a number.
  const isTwice = all.filter(({ payload }) => payload.sequence === last).length > 1;
  return isTwice ? Math.max(floor, last) + 2 : nextSequence(floor, last);
}

/**
 * Returns the sequence after `last` when lost bundles up to `floor` may have been published. It is two above the floor,
 * because a client may hold the very bundle at the floor, and the number after that would have to name its hash.
 */
export function nextSequence(floor: number, last: number): number {
  return floor > last ? floor + 2 : last + 1;
}
