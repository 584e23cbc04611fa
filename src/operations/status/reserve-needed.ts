/**
 * When the root in reserve must be listed: the roots change, and clients want a key for that which none of the others
 * has.
 */
import type { Authority, HeldRoot } from '../../authority/authority.js';
import { toHex } from '../../common/bytes.js';
import { CeremonyError } from '../../common/errors.js';
import { signersOf } from '../bundles/dry-run-bundle.js';
import { type BundleOptions, changesRoots, nextBundle } from '../bundles/next-bundle.js';
import { lastNotWithdrawn, type PastBundle } from '../lifecycle/bundle-history.js';
import { commitmentTo, mayChangeRoots } from '../lifecycle/reserve.js';

/**
 * Returns the root in reserve without which clients would refuse the next bundle for changing the roots, or undefined
 * if none would help, or none is needed.
 */
export function reserveNeeded(
  authority: Authority,
  history: readonly PastBundle[],
  wanted: BundleOptions,
  atSeconds: number,
): HeldRoot | undefined {
  const base = lastNotWithdrawn(history)?.payload;
  if (base === undefined || base.nextRoots.length === 0 || authority.reserves.size === 0) return undefined;
  try {
    const next = nextBundle(authority, wanted, history, { atSeconds, issuedAt: Math.max(atSeconds, base.issuedAt) });
    if (!changesRoots(base, next.payload) || mayChangeRoots(base, signersOf(next))) return undefined;
    const committed = new Set(base.nextRoots.map(toHex));
    return next.reserve.find(({ credential }) => committed.has(toHex(commitmentTo(credential))));
  } catch (error) {
    // Something else is due first then, and says so.
    if (error instanceof CeremonyError) return undefined;
    throw error;
  }
}
