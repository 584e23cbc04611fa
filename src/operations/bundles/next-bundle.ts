/** Works out what the next bundle holds, and who signs it. Nothing is signed here. */
import type { Authority, HeldCredential, HeldRoot } from '../../authority/authority.js';
import { commitmentOf } from '../../bundle/commitment.js';
import { checkSequence } from '../../bundle/limits.js';
import { type BundlePayload, payloadHash } from '../../bundle/payload.js';
import { toHex } from '../../common/bytes.js';
import { refused, usage } from '../../common/errors.js';
import { type Duration, formatTime, validityOf } from '../../common/time.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import type { IntermediateAsCredential } from '../../credential/intermediate-as-credential.js';
import { revokedHere } from '../context/operation-context.js';
import {
  heldByClients,
  lastNotWithdrawn,
  type PastBundle,
  retiredRoots,
  revocationsOf,
  withForgeries,
} from '../lifecycle/bundle-history.js';
import { checkCommitments, isInReserve, mayChangeRoots, nextCommitments, successorIn } from '../lifecycle/reserve.js';
import type { NamedBundle } from './held-now.js';
import { againCommand, revokedReserves } from './revoked-reserves.js';
import { followed, sequenceAfter } from './sequence.js';

export interface BundleOptions {
  /** As in the policy if not given. */
  readonly lifetime?: Duration;
  /** How many roots must sign the next one; as in the last bundle if not given. */
  readonly threshold?: number;
  /** Commitments to keys that may change the roots; as in the last bundle if not given. */
  readonly nextRoots?: readonly Uint8Array[];
  /** Fingerprints (hex) of roots that are no longer listed. */
  readonly retire?: readonly string[];
  /** Fingerprints (hex) of roots whose key is lost: they are neither listed nor asked to sign. */
  readonly lost?: readonly string[];
  /** Fingerprints (hex) of roots that are listed although they were in reserve. */
  readonly list?: readonly string[];
  /** The bundle that clients hold now, if a person got it from a client or from the AS. */
  readonly last?: NamedBundle;
  /**
   * Whether clients that hold an earlier bundle will refuse this one and must pin again, which is agreed to in words.
   */
  readonly repin?: boolean;
}

export interface NextBundle {
  readonly payload: BundlePayload;
  /** The listed roots in order of number, all of which sign. */
  readonly listed: readonly HeldRoot[];
  /** Roots that are no longer listed, but sign for clients that trust nobody else yet. */
  readonly departing: readonly HeldRoot[];
  /** Usable roots that remain in reserve. */
  readonly reserve: readonly HeldRoot[];
}

/** When the bundle is made and issued, in Unix seconds. It lists roots that are valid at `atSeconds`. */
export interface NextTerms {
  readonly atSeconds: number;
  readonly issuedAt: number;
  readonly expiresAt?: number;
  readonly sequence?: number;
}

/** Returns the next bundle. Errors: `no-root`, `bundle-malformed` (a number above `issuedAt`), `usage`. */
export function nextBundle(
  authority: Authority,
  wanted: BundleOptions,
  history: readonly PastBundle[],
  terms: NextTerms,
): NextBundle {
  const { settings } = authority;
  const { issuedAt } = terms;
  const { listed, reserve } = listedRoots(authority, wanted, history, terms);
  const isRevoked = revokedHere(authority);
  const names = new Set(listed.map(({ fingerprint }) => fingerprint));
  const intermediates = authority.intermediates.filter(
    ({ credential }: HeldCredential<IntermediateAsCredential>) =>
      !isRevoked(credential) &&
      credential.payload.expirationData.notAfter >= issuedAt &&
      names.has(toHex(credential.payload.signerFingerprint)),
  );
  const last = followed(authority, history);
  const sequence = terms.sequence ?? sequenceAfter(authority, history, terms.atSeconds);
  if (last === undefined ? sequence !== 1 : sequence <= last.payload.sequence) {
    throw usage(`the next bundle can't have the number ${String(sequence)}`, {
      hint: last === undefined ? 'The first one has 1.' : `Bundle ${String(last.payload.sequence)} is there already.`,
    });
  }
  checkSequence(
    sequence,
    issuedAt,
    last?.forged === true && terms.sequence === undefined
      ? {
          hint: `Somebody else signed bundle ${String(last.payload.sequence)} (${last.file}): wait until ${formatTime(sequence)}.`,
        }
      : {
          hint: 'Check the clock, and the number or the floor that was asked for, if any.',
          remedies: [{ option: 'sequence' }, { option: 'sequence-floor' }],
        },
  );
  const base = lastNotWithdrawn(history);
  const threshold = wanted.threshold ?? Math.min(base?.payload.threshold ?? 1, listed.length);
  if (threshold > listed.length) {
    throw usage(`a threshold of ${String(threshold)} is too high: the bundle lists ${String(listed.length)} roots`, {
      hint: 'A bundle can require as many signatures on the next one as it lists roots.',
    });
  }
  const expiresAt = terms.expiresAt ?? validityOf(issuedAt, wanted.lifetime ?? settings.lifetimes.bundle);
  const said = {
    asDomain: settings.domain,
    sequence,
    previous: last === undefined ? null : payloadHash(last.payloadBytes),
    issuedAt,
    expiresAt,
    asCredentials: listed.map(({ credential }) => credential),
    asIntermediateCredentials: intermediates.map(({ credential }) => credential),
    revokedCerts: revocationsOf(authority, history, issuedAt),
    threshold,
  };
  const { payload, departing } = withCommitments(authority, wanted, said, history, { listed, reserve });
  return { payload, listed, departing, reserve };
}

/**
 * Fills in the commitments. Which ones clients let change depends on who signs, and other commitments may need further
 * signers.
 */
function withCommitments(
  authority: Authority,
  wanted: BundleOptions,
  said: Omit<BundlePayload, 'nextRoots'>,
  history: readonly PastBundle[],
  roots: Pick<NextBundle, 'listed' | 'reserve'>,
): Pick<NextBundle, 'payload' | 'departing'> {
  const base = lastNotWithdrawn(history)?.payload;
  checkCommitments(authority, wanted.nextRoots ?? [], base, wanted.lost ?? []);
  const kept = { ...said, nextRoots: wanted.nextRoots ?? base?.nextRoots ?? [] };
  const departing = departingRoots(authority, wanted, kept, history, roots);
  if (wanted.nextRoots !== undefined) return { payload: kept, departing };
  const signers = [...roots.listed, ...departing];
  const payload = { ...said, nextRoots: nextCommitments(authority, base, signers, roots.reserve) };
  return { payload, departing: departingRoots(authority, wanted, payload, history, roots) };
}

/**
 * Returns roots that are valid now and not revoked, not expired by then, and not retired or lost, now or in an earlier
 * bundle. A root in reserve takes over if no other is left, and is listed if another has ended by then and clients want
 * its signature for that. Error: `no-root`.
 */
function listedRoots(
  authority: Authority,
  { retire = [], lost = [], list = [] }: BundleOptions,
  history: readonly PastBundle[],
  { atSeconds, issuedAt }: NextTerms,
): Pick<NextBundle, 'listed' | 'reserve'> {
  const base = lastNotWithdrawn(history)?.payload;
  const isRevoked = revokedHere(authority);
  const inReserve = isInReserve(authority, history);
  const gone = new Set([...retire, ...lost, ...retiredRoots(history)]);
  const usable = authority.roots.filter(({ credential, fingerprint }) => {
    const { notBefore, notAfter } = credential.payload.expirationData;
    return !isRevoked(credential) && notBefore <= atSeconds && issuedAt <= notAfter && !gone.has(fingerprint);
  });
  const inUse = usable.filter((root) => !inReserve(root) || list.includes(root.fingerprint));
  const kept = usable.filter((root) => !inUse.includes(root));
  const ended = authority.roots.filter(({ credential }) => credential.payload.expirationData.notAfter < issuedAt);
  const silent = [...kept, ...ended, ...authority.roots.filter(({ fingerprint }) => lost.includes(fingerprint))];
  const mayChange = mayChangeRoots(
    base,
    authority.roots.filter((root) => !silent.includes(root)),
  );
  const isWanted = base !== undefined && !mayChange && lists(base, ended);
  const helper = isWanted ? kept.find((root) => mayChangeRoots(base, [root])) : undefined;
  const successor = inUse.length > 0 ? helper : successorIn(base, usable);
  const listed = usable.filter((root) => inUse.includes(root) || root === successor);
  if (listed.length > 0) return { listed, reserve: usable.filter((root) => !listed.includes(root)) };
  const [fallen] = revokedReserves(authority);
  throw refused('no-root', `no root would be left to list in a bundle of ${formatTime(issuedAt)}`, {
    ...(fallen !== undefined
      ? {
          hint: `A bundle that somebody else signed revokes ${fallen.file}, whose key alone may change the roots: have it sign for itself once more.`,
          remedies: [againCommand(fallen)],
        }
      : authority.roots.length === 0
        ? { hint: 'Begin with a root.', remedies: [{ command: 'root generate' }] }
        : {
            hint: 'Check the clock, and see what the authority holds; if no root is left, make one.',
            remedies: [{ command: 'status' }, { command: 'root rotate' }],
          }),
  });
}

/** Returns whether the bundle lists any of these. */
function lists({ asCredentials }: BundlePayload, roots: readonly HeldRoot[]): boolean {
  const prints = new Set(asCredentials.map((root) => toHex(fingerprintOf(root))));
  return roots.some(({ fingerprint }) => prints.has(fingerprint));
}

/**
 * Returns the fewest further roots without which holders of an earlier bundle would refuse this one, because of its
 * threshold or its commitments. A root in reserve is not among them, since no client knows it yet: it signs where it is
 * listed.
 */
function departingRoots(
  authority: Authority,
  { lost = [] }: BundleOptions,
  payload: BundlePayload,
  history: readonly PastBundle[],
  { listed, reserve }: Pick<NextBundle, 'listed' | 'reserve'>,
): readonly HeldRoot[] {
  const { issuedAt, expiresAt } = payload;
  const chosen = new Set<HeldRoot>();
  const choose = (most: number, fits: (root: HeldRoot) => boolean): void => {
    let missing = most - [...listed, ...chosen].filter(fits).length;
    for (const root of authority.roots) {
      if (missing <= 0) return;
      if (listed.includes(root) || reserve.includes(root) || chosen.has(root)) continue;
      if (lost.includes(root.fingerprint) || !fits(root)) continue;
      chosen.add(root);
      missing -= 1;
    }
  };
  for (const { payload: held } of heldByClients(withForgeries(authority, history), issuedAt)) {
    const trusted = new Set(held.asCredentials.map((root) => toHex(fingerprintOf(root))));
    for (const { fingerprint } of held.revokedCerts) trusted.delete(toHex(fingerprint));
    choose(held.threshold, ({ credential, fingerprint }) => {
      const { notBefore, notAfter } = credential.payload.expirationData;
      return trusted.has(fingerprint) && notBefore <= issuedAt && expiresAt <= notAfter;
    });
    if (!changesRoots(held, payload)) continue;
    const committed = new Set(held.nextRoots.map(toHex));
    choose(committed.size === 0 ? 0 : 1, ({ credential: { payload: root } }) => {
      const { notBefore, notAfter } = root.expirationData;
      const isNow = notBefore <= issuedAt && issuedAt <= notAfter;
      return isNow && committed.has(toHex(commitmentOf(root.ciphersuite.scheme, root.publicKey)));
    });
  }
  return [...chosen];
}

/**
 * Returns whether a bundle has other roots or other commitments than one before it, so that a key to which the earlier
 * one committed must sign.
 */
export function changesRoots(before: BundlePayload, after: BundlePayload): boolean {
  const differ = (a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean =>
    a.map(toHex).sort().join() !== b.map(toHex).sort().join();
  const prints = ({ asCredentials }: BundlePayload): Uint8Array[] => asCredentials.map(fingerprintOf);
  return differ(prints(before), prints(after)) || differ(before.nextRoots, after.nextRoots);
}
