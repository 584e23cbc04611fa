/** When the next root, the next intermediate and the end of an old root are due. */
import { clampedSum, type Duration, formatTime, multiple } from '../../common/time.js';
import { type CredentialStatus, stemOf } from '../lifecycle/credential-state.js';
import type { DueAction, DueCommand } from './due.js';

const NAMES = { as_credential: 'root', intermediate_as_credential: 'intermediate' } as const;
type Kind = keyof typeof NAMES;

export interface Succession {
  readonly credentials: readonly CredentialStatus[];
  /** `lifetimes.bundle`: after that time every client has a later bundle. */
  readonly bundleLifetime: Duration;
  /** How many roots must sign the next bundle. */
  readonly threshold: number;
  /** `file:keys/intermediate-2.age`: the key that the next intermediate would have. */
  readonly nextIntermediateKey: string;
  /** What issues a request that waits; undefined where none does. */
  readonly issueRequest: DueCommand | undefined;
  readonly atSeconds: number;
}

/** The last second at which one of these can issue, without a gap from now on; and what comes after a gap. */
export interface Coverage {
  readonly until: CredentialStatus;
  readonly late: CredentialStatus | undefined;
}

/** Undefined where none of them can issue now. */
export function coverageOf(credentials: readonly CredentialStatus[], atSeconds: number): Coverage | undefined {
  let until: CredentialStatus | undefined;
  const inOrder = credentials
    .filter(({ state, issuingDeadline, notBefore }) => isUsable(state) && issuingDeadline >= notBefore)
    .toSorted((a, b) => a.notBefore - b.notBefore);
  for (const one of inOrder) {
    const begins = until === undefined ? atSeconds : until.issuingDeadline + 1;
    if (one.notBefore > begins) return until === undefined ? undefined : { until, late: one };
    if (until === undefined || one.issuingDeadline > until.issuingDeadline) until = one;
  }
  return until === undefined ? undefined : { until, late: undefined };
}

function isUsable(state: CredentialStatus['state']): boolean {
  return state === 'active' || state === 'scheduled';
}

/** Whether bundles may list it, now or later. */
export function isLiving({ state }: CredentialStatus): boolean {
  return isUsable(state) || state === 'issuing-ended';
}

export function nameOf({ file, fingerprint }: CredentialStatus): string {
  return `${stemOf(file)} (${fingerprint.slice(0, 16)})`;
}

/**
 * The last second at which those of `before` can issue where those of `after` can for longer; Infinity where they
 * can't. Both are what bundles list.
 */
export function outlastedAt(
  before: readonly CredentialStatus[],
  after: readonly CredentialStatus[],
  atSeconds: number,
): number {
  const ends = (['as_credential', 'intermediate_as_credential'] as const).map((kind) => {
    const until = (listed: readonly CredentialStatus[]): number =>
      coverageOf(
        listed.filter((one) => one.kind === kind),
        atSeconds,
      )?.until.issuingDeadline ?? atSeconds;
    const end = until(before);
    return until(after) > end ? end : Infinity;
  });
  return Math.min(...ends);
}

/** A usable root and a usable intermediate, or their successors. */
export function successionDue(succession: Succession): DueAction[] {
  return (['as_credential', 'intermediate_as_credential'] as const).map((kind) => successorDue(kind, succession));
}

function successorDue(kind: Kind, succession: Succession): DueAction {
  const { credentials, bundleLifetime, threshold, atSeconds } = succession;
  const ours = credentials.filter((one) => one.kind === kind && !one.reserve);
  const name = NAMES[kind];
  const coverage = coverageOf(ours, atSeconds);
  if (coverage === undefined) {
    return {
      kind: name,
      subject: '',
      action: `make ${name === 'root' ? 'a root' : 'an intermediate'} that can issue: there is none now`,
      command: kind === 'as_credential' ? rootCommand(ours) : intermediateCommand(ours, succession),
      by: lastDeadline(ours, atSeconds),
    };
  }
  const { late } = coverage;
  // A root signs no bundle that outlives it; and the next bundle wants so many of them.
  const few = kind === 'as_credential' ? lastOfEnough(ours, threshold) : undefined;
  const byFew = few === undefined ? Infinity : enoughUntil(ours, { threshold, bundleLifetime });
  const { issuingDeadline } = coverage.until;
  const until = few !== undefined && byFew < issuingDeadline ? few : coverage.until;
  const by = Math.min(issuingDeadline, byFew);
  const gap =
    late === undefined ? '' : `; ${nameOf(late)} begins only ${formatTime(late.notBefore)}, and leaves a gap before it`;
  const more = until === coverage.until || threshold === 1 ? '' : `: the next bundle needs ${String(threshold)} roots`;
  return {
    kind: `${name}-successor`,
    subject: until.fingerprint,
    action: `make, publish and start using a successor of ${nameOf(until)}${more}${gap}`,
    command: { command: `${name} rotate` },
    // A client may hold the bundle before for its whole life: made by then, the successor is in every client's bundle
    // in time.
    from: Math.min(Math.max(clampedSum(by, bundleLifetime, -1), until.notBefore), by),
    by,
  };
}

/** With its end there are fewer usable roots than that. */
function lastOfEnough(roots: readonly CredentialStatus[], threshold: number): CredentialStatus | undefined {
  return roots
    .filter(isLiving)
    .toSorted((a, b) => b.notAfter - a.notAfter)
    .at(threshold - 1);
}

/**
 * The last second at which clients must be told of another root, so that so many are left; Infinity where there were
 * never so many.
 */
export function enoughUntil(
  credentials: readonly CredentialStatus[],
  { threshold, bundleLifetime }: Pick<Succession, 'threshold' | 'bundleLifetime'>,
): number {
  const roots = credentials.filter(({ kind }) => kind === 'as_credential');
  const few = lastOfEnough(roots, threshold);
  return few === undefined ? Infinity : inTimeFor(few.notAfter, bundleLifetime);
}

/**
 * The last second at which a bundle may be the first to say what comes after a root that ends then: twice a bundle's
 * life before. A client may hold the bundle before it for that one's whole life, and until then this root signs, and
 * signs nothing that outlives it.
 */
export function inTimeFor(notAfter: number, bundleLifetime: Duration): number {
  return clampedSum(notAfter, multiple(bundleLifetime, 2), -1);
}

function rootCommand(roots: readonly CredentialStatus[]): DueCommand {
  return { command: roots.length === 0 ? 'root generate' : 'root rotate' };
}

function intermediateCommand(
  intermediates: readonly CredentialStatus[],
  { issueRequest, nextIntermediateKey }: Succession,
): DueCommand {
  if (issueRequest !== undefined) return issueRequest;
  const living = intermediates.some(({ state }) => state === 'issuing-ended' || state === 'scheduled');
  return living
    ? { command: 'intermediate rotate' }
    : { command: 'intermediate request', options: { key: nextIntermediateKey } };
}

/** Since when nothing can issue any more, as far as the deadlines say it; else now. */
function lastDeadline(credentials: readonly CredentialStatus[], atSeconds: number): number {
  const ended = credentials.filter(({ state }) => state === 'issuing-ended' || state === 'expired');
  const last = ended.reduce((latest, { issuingDeadline }) => Math.max(latest, issuingDeadline), -1);
  return last < 0 ? atSeconds : Math.min(last, atSeconds);
}

/**
 * A root that has a published successor, and under which nothing lives from some time on: then it is retired or
 * revoked.
 */
export function retirementDue(
  credentials: readonly CredentialStatus[],
  {
    threshold,
    knownBy,
  }: {
    /** Of the newest bundle. */
    readonly threshold: number;
    /** From when on no client holds a bundle without this root (its fingerprint). */
    readonly knownBy: (fingerprint: string) => number;
  },
): DueAction[] {
  const roots = credentials.filter(
    ({ kind, published, state }) =>
      kind === 'as_credential' && published && (state === 'active' || state === 'issuing-ended'),
  );
  const ends = new Map<string, number>();
  for (const { signer, notAfter, state } of credentials) {
    if (signer === undefined || state === 'revoked' || state === 'expired' || state === 'retired') continue;
    ends.set(signer, Math.max(ends.get(signer) ?? 0, notAfter));
  }
  const successor = roots.findLast(({ state }) => state === 'active');
  if (successor === undefined || roots.length <= threshold) return [];
  return roots
    .filter(({ number, notAfter }) => number < successor.number && notAfter < successor.notAfter)
    .map((root) => ({
      kind: 'retire-root' as const,
      subject: root.fingerprint,
      action: `retire ${nameOf(root)}: ${nameOf(successor)} has taken over, and nothing under it is valid by then`,
      command: { command: 'bundle export' as const, options: { retire: stemOf(root.file) } },
      from: Math.max(ends.get(root.fingerprint) ?? 0, root.notBefore, knownBy(successor.fingerprint)) + 1,
      by: root.notAfter,
    }))
    .filter(({ from, by }) => from <= by);
}
