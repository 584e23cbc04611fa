/** The number of the next bundle, and the one that it names as the one before. */
import type { Authority } from '../../authority/authority.js';
import { withForgeries, type PastBundle } from '../standing/bundle-history.js';

/** The one whose hash the next bundle names: the highest that clients may hold, whoever signed it. */
export function followed(authority: Authority, history: readonly PastBundle[]): PastBundle | undefined {
  return withForgeries(authority, history).at(-1);
}

/** Above all that was ever signed here, a bundle that was never assembled among it, and above what somebody else signed; the first of all has 1. */
export function sequenceAfter(authority: Authority, history: readonly PastBundle[]): number {
  const all = withForgeries(authority, history);
  const last = all.at(-1)?.payload.sequence;
  if (last === undefined) return 1;
  const { bundleSignatures, sequenceFloor } = authority;
  const floor = bundleSignatures.reduce((most, { sequence }) => Math.max(most, sequence), sequenceFloor);
  // Of two with one number the next one can't name both hashes: it leaves a number out.
  const isTwice = all.filter(({ payload }) => payload.sequence === last).length > 1;
  return isTwice ? Math.max(floor, last) + 2 : nextSequence(floor, last);
}

/**
 * The sequence after `last`, where bundles up to `floor` may be out that are lost: two above, because a client may hold the very bundle at the
 * floor, and one above it would have to name its hash.
 */
export function nextSequence(floor: number, last: number): number {
  return floor > last ? floor + 2 : last + 1;
}
