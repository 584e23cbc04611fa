/** The bundles that an authority has signed: which one the next follows, and which ones clients may hold. */
import type { Authority, HeldBundle } from '../../authority/authority.js';
import type { BundleMark } from '../../authority/formats/small-files.js';
import { decodeBundle } from '../../bundle/bundle.js';
import { type BundlePayload, payloadHash, type Revocation } from '../../bundle/payload.js';
import { compareBytes, equalBytes, toHex } from '../../common/bytes.js';
import { CeremonyError, couldNot } from '../../common/errors.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import type { VerificationEngine } from '../../crypto/engine.js';
import { acceptBundle } from '../../verify/accept-bundle.js';
import { payloadOf } from '../../verify/bundle-trust.js';
import type { SignedBundle } from './bundle-schedule.js';

/** A bundle that was signed, or is about to be. */
export interface PastBundle {
  /** Relative to the authority. */
  readonly file: string;
  readonly payload: BundlePayload;
  readonly payloadBytes: Uint8Array;
  /** The file's bytes; for a bundle that is about to be signed, with stand-ins for its signatures. */
  readonly encoded: Uint8Array;
  readonly mark: BundleMark | undefined;
  /** Whether somebody else signed it with a root of this authority. */
  readonly forged?: true;
}

/** Returns every bundle that the authority holds, by sequence; decoded, not verified. Error: `authority-damaged`. */
export function historyOf({ bundles, settings }: Authority): readonly PastBundle[] {
  return bundles.map((held) => decoded(held, settings.domain));
}

/** Returns the bundles that somebody else signed, as far as they are on record. Error: `authority-damaged`. */
export function forgeriesOf({ forgeries, settings }: Authority): readonly PastBundle[] {
  return forgeries.map(({ file, bytes }) => ({
    ...decodedIn(file, bytes, settings.domain),
    mark: undefined,
    forged: true,
  }));
}

/**
 * Returns what clients may hold in the end, by sequence: the authority's own bundles, and those that somebody else
 * signed. Of two with one sequence, its own come first.
 */
export function withForgeries(authority: Authority, history: readonly PastBundle[]): readonly PastBundle[] {
  return [...history, ...forgeriesOf(authority)].sort((a, b) => a.payload.sequence - b.payload.sequence);
}

/** Returns the bundle with the highest sequence. Error: `authority-damaged`. */
export function lastBundle({ bundles, settings }: Authority): PastBundle | undefined {
  const held = bundles.at(-1);
  return held && decoded(held, settings.domain);
}

function decoded({ file, number, bytes, mark }: HeldBundle, domain: string): PastBundle {
  const bundle = decodedIn(file, bytes, domain);
  if (bundle.payload.sequence === number) return { ...bundle, mark };
  throw damaged(`${file} holds bundle ${String(bundle.payload.sequence)}`);
}

function decodedIn(file: string, bytes: Uint8Array, domain: string): Omit<PastBundle, 'mark'> {
  try {
    const bundle = decodeBundle(bytes);
    const payload = payloadOf(bundle);
    if (payload.asDomain === domain) return { file, payload, payloadBytes: bundle.payloadBytes, encoded: bytes };
    throw damaged(`${file} holds bundle ${String(payload.sequence)} of ${payload.asDomain}`);
  } catch (error) {
    if (!(error instanceof CeremonyError) || error.code === 'authority-damaged') throw error;
    throw damaged(`${file}: ${error.message}`, error);
  }
}

/**
 * As `historyOf`, but checks that each is linked to the one before, and verifies those that still count (all that have
 * not expired, and the newest): what the next bundle takes over was signed by roots of this authority. Error:
 * `authority-damaged`.
 */
export function verifiedHistory(
  authority: Authority,
  engines: readonly VerificationEngine[],
  atSeconds: number,
): readonly PastBundle[] {
  const history = historyOf(authority);
  history.forEach((past, i) => {
    const before = history[i - 1];
    if (before !== undefined) checkLink(past, before);
    if (past.payload.expiresAt < atSeconds && i < history.length - 1) return;
    checkSignedHere(authority, past, engines);
  });
  for (const forgery of forgeriesOf(authority)) checkSignedHere(authority, forgery, engines);
  return history;
}

/** Checks that a root of this authority has signed it, whoever had its key. */
function checkSignedHere(
  { roots }: Authority,
  { file, encoded: bundle, payload }: PastBundle,
  engines: readonly VerificationEngine[],
): void {
  const pins = roots.map(({ credential }) => fingerprintOf(credential));
  const known = roots.map(({ credential }) => credential);
  try {
    acceptBundle({ bundle, held: { pins, threshold: 1 }, known, atSeconds: payload.issuedAt, engines });
  } catch (error) {
    if (!(error instanceof CeremonyError) || error.code === 'engines-disagree') throw error;
    throw damaged(`the bundles of the authority do not verify: ${file}: ${error.message}`, error);
  }
}

function checkLink({ file, payload }: PastBundle, before: PastBundle): void {
  const isNext = payload.sequence === before.payload.sequence + 1;
  const linked = payload.previous !== null && equalBytes(payload.previous, payloadHash(before.payloadBytes));
  if (isNext && !linked)
    throw damaged(`the bundles of the authority do not verify: ${file} does not follow from ${before.file}`);
  const revoked = new Set(payload.revokedCerts.map(({ fingerprint }) => toHex(fingerprint)));
  const lost = before.payload.revokedCerts.find(({ fingerprint }) => !revoked.has(toHex(fingerprint)));
  if (lost !== undefined) {
    throw damaged(
      `the bundles of the authority do not verify: ${file} lacks the revocation of ${toHex(lost.fingerprint)}`,
    );
  }
}

function damaged(what: string, cause?: unknown): CeremonyError {
  return couldNot('authority-damaged', what, {
    hint: 'Nothing is signed on top of them. Compare the folder with its last backup, and find out who changed it.',
    cause,
  });
}

/**
 * Returns what a client may hold at a time, without withdrawn bundles: those that have begun and not expired, and the
 * newest that has begun, which clients keep even after it expires if the next one is late.
 */
export function heldByClients(history: readonly PastBundle[], atSeconds: number): readonly PastBundle[] {
  const begun = history.filter(({ payload, mark }) => mark?.state !== 'withdrawn' && payload.issuedAt <= atSeconds);
  return begun.filter((one) => atSeconds <= one.payload.expiresAt || one === begun.at(-1));
}

/** Returns the bundles in the form that `scheduleOf` needs. */
export function signedBundles(history: readonly PastBundle[]): readonly SignedBundle[] {
  return history.map(({ file, mark, payload: { sequence, issuedAt, expiresAt, revokedCerts } }) => {
    const marked = { mark: mark?.state, markedAt: mark?.atSeconds };
    return { file, sequence, issuedAt, expiresAt, revocations: revokedCerts.length, ...marked };
  });
}

/** Returns the newest bundle that was not withdrawn, which the next one continues. */
export function lastNotWithdrawn(history: readonly PastBundle[]): PastBundle | undefined {
  return history.filter(({ mark }) => mark?.state !== 'withdrawn').at(-1);
}

/**
 * Returns the roots (hex) that were retired, or given up as lost: a bundle listed them, and the newest one no longer
 * does, although they had not expired by then. Withdrawn bundles don't count. Such roots are never listed again.
 */
export function retiredRoots(history: readonly PastBundle[]): ReadonlySet<string> {
  const base = lastNotWithdrawn(history);
  const retired = new Set<string>();
  if (base === undefined) return retired;
  const listed = new Set(base.payload.asCredentials.map((root) => toHex(fingerprintOf(root))));
  for (const { payload, mark } of history) {
    if (mark?.state === 'withdrawn') continue;
    for (const root of payload.asCredentials) {
      const fingerprint = toHex(fingerprintOf(root));
      if (!listed.has(fingerprint) && root.payload.expirationData.notAfter >= base.payload.issuedAt)
        retired.add(fingerprint);
    }
  }
  return retired;
}

/**
 * Returns all revocations for a bundle of this time: those of every bundle, and those recorded since. None is ever
 * taken back. What a bundle said about one is kept, but never dated after this bundle.
 */
export function revocationsOf(
  authority: Authority,
  history: readonly PastBundle[],
  issuedAt: number,
): readonly Revocation[] {
  const all = new Map<string, Revocation>();
  const add = ({ fingerprint, revokedAt, reason }: Revocation): void => {
    all.set(toHex(fingerprint), { fingerprint, revokedAt: Math.min(revokedAt, issuedAt), reason });
  };
  // Clients may hold what somebody else said about one, but the authority's own words take precedence.
  for (const { payload } of forgeriesOf(authority)) payload.revokedCerts.forEach(add);
  for (const { fingerprint, revokedAtSeconds: revokedAt, reason } of authority.revocations)
    add({ fingerprint, revokedAt, reason });
  for (const { payload } of history) payload.revokedCerts.forEach(add);
  return [...all.values()].sort((a, b) => compareBytes(a.fingerprint, b.fingerprint));
}
