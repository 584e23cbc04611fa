/** Successors: which credentials they replace, and what happens to those. */
import type { Authority, HeldCredential } from '../../authority/authority.js';
import { refused } from '../../common/errors.js';
import { formatTime } from '../../common/time.js';
import type { AsCredential } from '../../credential/as-credential.js';
import type { IntermediateAsCredential } from '../../credential/intermediate-as-credential.js';
import type { Predecessor } from '../../policy/rule.js';
import { revokedHere, type Row } from '../context/operation-context.js';
import { issuingDeadline } from '../lifecycle/credential-state.js';
import { inReserveHere } from '../lifecycle/reserve.js';

type Held = HeldCredential<AsCredential> | HeldCredential<IntermediateAsCredential>;

function deadlineOf({ settings }: Authority, { credential }: Held): number {
  const { client, intermediate } = settings.lifetimes;
  const child = credential.kind === 'as_credential' ? intermediate : client;
  return issuingDeadline(credential.payload.expirationData, child);
}

/** Returns the predecessor in the form that the rules need. */
export function predecessorOf(authority: Authority, held: Held): Predecessor {
  const { notAfter } = held.credential.payload.expirationData;
  return { name: held.file, notAfter, issuingDeadline: deadlineOf(authority, held) };
}

/** Returns rows for previews: which credential the new one replaces, and until when that one stays published. */
export function successionRows(authority: Authority, held: Held): readonly Row[] {
  const { name, notAfter, issuingDeadline: deadline } = predecessorOf(authority, held);
  return [
    ['succeeds', `${name} (${held.fingerprint})`],
    ['which can issue until', formatTime(deadline)],
    ['and stays published until', formatTime(notAfter)],
  ];
}

/**
 * Returns the credential that a successor succeeds: of those that are neither revoked nor expired, the one that can
 * issue longest.
 */
function lastOf<C extends Held>(authority: Authority, held: readonly C[], atSeconds: number): C | undefined {
  const isRevoked = revokedHere(authority);
  const living = held.filter(
    ({ credential }) => !isRevoked(credential) && credential.payload.expirationData.notAfter >= atSeconds,
  );
  return living.reduce<C | undefined>(
    (last, one) => (last !== undefined && deadlineOf(authority, last) > deadlineOf(authority, one) ? last : one),
    undefined,
  );
}

/** Returns the intermediate that the next one succeeds. Error: `no-predecessor`. */
export function lastIntermediate(authority: Authority, atSeconds: number): HeldCredential<IntermediateAsCredential> {
  const last = lastOf(authority, authority.intermediates, atSeconds);
  if (last !== undefined) return last;
  throw refused('no-predecessor', 'the authority has no intermediate that a new one could succeed', {
    hint: 'Make a request, and issue it.',
    remedies: [{ command: 'intermediate request', options: { key: 'KEY-URI' } }],
  });
}

/** Returns the root that the next one succeeds, or undefined if every root is revoked or expired. */
export function lastRoot(authority: Authority, atSeconds: number): HeldCredential<AsCredential> | undefined {
  const inReserve = inReserveHere(authority);
  const inUse = authority.roots.filter((root) => !inReserve(root));
  return lastOf(authority, inUse.length > 0 ? inUse : authority.roots, atSeconds);
}
