/** The number of the next bundle, and the one that it names as the one before. */
import type { Authority } from '../../authority/authority.js';
import { type PastBundle, withForgeries } from '../lifecycle/bundle-history.js';

/** The one whose hash the next bundle names: the highest that clients may hold, whoever signed it. */
export function followed(authority: Authority, history: readonly PastBundle[]): PastBundle | undefined {
  return withForgeries(authority, history).at(-1);
}

/** As `highestSigned` and `aheadOfClock` are asked. */
type Signed = Authority['bundleSignatures'][number];

/**
 * The signature on record with the highest number that one can follow at a time, where that is above the newest bundle
 * here.
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
 * The signature on record with the highest number that leaves none for a bundle of this time: no client holds such a
 * bundle before its time has come, and a line of that sort may have been planted. People pass over it, in words.
 */
export function aheadOfClock(
  { bundleSignatures }: Authority,
  history: readonly PastBundle[],
  atSeconds: number,
): Signed | undefined {
  const newest = history.at(-1)?.payload.sequence;
  // The first of all has 1, whatever there is.
  if (newest === undefined) return undefined;
  return highest(bundleSignatures.filter(({ sequence }) => sequence > newest && isAhead(sequence, atSeconds)));
}

/** The next one's number would be above its own `issued_at`. */
function isAhead(sequence: number, atSeconds: number): boolean {
  return sequence + 2 > atSeconds;
}

function highest(signed: readonly Signed[]): Signed | undefined {
  return [...signed].sort((a, b) => b.sequence - a.sequence)[0];
}

/**
 * Above all that was ever signed here, a bundle that was never assembled among it, and above what somebody else signed;
 * the first of all has 1. Numbers that are ahead of the clock aside.
 */
export function sequenceAfter(authority: Authority, history: readonly PastBundle[], atSeconds: number): number {
  const all = withForgeries(authority, history);
  const last = all.at(-1)?.payload.sequence;
  if (last === undefined) return 1;
  const floor = Math.max(highestSigned(authority, history, atSeconds)?.sequence ?? 0, authority.sequenceFloor);
  // Of two with one number the next one can't name both hashes: it leaves a number out.
  const isTwice = all.filter(({ payload }) => payload.sequence === last).length > 1;
  return isTwice ? Math.max(floor, last) + 2 : nextSequence(floor, last);
}

/**
 * The sequence after `last`, where bundles up to `floor` may be out that are lost: two above, because a client may hold
 * the very bundle at the floor, and one above it would have to name its hash.
 */
export function nextSequence(floor: number, last: number): number {
  return floor > last ? floor + 2 : last + 1;
}
