/** Works out which bundle clients should get when, and how long the signed ones last. Nothing here decodes a bundle. */
import type { BundleState } from '../../authority/formats/small-files.js';
import { clampedSum, type Duration, multiple } from '../../common/time.js';

/** What is known about a bundle without decoding it. Unix seconds, both ends inclusive. */
export interface SignedBundle {
  readonly file: string;
  readonly sequence: number;
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** How many credentials it revokes. */
  readonly revocations: number;
  /** What is on record about it; undefined if nothing is. */
  readonly mark: BundleState | undefined;
  /** When that was put on record; undefined if nothing is. */
  readonly markedAt: number | undefined;
}

/**
 * `current`: clients should have this one now. `ahead`: its time has not come yet. `superseded`: another with a higher
 * sequence begins no later, so whoever holds that one refuses this one. `past`: its successor has begun, or it has
 * expired without one.
 */
type BundlePhase = 'current' | 'ahead' | 'superseded' | 'past' | 'withdrawn';

export interface ScheduledBundle extends SignedBundle {
  readonly phase: BundlePhase;
  /** The bundle that replaces it, if there is one. */
  readonly next: SignedBundle | undefined;
}

/** A time during which clients have no valid bundle; both ends inclusive. */
export interface Gap {
  readonly from: number;
  readonly until: number;
}

export interface BundleSchedule {
  /** In rising order of sequence. */
  readonly bundles: readonly ScheduledBundle[];
  /** The last second for which there is a published bundle that has begun; undefined if none was ever published. */
  readonly publishedUntil: number | undefined;
  /**
   * The last second until which clients are served without a gap if each bundle is published in time; it may have
   * passed.
   */
  readonly servedUntil: number | undefined;
  /** Gaps between signed bundles, from now on. */
  readonly gaps: readonly Gap[];
  /**
   * How many of the coming ceremonies, one every `bundle_every` from the start of the current bundle, can be missed.
   */
  readonly missedCeremonies: number;
  /** When the next bundle would be signed in the usual rhythm; undefined if there is no bundle to count from. */
  readonly nextCeremony: number | undefined;
}

/** More than anybody needs to know. */
const MOST_CEREMONIES = 999;

/** Returns the schedule. `bundles` are in rising order of sequence. */
export function scheduleOf(bundles: readonly SignedBundle[], every: Duration, atSeconds: number): BundleSchedule {
  const scheduled = phasesOf(bundles, atSeconds);
  const current = scheduled.find(({ phase }) => phase === 'current');
  const begun = scheduled.filter(({ mark, issuedAt }) => mark === 'published' && issuedAt <= atSeconds);
  const ahead = scheduled.filter(({ phase }) => phase === 'ahead');
  const gaps: Gap[] = [];
  let servedUntil: number | undefined;
  let last = current ?? scheduled.findLast(({ phase }) => phase === 'past');
  if (last !== undefined) servedUntil = last.expiresAt;
  let end = last === undefined ? atSeconds - 1 : last.expiresAt;
  let whole = last !== undefined;
  for (const one of ahead) {
    if (one.issuedAt > end + 1) {
      gaps.push({ from: Math.max(end + 1, atSeconds), until: one.issuedAt - 1 });
      whole = false;
    }
    end = one.expiresAt;
    if (whole) [servedUntil, last] = [end, one];
  }
  return {
    bundles: scheduled,
    publishedUntil: begun.at(-1)?.expiresAt,
    servedUntil,
    gaps,
    missedCeremonies:
      current === undefined ? 0 : ceremoniesToMiss(current.issuedAt, every, servedUntil ?? 0, atSeconds),
    nextCeremony: last === undefined ? undefined : clampedSum(last.issuedAt, every),
  };
}

function phasesOf(bundles: readonly SignedBundle[], atSeconds: number): readonly ScheduledBundle[] {
  const scheduled: ScheduledBundle[] = [];
  // From the highest sequence down, since a higher one replaces lower ones from its first second on.
  let next: SignedBundle | undefined;
  for (const one of bundles.toReversed()) {
    if (one.mark === 'withdrawn') {
      scheduled.push({ ...one, phase: 'withdrawn', next: undefined });
    } else if (next !== undefined && next.issuedAt <= one.issuedAt) {
      scheduled.push({ ...one, phase: one.expiresAt < atSeconds ? 'past' : 'superseded', next });
    } else {
      const over = one.expiresAt < atSeconds || (next !== undefined && next.issuedAt <= atSeconds);
      scheduled.push({ ...one, phase: one.issuedAt > atSeconds ? 'ahead' : over ? 'past' : 'current', next });
      next = one;
    }
  }
  return scheduled.reverse();
}

/**
 * Counts ceremonies that can be missed. Ceremony k is at `begin` + k times `every`, and can be missed if clients are
 * still served when the one after it comes.
 */
function ceremoniesToMiss(begin: number, every: Duration, servedUntil: number, atSeconds: number): number {
  const ceremony = (k: number): number => clampedSum(begin, multiple(every, k));
  let count = 0;
  for (let k = 1; count < MOST_CEREMONIES && ceremony(k) > begin && ceremony(k + 1) <= servedUntil; k++) {
    if (ceremony(k) > atSeconds) count += 1;
  }
  return count;
}
