/**
 * Roots in reserve that somebody else has revoked with a stolen root. Only their keys may change the roots, but nothing
 * lists them any more.
 */
import type { Authority, HeldRoot } from '../../authority/authority.js';
import { toHex } from '../../common/bytes.js';
import type { CommandRemedy } from '../../common/remedy.js';
import { revokedByOthers, revokedHere } from '../context/operation-context.js';
import { historyOf, lastNotWithdrawn } from '../lifecycle/bundle-history.js';
import { stemOf } from '../lifecycle/credential-state.js';
import { commitmentTo } from '../lifecycle/reserve.js';

/**
 * Returns the roots to whose keys the newest bundle commits, that somebody else's bundles on record (or `revoked`, hex)
 * revoke, and whose keys have no other valid credential. Roots that the authority itself has revoked are not among
 * them.
 */
export function revokedReserves(authority: Authority, revoked: readonly string[] = []): readonly HeldRoot[] {
  const committed = new Set(lastNotWithdrawn(historyOf(authority))?.payload.nextRoots.map(toHex));
  const byOthers = new Set([...revokedByOthers(authority), ...revoked]);
  const own = new Set(authority.revocations.map(({ fingerprint }) => toHex(fingerprint)));
  const isRevoked = revokedHere(authority);
  const key = ({ credential }: HeldRoot): string => toHex(commitmentTo(credential));
  const unrevoked = authority.roots.filter((root) => !isRevoked(root.credential) && !byOthers.has(root.fingerprint));
  const fallen = authority.roots.filter(({ fingerprint }) => byOthers.has(fingerprint) && !own.has(fingerprint));
  // Of several with one key, the newest.
  return [...new Map(fallen.map((root) => [key(root), root])).values()].filter(
    (root) => committed.has(key(root)) && !unrevoked.some((one) => key(one) === key(root)),
  );
}

/** Returns the command that signs a root's credential again. */
export function againCommand({ file }: HeldRoot): CommandRemedy {
  return { command: 'root rotate', options: { again: stemOf(file) } };
}
