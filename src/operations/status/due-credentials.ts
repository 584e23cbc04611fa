/** When the next root, the next intermediate and the end of an old root are due. */
import { clampedSum, type Duration, formatTime, multiple } from '../../common/time.js';
import { type CredentialStatus, stemOf } from '../lifecycle/credential-state.js';
import type { DueAction, DueCommand } from './due.js';

const NAMES = { as_credential: 'root', intermediate_as_credential: 'intermediate' } as const;
type Kind = keyof typeof NAMES;

export interface Succession {
  readonly credentials: readonly CredentialStatus[];
  /** `lifetimes.bundle`, after which every client has a later bundle. */
  readonly bundleLifetime: Duration;
  /** How many roots must sign the next bundle. */
  readonly threshold: number;
  /** The key that the next intermediate would have, such as `file:keys/intermediate-2.age`. */
  readonly nextIntermediateKey: string;
  /** The command that issues a waiting request; undefined if there is none. */
  readonly issueRequest: DueCommand | undefined;
  readonly atSeconds: number;
}

/** The last second at which one of these can issue without a gap from now on, and what comes after a gap. */
export interface Coverage {
  readonly until: CredentialStatus;
  readonly late: CredentialStatus | undefined;
}

/** Returns the coverage, or undefined if none of them can issue now. */
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

/** Returns whether bundles may list it, now or later. */
export function isLiving({ state }: CredentialStatus): boolean {
  return isUsable(state) || state === 'issuing-ended';
}

export function nameOf({ file, fingerprint }: CredentialStatus): string {
  return `${stemOf(file)} (${fingerprint.slice(0, 16)})`;
}

/**
 * Returns the last second at which those of `before` can issue if those of `after` can for longer; Infinity if they
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

/** Returns when a usable root and a usable intermediate, or their successors, are due. */
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
  // A root signs no bundle that outlives it, and the next bundle needs so many of them.
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
    // A client may hold the previous bundle for its whole lifetime. A successor that is made by then is in every
    // client's bundle in time.
    from: Math.min(Math.max(clampedSum(by, bundleLifetime, -1), until.notBefore), by),
    by,
  };
}

/** Returns the root after whose end there are fewer usable ones than that. */
function lastOfEnough(roots: readonly CredentialStatus[], threshold: number): CredentialStatus | undefined {
  return roots
    .filter(isLiving)
    .toSorted((a, b) => b.notAfter - a.notAfter)
    .at(threshold - 1);
}

/**
 * Returns the last second at which clients must be told of another root, so that enough are left; Infinity if there
 * were never enough.
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
 * Returns the last second at which a bundle may be the first to say what comes after a root that ends then: two bundle
 * lifetimes before. A client may hold the previous bundle for its whole lifetime, and until then this root signs, but
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

/** Returns since when nothing can issue any more, as far as the deadlines show it, or else now. */
function lastDeadline(credentials: readonly CredentialStatus[], atSeconds: number): number {
  const ended = credentials.filter(({ state }) => state === 'issuing-ended' || state === 'expired');
  const last = ended.reduce((latest, { issuingDeadline }) => Math.max(latest, issuingDeadline), -1);
  return last < 0 ? atSeconds : Math.min(last, atSeconds);
}

/** Returns when to retire or revoke a root that has a published successor: once nothing under it is in use. */
export function retirementDue(
  credentials: readonly CredentialStatus[],
  {
    threshold,
    knownBy,
  }: {
    /** Of the newest bundle. */
    readonly threshold: number;
    /** Returns from when on no client holds a bundle without this root (its fingerprint). */
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
