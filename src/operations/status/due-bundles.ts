/** What is to be signed next, what is to be published, and which signed bundles need a mark. */
import { formatTime } from '../../common/time.js';
import type { BundleSchedule, ScheduledBundle } from '../lifecycle/bundle-schedule.js';
import type { CredentialStatus } from '../lifecycle/credential-state.js';
import type { DueAction } from './due.js';
import { coverageOf, enoughUntil, nameOf, type Succession } from './due-credentials.js';

const EXPORT = { command: 'bundle export' } as const;

/** Returns the first bundle, or the one after the last that is signed, and gaps between those that are. */
export function nextBundleDue(
  { servedUntil, gaps, nextCeremony, bundles }: BundleSchedule,
  atSeconds: number,
): DueAction[] {
  if (servedUntil === undefined && bundles.every(({ phase }) => phase !== 'ahead')) {
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
        action: `sign and publish a bundle for the gap from ${formatTime(gap.from)} to ${formatTime(gap.until)}, in which clients have none; it takes the place of those signed ahead, so sign a whole series`,
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

/** Returns the last second at which clients that have the first bundle can do without the additions of the second. */
export type SufficesUntil = (before: ScheduledBundle, after: ScheduledBundle) => number;

/**
 * Returns each signed bundle that has no mark yet. Those to publish come first: the bundles that they replace are
 * withdrawn once they are published, and before a series is signed, because clients could hold anything that was not
 * withdrawn.
 */
export function marksDue({ bundles }: BundleSchedule, atSeconds: number, sufficesUntil: SufficesUntil): DueAction[] {
  const open = bundles.filter(({ mark, phase }) => mark === undefined && phase !== 'withdrawn');
  const publish = open.filter(({ phase }) => isComing(phase));
  const outBy = new Map(publish.map((one) => [one.sequence, publishBy(one, bundles, sufficesUntil)]));
  const living = ({ expiresAt }: ScheduledBundle): boolean => expiresAt >= atSeconds;
  return [
    ...publish.filter(living).map((one) => publishDue(one, outBy.get(one.sequence) ?? one.issuedAt)),
    ...open
      .filter((one) => !isComing(one.phase) && living(one))
      .map((one) => markDue(one, overtakenBy(one, bundles, outBy))),
  ];
}

function isComing(phase: ScheduledBundle['phase']): boolean {
  return phase === 'current' || phase === 'ahead';
}

function publishDue({ sequence, file, issuedAt }: ScheduledBundle, by: number): DueAction {
  return {
    kind: 'publish',
    subject: String(sequence),
    action: `publish bundle ${String(sequence)}, and put that on record`,
    command: { command: 'bundle published', args: [file], inFolder: true },
    from: issuedAt,
    by,
  };
}

/** Returns the mark that is due. `outAt` is when the first bundle that replaces this one is published, or should be. */
function markDue({ sequence, file, phase, issuedAt, expiresAt, next }: ScheduledBundle, outAt: number): DueAction {
  const subject = String(sequence);
  const taker = next === undefined ? 'a newer one' : `bundle ${String(next.sequence)}`;
  if (phase === 'past') {
    return {
      kind: 'mark',
      subject,
      action: `put on record whether bundle ${subject} went out or never did; ${taker} has taken its place`,
      command: { command: 'bundle published', args: [file], inFolder: true },
      instead: { command: 'bundle withdraw', args: [file], inFolder: true },
      by: next?.issuedAt ?? expiresAt,
    };
  }
  return {
    kind: 'mark',
    subject,
    action: `withdraw bundle ${subject} if it never went out: ${taker} takes its place, and clients that have that one refuse this one; until it is withdrawn, what is signed must suit clients that could hold it`,
    command: { command: 'bundle withdraw', args: [file], inFolder: true },
    by: Math.min(outAt, issuedAt),
  };
}

/** Returns when a bundle is overtaken. `outBy` gives, by sequence, when unpublished bundles should be published. */
function overtakenBy(
  { sequence, issuedAt }: ScheduledBundle,
  bundles: readonly ScheduledBundle[],
  outBy: ReadonlyMap<number, number>,
): number {
  const times = bundles
    .filter((each) => each.sequence > sequence && each.issuedAt <= issuedAt)
    .map((each) =>
      each.mark === 'published'
        ? Math.max(each.issuedAt, each.markedAt ?? each.issuedAt)
        : (outBy.get(each.sequence) ?? Infinity),
    );
  return Math.min(...times);
}

/**
 * Returns by when to publish a bundle. There is time while the previous one is published and valid, and its credentials
 * can issue; there is none if no bundle is published, or if clients wait for a revocation.
 */
function publishBy(one: ScheduledBundle, bundles: readonly ScheduledBundle[], sufficesUntil: SufficesUntil): number {
  const { sequence, issuedAt, revocations } = one;
  const before = bundles.findLast((each) => each.sequence < sequence && isComing(each.phase));
  const out = bundles.findLast((each) => each.sequence < sequence && each.mark === 'published');
  if (revocations > Math.max(before?.revocations ?? 0, out?.revocations ?? 0)) return issuedAt;
  const held = before ?? out;
  const enough = held === undefined ? issuedAt : sufficesUntil(held, one);
  return Math.max(Math.min(Math.max(before?.expiresAt ?? 0, out?.expiresAt ?? 0), enough), issuedAt);
}

/**
 * Returns credentials that no bundle lists yet, neither the current one nor one ahead; clients refuse them until one
 * does.
 */
export function listingDue(
  credentials: readonly CredentialStatus[],
  { threshold, bundleLifetime, atSeconds }: Pick<Succession, 'threshold' | 'bundleLifetime' | 'atSeconds'>,
): DueAction[] {
  const listed = credentials.filter(({ published }) => published);
  // If no bundle is in force or ahead, the next one, which is itself due, lists everything.
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
