/** What is to be signed next, what is to be published, and what has to be said of bundles that were signed. */
import { formatTime } from '../common/time.js';
import { coverageOf, enoughUntil, nameOf, type Succession } from './due-credentials.js';
import type { DueAction } from './due.js';
import type { Serving, StagedBundle } from './serving.js';
import type { CredentialStatus } from './credential-state.js';

const EXPORT = { words: ['bundle', 'export'] } as const;

/** The first bundle, or the one after the last that is signed; and gaps between those that are. */
export function nextBundleDue({ servedUntil, gaps, nextCeremony, bundles }: Serving, atSeconds: number): DueAction[] {
  if (servedUntil === undefined && bundles.every(({ stage }) => stage !== 'ahead')) {
    return [
      { kind: 'next-bundle', subject: '', action: 'sign and publish the first bundle', command: EXPORT, by: atSeconds },
    ];
  }
  const [gap] = gaps;
  if (gap !== undefined) {
    return [
      {
        kind: 'gap',
        subject: '',
        action: `sign and publish a bundle for the gap from ${formatTime(gap.from)} to ${formatTime(gap.until)}, in which clients have none; it takes the place of those signed ahead, so sign these anew as well (--series)`,
        command: EXPORT,
        by: Math.min(servedUntil ?? atSeconds, gap.from),
      },
    ];
  }
  const by = servedUntil ?? atSeconds;
  return [
    {
      kind: 'next-bundle',
      subject: '',
      action: 'sign and publish the next bundle before the last one that is signed expires',
      command: EXPORT,
      from: Math.min(nextCeremony ?? by, by),
      by,
    },
  ];
}

/** The last second at which clients that have the one bundle can do without what the other lists besides. */
export type SufficesUntil = (before: StagedBundle, after: StagedBundle) => number;

/** Each bundle that was signed and of which nobody said what became of it. */
export function marksDue({ bundles }: Serving, atSeconds: number, sufficesUntil: SufficesUntil): DueAction[] {
  const published = bundles.filter(({ mark }) => mark === 'published');
  return bundles
    .filter(({ mark, stage, expiresAt }) => mark === undefined && stage !== 'withdrawn' && expiresAt >= atSeconds)
    .map((one) => {
      const subject = String(one.sequence);
      const name = `bundle ${subject}`;
      if (one.stage === 'current' || one.stage === 'ahead') {
        return {
          kind: 'publish',
          subject,
          action: `publish ${name}, and put that on record`,
          command: { words: ['bundle', 'published'], file: one.file },
          from: one.issuedAt,
          by: publishBy(one, bundles, published, sufficesUntil),
        } satisfies DueAction;
      }
      const next = one.next === undefined ? 'a newer one' : `bundle ${String(one.next.sequence)}`;
      const begun = one.stage === 'past';
      return {
        kind: 'mark',
        subject,
        action: begun
          ? `put on record whether ${name} went out (bundle published) or never did (bundle withdraw); ${next} has taken its place`
          : `withdraw ${name} if it never went out: ${next} takes its place, and clients that have it refuse this one`,
        command: { words: ['bundle', begun ? 'published' : 'withdraw'], file: one.file },
        by: begun ? (one.next?.issuedAt ?? one.expiresAt) : one.issuedAt,
      } satisfies DueAction;
    });
}

/**
 * While the one before is out and valid, and what it lists can issue, there is time; where none is out, or clients wait for a revocation, there is
 * none.
 */
function publishBy(
  one: StagedBundle,
  bundles: readonly StagedBundle[],
  published: readonly StagedBundle[],
  sufficesUntil: SufficesUntil,
): number {
  const { sequence, issuedAt, revocations } = one;
  const before = bundles.findLast(
    (each) => each.sequence < sequence && (each.stage === 'current' || each.stage === 'ahead'),
  );
  const out = published.findLast((each) => each.sequence < sequence);
  if (revocations > Math.max(before?.revocations ?? 0, out?.revocations ?? 0)) return issuedAt;
  const held = before ?? out;
  const enough = held === undefined ? issuedAt : sufficesUntil(held, one);
  return Math.max(Math.min(Math.max(before?.expiresAt ?? 0, out?.expiresAt ?? 0), enough), issuedAt);
}

/** Credentials that no bundle lists yet, neither the current one nor one ahead; clients refuse them until one does. */
export function listingDue(
  credentials: readonly CredentialStatus[],
  { threshold, bundleLifetime, atSeconds }: Pick<Succession, 'threshold' | 'bundleLifetime' | 'atSeconds'>,
): DueAction[] {
  const listed = credentials.filter(({ published }) => published);
  // No bundle is in force or ahead: the next one, which is due by itself, lists everything.
  if (listed.length === 0) return [];
  const names = new Set(listed.map(({ fingerprint }) => fingerprint));
  const covered = (kind: CredentialStatus['kind']): number =>
    coverageOf(
      listed.filter((one) => one.kind === kind),
      atSeconds,
    )?.until.issuingDeadline ?? atSeconds;
  const until = {
    as_credential: Math.min(covered('as_credential'), enoughUntil(listed, { threshold, bundleLifetime })),
    intermediate_as_credential: covered('intermediate_as_credential'),
  };
  return credentials
    .filter(({ published, state, reserve }) => !published && !reserve && (state === 'active' || state === 'scheduled'))
    .map((one) => {
      // A bundle lists no root before its time.
      const later = one.kind === 'as_credential' && one.notBefore > atSeconds;
      const withRoot = one.signer !== undefined && !names.has(one.signer) ? ' and its root' : '';
      return {
        kind: 'list',
        subject: one.fingerprint,
        action: `sign and publish a bundle that lists ${nameOf(one)}${withRoot}: clients refuse it until then`,
        command: EXPORT,
        ...(later ? { from: one.notBefore } : {}),
        by: Math.max(until[one.kind], later ? one.notBefore : atSeconds),
      } satisfies DueAction;
    });
}
