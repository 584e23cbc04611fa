/** What to do after a theft, until clients that hold somebody else's bundle have one of ours again. */
import type { Authority } from '../../authority/authority.js';
import { revokedReserves } from '../bundles/revoked-reserves.js';
import { forgeriesOf, lastNotWithdrawn, type PastBundle } from '../lifecycle/bundle-history.js';
import { stemOf } from '../lifecycle/credential-state.js';
import type { DueAction } from './due.js';

/**
 * Returns what is due: the key in reserve signs again if somebody else has revoked its first credential, and then a
 * bundle above theirs.
 */
export function forgeriesDue(authority: Authority, history: readonly PastBundle[], atSeconds: number): DueAction[] {
  const own = lastNotWithdrawn(history)?.payload.sequence ?? 0;
  const open = forgeriesOf(authority).filter(({ payload }) => payload.sequence >= own);
  const again = revokedReserves(authority).map(({ file, fingerprint }): DueAction => ({
    kind: 'root-again',
    subject: fingerprint,
    action: `have the key of ${file} sign for itself once more: a bundle that somebody else signed revokes it, and no other key may change the roots`,
    command: { command: 'root rotate', options: { again: stemOf(file) } },
    by: atSeconds,
  }));
  return [
    ...again,
    ...open.map(({ file, payload }): DueAction => ({
      kind: 'forged',
      subject: file,
      action: `sign and publish a bundle above bundle ${String(payload.sequence)}, which somebody else signed and clients may hold (${file})`,
      command: { command: 'bundle export' },
      by: payload.issuedAt,
    })),
  ];
}
