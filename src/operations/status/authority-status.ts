/** The state of an authority at a time, and what is due. It only reads. */
import type { Authority, HeldCredential } from '../../authority/authority.js';
import { toHex } from '../../common/bytes.js';
import type { Remark } from '../../common/remedy.js';
import type { Duration } from '../../common/time.js';
import type { AsCredential } from '../../credential/as-credential.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import type { IntermediateAsCredential } from '../../credential/intermediate-as-credential.js';
import { type CredentialStatus, issuingDeadline, stateOf, stemOf } from '../lifecycle/credential-state.js';

export type { CredentialStatus } from '../lifecycle/credential-state.js';
import { revokedHere } from '../context/operation-context.js';
import { keyNotes } from '../keys/key-notes.js';
import {
  historyOf,
  lastNotWithdrawn,
  type PastBundle,
  retiredRoots,
  signedBundles,
} from '../lifecycle/bundle-history.js';
import { type BundleSchedule, scheduleOf } from '../lifecycle/bundle-schedule.js';
import { commitmentTo, isInReserve } from '../lifecycle/reserve.js';
import { bundleNotes } from './bundle-room.js';
import { type DueAction, sorted } from './due.js';
import { listingDue, marksDue, nextBundleDue } from './due-bundles.js';
import { nameOf, outlastedAt, retirementDue, successionDue } from './due-credentials.js';
import { forgeriesDue } from './due-forgeries.js';
import { byPlan } from './due-planned.js';
import { interruptionDue, recordsDue } from './due-records.js';
import { reserveNeeded } from './reserve-needed.js';
import { requestsDue } from './waiting-requests.js';

export interface AuthorityStatus {
  readonly asDomain: string;
  readonly credentials: readonly CredentialStatus[];
  /** The newest bundle that was not withdrawn. */
  readonly bundle:
    | { readonly file: string; readonly sequence: number; readonly issuedAt: number; readonly expiresAt: number }
    | undefined;
  readonly schedule: BundleSchedule;
  /** How far apart ceremonies are expected: `bundle_every`. */
  readonly ceremonyEvery: Duration;
  /** The soonest first. */
  readonly next: readonly DueAction[];
  /** What an interrupted command left. */
  readonly pending: Authority['pending'];
  /** What changed in authority.yaml since a transcript last recorded it; undefined if nothing did. */
  readonly settingsChanges: readonly string[] | undefined;
  /** What to know about key files, one sentence each. */
  readonly keyNotes: readonly Remark[];
  /** Which kinds of credential the next bundle has little room for, one sentence each. */
  readonly bundleNotes: readonly string[];
}

/** Returns the status. Error: `authority-damaged` for a bundle that cannot be decoded. */
export function statusOf(authority: Authority, atSeconds: number): AuthorityStatus {
  const { settings } = authority;
  const history = historyOf(authority);
  const schedule = scheduleOf(signedBundles(history), settings.bundleEvery, atSeconds);
  const base = lastNotWithdrawn(history);
  const credentials = credentialsOf(authority, history, schedule, atSeconds);
  return {
    asDomain: settings.domain,
    credentials,
    bundle: base && summary(base),
    schedule,
    ceremonyEvery: settings.bundleEvery,
    next: sorted(dueIn(authority, { credentials, schedule, history, base, atSeconds })),
    pending: authority.pending,
    settingsChanges: authority.settingsState.changes,
    keyNotes: keyNotes(authority),
    bundleNotes: bundleNotes(credentials),
  };
}

function summary({ file, payload: { sequence, issuedAt, expiresAt } }: PastBundle): AuthorityStatus['bundle'] {
  return { file, sequence, issuedAt, expiresAt };
}

function credentialsOf(
  authority: Authority,
  history: readonly PastBundle[],
  { bundles }: BundleSchedule,
  atSeconds: number,
): readonly CredentialStatus[] {
  const { roots, intermediates, settings } = authority;
  const isRevoked = revokedHere(authority);
  const served = new Set(
    bundles.filter(({ phase }) => phase === 'current' || phase === 'ahead').map(({ file }) => file),
  );
  const published = new Set(history.filter(({ file }) => served.has(file)).flatMap(listedIn));
  const retired = retiredRoots(history);
  const inReserve = isInReserve(authority, history);
  const committed = new Set(lastNotWithdrawn(history)?.payload.nextRoots.map(toHex) ?? []);
  // What a root signed is revoked with it.
  const revokedRoots = new Set(roots.filter(({ credential }) => isRevoked(credential)).map((one) => one.fingerprint));
  const describe = (
    { credential, file, number, fingerprint }: HeldCredential<AsCredential> | HeldCredential<IntermediateAsCredential>,
    childLifetime: Duration,
  ): CredentialStatus => {
    const { expirationData: validity } = credential.payload;
    const isRoot = credential.kind === 'as_credential';
    const signer = isRoot ? undefined : toHex(credential.payload.signerFingerprint);
    const isListed = published.has(fingerprint);
    return {
      kind: credential.kind,
      file,
      number,
      fingerprint,
      signer,
      state: stateOf(validity, {
        atSeconds,
        revoked: isRevoked(credential) || (signer !== undefined && revokedRoots.has(signer)),
        retired: retired.has(signer ?? fingerprint),
        childLifetime,
      }),
      issuingDeadline: issuingDeadline(validity, childLifetime),
      notBefore: validity.notBefore,
      notAfter: validity.notAfter,
      published: isListed,
      reserve: isRoot && !isListed && (inReserve({ fingerprint }) || committed.has(toHex(commitmentTo(credential)))),
    };
  };
  return [
    ...roots.map((one) => describe(one, settings.lifetimes.intermediate)),
    ...intermediates.map((one) => describe(one, settings.lifetimes.client)),
  ];
}

function listedIn({ payload }: PastBundle): string[] {
  return [...payload.asCredentials, ...payload.asIntermediateCredentials].map((one) => toHex(fingerprintOf(one)));
}

/** Returns the credentials that the bundle in a file lists. */
function listedBy(
  history: readonly PastBundle[],
  file: string,
  credentials: readonly CredentialStatus[],
): readonly CredentialStatus[] {
  const listed = new Set(history.filter((one) => one.file === file).flatMap(listedIn));
  return credentials.filter(({ fingerprint }) => listed.has(fingerprint));
}

interface Found {
  readonly credentials: readonly CredentialStatus[];
  readonly schedule: BundleSchedule;
  readonly history: readonly PastBundle[];
  /** The newest one that was not withdrawn. */
  readonly base: PastBundle | undefined;
  readonly atSeconds: number;
}

function dueIn(authority: Authority, found: Found): DueAction[] {
  return allDueIn(authority, found).map((due) =>
    byPlan(authority, withReserve(authority, found, due), found.atSeconds),
  );
}

/** Adds the root in reserve to a bundle that changes the roots, if clients want its signature for that. */
function withReserve(authority: Authority, { history, credentials, atSeconds }: Found, due: DueAction): DueAction {
  const { action, command, kind, subject } = due;
  if (command?.command !== 'bundle export') return due;
  const root = reserveNeeded(authority, history, kind === 'retire-root' ? { retire: [subject] } : {}, atSeconds);
  const status = credentials.find(({ fingerprint }) => fingerprint === root?.fingerprint);
  if (status === undefined) return due;
  return {
    ...due,
    action: `${action}; with ${nameOf(status)} taken out of reserve, because clients want its signature for other roots`,
    command: { ...command, options: { ...command.options, list: stemOf(status.file) } },
  };
}

function allDueIn(authority: Authority, found: Found): DueAction[] {
  const { credentials, schedule, history, base, atSeconds } = found;
  const { settings } = authority;
  const afterTheft = forgeriesDue(authority, history, atSeconds);
  // No other key may change the roots, so a new one would be of no use.
  const wantsRoot = afterTheft.every(({ kind }) => kind !== 'root-again');
  const elsewhere = isRequester(authority);
  const requests = requestsDue(authority, { atSeconds, elsewhere });
  const always = [...interruptionDue(authority, atSeconds), ...requests];
  if (elsewhere) return [...always, ...requesterDue(credentials, requests.length > 0, atSeconds)];
  return [
    ...always,
    ...afterTheft,
    ...successionDue({
      credentials,
      bundleLifetime: settings.lifetimes.bundle,
      threshold: base?.payload.threshold ?? 1,
      nextIntermediateKey: `file:keys/intermediate-${String(authority.nextNumber('intermediate'))}.age`,
      issueRequest: requests.find(({ command }) => command !== undefined)?.command,
      atSeconds,
    }).filter(({ kind }) => wantsRoot || kind !== 'root'),
    ...nextBundleDue(schedule, atSeconds),
    ...marksDue(schedule, atSeconds, (before, after) => {
      const [one, other] = [before, after].map(({ file }) => listedBy(history, file, credentials));
      return outlastedAt(one ?? [], other ?? [], atSeconds);
    }),
    ...(base === undefined
      ? []
      : [
          ...listingDue(credentials, {
            threshold: base.payload.threshold,
            bundleLifetime: settings.lifetimes.bundle,
            atSeconds,
          }),
          ...recordsDue(authority, base, {
            credentials,
            servedUntil: schedule.servedUntil,
            bundleLifetime: settings.lifetimes.bundle,
            atSeconds,
          }),
          ...retirementDue(credentials, {
            threshold: base.payload.threshold,
            knownBy: (fingerprint) => lastWithout(history, fingerprint),
          }),
        ]),
  ];
}

/** Returns the last second of a bundle that doesn't list this root; 0 if all do. */
function lastWithout(history: readonly PastBundle[], fingerprint: string): number {
  return history
    .filter(
      ({ payload, mark }) =>
        mark?.state !== 'withdrawn' &&
        !payload.asCredentials.some((root) => toHex(fingerprintOf(root)) === fingerprint),
    )
    .reduce((latest, { payload }) => Math.max(latest, payload.expiresAt), 0);
}

/** Returns whether this is a folder without a root, in which requests are made for a root elsewhere. */
function isRequester({ roots, requests, missingRequests, intermediates }: Authority): boolean {
  return roots.length === 0 && requests.length + missingRequests.length + intermediates.length > 0;
}

function requesterDue(credentials: readonly CredentialStatus[], waiting: boolean, atSeconds: number): DueAction[] {
  const living = credentials.filter(({ state }) => state === 'active' || state === 'scheduled');
  const kind = 'intermediate-successor';
  if (living.length > 0) {
    const by = Math.max(...living.map(({ issuingDeadline: deadline }) => deadline));
    return [{ kind, subject: '', action: 'have a successor of the intermediate issued where the root is', by }];
  }
  if (waiting) return [];
  return [{ kind, subject: '', action: 'make a request, and have it issued where the root is', by: atSeconds }];
}
