/** When the next root in reserve must be made and committed to (pre-rotation). */
import type { Authority } from '../../authority/authority.js';
import { toHex } from '../../common/bytes.js';
import { clampedSum, type Duration } from '../../common/time.js';
import type { PastBundle } from '../lifecycle/bundle-history.js';
import { type CredentialStatus, stemOf } from '../lifecycle/credential-state.js';
import { commitmentTo } from '../lifecycle/reserve.js';
import type { DueAction } from './due.js';
import { inTimeFor, isLiving, nameOf } from './due-credentials.js';

export interface CommitmentsFound {
  readonly credentials: readonly CredentialStatus[];
  /** The last second until which clients are served; undefined if they are not. */
  readonly servedUntil: number | undefined;
  /** `lifetimes.bundle`. */
  readonly bundleLifetime: Duration;
  readonly atSeconds: number;
}

/**
 * Returns the commitments that are due. A commitment protects only while its key is kept unused elsewhere: if all keys
 * are listed roots, a thief of one changes the roots. And clients accept another commitment only from a root to which
 * they hold one: once the last of these has ended, the roots can never change again.
 */
export function commitmentsDue(authority: Authority, { payload }: PastBundle, found: CommitmentsFound): DueAction[] {
  const { servedUntil, bundleLifetime, atSeconds } = found;
  const committed = new Set(payload.nextRoots.map(toHex));
  const keys = new Map(
    authority.roots.map(({ credential, fingerprint }) => [fingerprint, toHex(commitmentTo(credential))]),
  );
  const isCommitted = ({ fingerprint }: CredentialStatus): boolean => committed.has(keys.get(fingerprint) ?? '');
  const roots = found.credentials.filter((one) => one.kind === 'as_credential' && isLiving(one));
  const waiting = roots.filter(
    (one) => one.reserve && !isCommitted(one) && atSeconds < inTimeFor(one.notAfter, bundleLifetime),
  );

  const listed = new Set(payload.asCredentials.map((root) => toHex(commitmentTo(root))));
  const isUsed = [...committed].every((one) => listed.has(one));
  const last = roots
    .filter(isCommitted)
    .reduce<CredentialStatus | undefined>(
      (latest, one) => (latest !== undefined && latest.notAfter >= one.notAfter ? latest : one),
      undefined,
    );
  const byEnd = last === undefined ? Infinity : inTimeFor(last.notAfter, bundleLifetime);
  if (isUsed) {
    const by = Math.min(servedUntil ?? atSeconds, byEnd);
    if (waiting.length > 0) return waiting.map((root) => commitDue(root, { by }));
    return committed.size === 0 ? [] : [{ ...USED, by }];
  }
  // Nobody here knows when a key ends that is kept elsewhere.
  const own = new Set(keys.values());
  if ([...committed].some((one) => !own.has(one))) return [];
  if (last === undefined) {
    const revoked = found.credentials.find(
      (one) => isCommitted(one) && one.state === 'revoked' && atSeconds <= one.notAfter,
    );
    return revoked === undefined ? [] : [revokedDue(revoked, servedUntil ?? atSeconds)];
  }
  const when = { from: Math.min(Math.max(clampedSum(byEnd, bundleLifetime, -1), last.notBefore), byEnd), by: byEnd };
  const longer = waiting.filter(({ notAfter }) => last.notAfter < notAfter);
  if (longer.length === 0) return [endingDue(last, when)];
  return longer.map((root) => commitDue(root, { ...when, before: last }));
}

const USED = {
  kind: 'commitment',
  subject: '',
  action:
    'make a root in reserve, and commit to it: every key that the bundles commit to is in use, and whoever steals that root can change the roots',
  command: { command: 'root rotate', options: { reserve: true } },
} as const;

/**
 * Returns what is due for a revoked root: clients still want the signature of that key, and whoever stole it has it
 * too.
 */
function revokedDue({ file, fingerprint }: CredentialStatus, by: number): DueAction {
  return {
    kind: 'commitment',
    subject: fingerprint,
    action: `make a root in reserve, and commit to it in place of ${file}, which is revoked and must sign that once more: every key that the bundles commit to is revoked`,
    command: { command: 'root rotate', options: { reserve: true } },
    by,
  };
}

type When = Pick<DueAction, 'from' | 'by'>;

function endingDue(last: CredentialStatus, when: When): DueAction {
  return {
    kind: 'commitment',
    subject: last.fingerprint,
    action: `make a root in reserve, and commit to it before ${nameOf(last)} ends: the roots change with its signature alone`,
    command: { command: 'root rotate', options: { reserve: true } },
    ...when,
  };
}

/**
 * Returns a commitment that is due. `before` is the root that it replaces in the commitments, and that signs for it.
 */
function commitDue(
  { file, fingerprint }: CredentialStatus,
  { before, ...when }: When & { readonly before?: CredentialStatus },
): DueAction {
  const why = before === undefined ? '' : `, with ${nameOf(before)} listed, which must sign that before it ends`;
  return {
    kind: 'commitment',
    subject: fingerprint,
    action: `sign and publish a bundle that commits to ${file}, which is in reserve${why}`,
    command: {
      command: 'bundle export',
      ...(before?.reserve === true ? { options: { list: stemOf(before.file) } } : {}),
    },
    ...when,
  };
}
