import type { Authority, HeldCredential } from '../../authority/authority.js';
import { equalBytes, fromHex, toHex } from '../../common/bytes.js';
import { CeremonyError, couldNot, refused } from '../../common/errors.js';
import type { AsCredential } from '../../credential/as-credential.js';
import { checkSelfSignature } from '../../credential/checks.js';
import type { VerificationEngine } from '../../crypto/engine.js';
import { type OperationContext, revokedByOthers, revokedHere } from '../context/operation-context.js';
import { historyOf, lastNotWithdrawn, retiredRoots, verifiedHistory } from '../lifecycle/bundle-history.js';
import { inReserveHere, successorIn } from '../lifecycle/reserve.js';

/** Returns the roots that may sign now: valid, not revoked, not retired. In rising order of number. */
export function usableRoots(authority: Authority, atSeconds: number): readonly HeldCredential<AsCredential>[] {
  const isRevoked = revokedHere(authority);
  const retired = retiredRoots(historyOf(authority));
  return authority.roots.filter(({ credential, fingerprint }) => {
    const { notBefore, notAfter } = credential.payload.expirationData;
    return !isRevoked(credential) && !retired.has(fingerprint) && notBefore <= atSeconds && atSeconds <= notAfter;
  });
}

/**
 * Returns those of the usable roots that are in use: all but the ones in reserve. If no other is left, it is the one in
 * reserve that takes over.
 */
export function rootsInUse(authority: Authority, atSeconds: number): readonly HeldCredential<AsCredential>[] {
  const usable = usableRoots(authority, atSeconds);
  const inReserve = inReserveHere(authority);
  const inUse = usable.filter((root) => !inReserve(root));
  if (inUse.length > 0) return inUse;
  const successor = successorIn(lastNotWithdrawn(historyOf(authority))?.payload, usable);
  return successor === undefined ? [] : [successor];
}

/** Returns the newest usable root in use. Error: `no-root`. */
export function newestRoot(authority: Authority, atSeconds: number): HeldCredential<AsCredential> {
  const newest = rootsInUse(authority, atSeconds).at(-1);
  if (newest === undefined) {
    throw refused('no-root', 'the authority has no root that is valid now, and neither revoked nor retired', {
      ...(authority.roots.length === 0
        ? {
            hint: 'If the root is elsewhere, name its file; else make one.',
            remedies: [{ option: 'signer' }, { command: 'root generate' }],
          }
        : { hint: 'Check the clock, and see what the authority holds.', remedies: [{ command: 'status' }] }),
    });
  }
  return newest;
}

/** Returns the root with this fingerprint (bytes), or undefined. */
export function rootNamed(authority: Authority, fingerprint: Uint8Array): HeldCredential<AsCredential> | undefined {
  return authority.roots.find((root) => equalBytes(fromHex(root.fingerprint) ?? new Uint8Array(), fingerprint));
}

/**
 * Checks the roots before their keys are used: each self signature is good, and no two roots have the same key, except
 * for one that signed for itself once more because somebody else has revoked the first. Error: `authority-damaged`.
 */
export function checkRoots(authority: Authority, engines: readonly VerificationEngine[]): void {
  const holders = new Map<string, HeldCredential<AsCredential>>();
  const byOthers = new Set(revokedByOthers(authority));
  for (const root of authority.roots) {
    const { credential, file } = root;
    const key = toHex(credential.payload.publicKey);
    const first = holders.get(key);
    if (first !== undefined && !byOthers.has(first.fingerprint)) throw damaged(`${file} has the key of ${first.file}`);
    holders.set(key, root);
    try {
      checkSelfSignature(credential, engines);
    } catch (error) {
      if (!(error instanceof CeremonyError) || error.code === 'engines-disagree') throw error;
      throw damaged(`${file}: ${error.message}`, error);
    }
  }
}

/**
 * Checks, before anything else is signed, that the credentials held here were signed by the roots that they name.
 * Error: `authority-damaged`.
 */
export function checkHeld({
  authority,
  engines,
  atSeconds,
}: Pick<OperationContext, 'authority' | 'engines' | 'atSeconds'>): void {
  checkRoots(authority, engines);
  verifiedHistory(authority, engines, atSeconds);
}

function damaged(what: string, cause?: unknown): CeremonyError {
  return couldNot('authority-damaged', what, {
    hint: 'Nothing is signed with it. Compare the folder with its last backup, and find out who changed it.',
    cause,
  });
}
