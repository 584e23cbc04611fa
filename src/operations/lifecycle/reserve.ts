/** Roots in reserve (pre-rotation): committed to, and not listed by any bundle until they are needed. */
import type { Authority, HeldRoot } from '../../authority/authority.js';
import { commitmentOf } from '../../bundle/commitment.js';
import type { BundlePayload } from '../../bundle/payload.js';
import { toHex } from '../../common/bytes.js';
import { refused } from '../../common/errors.js';
import type { AsCredential } from '../../credential/as-credential.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import { historyOf, type PastBundle } from './bundle-history.js';

/** Returns whether a root is in reserve. It no longer is once a bundle that was not withdrawn has listed it. */
export function isInReserve(
  { reserves }: Authority,
  history: readonly PastBundle[],
): (root: Pick<HeldRoot, 'fingerprint'>) => boolean {
  if (reserves.size === 0) return () => false;
  const listed = new Set(
    history
      .filter(({ mark }) => mark?.state !== 'withdrawn')
      .flatMap(({ payload }) => payload.asCredentials.map((root) => toHex(fingerprintOf(root)))),
  );
  return ({ fingerprint }) => reserves.has(fingerprint) && !listed.has(fingerprint);
}

/** As `isInReserve`, by the bundles on disk. Error: `authority-damaged`. */
export function inReserveHere(authority: Authority): (root: Pick<HeldRoot, 'fingerprint'>) => boolean {
  return authority.reserves.size === 0 ? () => false : isInReserve(authority, historyOf(authority));
}

/** Returns the entry of `next_roots` for this root's key. */
export function commitmentTo({ payload: { ciphersuite, publicKey } }: AsCredential): Uint8Array {
  return commitmentOf(ciphersuite.scheme, publicKey);
}

/**
 * Returns the root in reserve that takes over if no other root is left: the oldest of those to which clients hold a
 * commitment.
 */
export function successorIn(base: BundlePayload | undefined, reserve: readonly HeldRoot[]): HeldRoot | undefined {
  const committed = new Set(base?.nextRoots.map(toHex));
  return reserve.find(({ credential }) => committed.has(toHex(commitmentTo(credential)))) ?? reserve[0];
}

/** Returns whether clients that hold `base` let these signers change the roots or the commitments. */
export function mayChangeRoots(base: BundlePayload | undefined, signers: readonly HeldRoot[]): boolean {
  if (base === undefined || base.nextRoots.length === 0) return true;
  const committed = new Set(base.nextRoots.map(toHex));
  return signers.some(({ credential }) => committed.has(toHex(commitmentTo(credential))));
}

/**
 * Before a bundle commits to keys that people name: a commitment that no root can ever keep ends all changes of the
 * roots. A key that is on record here gets no second credential, so that it must be a root's already. `lost`: roots
 * (hex) whose keys are given up in the same bundle. Error: `not-a-root-key`.
 */
export function checkCommitments(
  { roots, intermediates, keyRecords }: Authority,
  wanted: readonly Uint8Array[],
  base: BundlePayload | undefined,
  lost: readonly string[],
): void {
  const all = new Set(wanted.map(toHex));
  const given = roots.find(
    ({ credential, fingerprint }) => lost.includes(fingerprint) && all.has(toHex(commitmentTo(credential))),
  );
  if (given !== undefined) throw notARootKey(`that of ${given.file}, which is given up as lost`);
  const kept = new Set(base?.nextRoots.map(toHex));
  const added = new Set(wanted.map(toHex).filter((one) => !kept.has(one)));
  const issued = intermediates.find(({ credential: { payload } }) =>
    added.has(toHex(commitmentOf(payload.ciphersuite.scheme, payload.publicKey))),
  );
  if (issued !== undefined) throw notARootKey(`that of ${issued.file}, and one key has one credential`);
  const ofRoots = new Set(roots.map(({ credential }) => toHex(commitmentTo(credential))));
  for (const { name, scheme, publicKey, end } of keyRecords) {
    const commitment = toHex(commitmentOf(scheme, publicKey));
    if (!added.has(commitment)) continue;
    if (end !== undefined) throw notARootKey(`${name}, which was destroyed`);
    if (!ofRoots.has(commitment)) throw notARootKey(`${name}, which is on record and not that of a root`);
  }
}

function notARootKey(what: string): Error {
  return refused('not-a-root-key', `the key that the bundle is to commit to is ${what}: no root will ever have it`, {
    hint: 'Commit to a root in reserve; if there is none, make one.',
    remedies: [{ command: 'root rotate', options: { reserve: true } }],
  });
}

/**
 * Returns the commitments of the next bundle, unless somebody asks for others: those of the last one or, if clients
 * allow a change, commitments to the roots in reserve instead of those to roots of this authority that are in use or
 * gone.
 */
export function nextCommitments(
  { roots }: Authority,
  base: BundlePayload | undefined,
  signers: readonly HeldRoot[],
  reserve: readonly HeldRoot[],
): readonly Uint8Array[] {
  const kept = base?.nextRoots ?? [];
  if (reserve.length === 0 || !mayChangeRoots(base, signers)) return kept;
  const own = new Set(roots.map(({ credential }) => toHex(commitmentTo(credential))));
  return [...kept.filter((one) => !own.has(toHex(one))), ...reserve.map(({ credential }) => commitmentTo(credential))];
}
