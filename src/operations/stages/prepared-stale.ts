/** Checks whether a prepared file is still current: its number, its clock and its date. */
import type { Authority } from '../../authority/authority.js';
import { isSequence } from '../../authority/ledger/recorded-change.js';
import { payloadHash } from '../../bundle/payload.js';
import type { PreparedForm } from '../../bundle/prepared.js';
import { equalBytes } from '../../common/bytes.js';
import { type CeremonyError, refused } from '../../common/errors.js';
import type { Remedy } from '../../common/remedy.js';
import { clampedSum, formatTime } from '../../common/time.js';
import { followed } from '../bundles/sequence.js';
import type { OperationContext } from '../context/operation-context.js';
import { heldByClients, type PastBundle } from '../lifecycle/bundle-history.js';

/** Checks that the prepared bundle follows from the newest one here. Error: `prepared-stale`. */
export function checkFollows(
  authority: Authority,
  { after, bundles }: PreparedForm,
  history: readonly PastBundle[],
): void {
  const last = history.at(-1);
  const here = last?.payload.sequence ?? 0;
  if (here < after) {
    throw stale(
      `the prepared bundle follows bundle ${String(after)}, and the newest here is ${here === 0 ? 'none' : String(here)}`,
      'Bring this copy up to date, look at what is new, and try again.',
      { command: 'ledger receive', args: ['COPY-OF-THE-OTHER-SITE'] },
    );
  }
  if (here > after) {
    throw stale(
      `bundle ${String(here)} is here already, and the prepared one follows bundle ${String(after)}`,
      'Have it prepared again, on top of the newest bundle.',
    );
  }
  const previous = bundles[0]?.payload.previous ?? null;
  const before = followed(authority, history);
  const own = before === undefined ? null : payloadHash(before.payloadBytes);
  if (previous === null ? own === null : own !== null && equalBytes(previous, own)) return;
  throw stale(
    `the prepared bundle follows another bundle ${String(after)} than the one here`,
    'Two bundles of one number: find out which one is published before anything is signed.',
  );
}

/**
 * Checks the clock. Two machines may differ a little, but nothing is signed that would later seem planted on record.
 * Error: `prepared-stale`.
 */
export function checkClock({ bundles }: PreparedForm, { authority, atSeconds }: OperationContext): void {
  const high = bundles.find(({ payload: { sequence } }) => !isSequence(sequence, atSeconds))?.payload.sequence;
  if (high !== undefined) {
    throw stale(
      `it has a bundle ${String(high)}, which is far above the clock here, ${String(atSeconds)} (${formatTime(atSeconds)} in Unix seconds)`,
      'Check the clock; if it is right, have it prepared again, with a lower number.',
    );
  }
  const at = bundles[0]?.payload.issuedAt ?? atSeconds;
  if (at <= clampedSum(atSeconds, authority.settings.backdating)) return;
  throw stale(
    `it was prepared ${formatTime(at)}, and the clock here says ${formatTime(atSeconds)}`,
    'Set the clocks (UTC) of both machines from two independent sources; then try again, or have it prepared again.',
  );
}

/**
 * Checks the date: clients accept no bundle that is dated before the one they already hold, whenever it was prepared
 * for. Error: `prepared-stale`.
 */
export function checkDate(
  { bundles }: PreparedForm,
  { atSeconds }: OperationContext,
  history: readonly PastBundle[],
): void {
  const newest = Math.max(...heldByClients(history, atSeconds).map(({ payload }) => payload.issuedAt), 0);
  const at = bundles[0]?.payload.issuedAt ?? atSeconds;
  if (at >= newest) return;
  throw stale(
    `it is dated ${formatTime(at)}, before the bundle that clients hold (${formatTime(newest)}), and they would refuse it`,
    'Have it prepared again.',
  );
}

function stale(message: string, hint: string, ...remedies: readonly Remedy[]): CeremonyError {
  return refused('prepared-stale', message, { hint, remedies });
}
