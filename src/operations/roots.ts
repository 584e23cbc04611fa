import { equalBytes, fromHex } from '../common/bytes.js';
import { refused } from '../common/errors.js';
import type { Authority, HeldCredential } from '../authority/authority.js';
import type { AsCredential } from '../credential/as-credential.js';
import { revokedHere } from './desk.js';

/** Roots that may sign now: valid, not revoked. By number, rising. */
export function usableRoots(authority: Authority, atSeconds: number): readonly HeldCredential<AsCredential>[] {
  const isRevoked = revokedHere(authority);
  return authority.roots.filter(({ credential }) => {
    const { notBefore, notAfter } = credential.payload.expirationData;
    return !isRevoked(credential) && notBefore <= atSeconds && atSeconds <= notAfter;
  });
}

/** The newest usable root. Error: `no-root`. */
export function newestRoot(authority: Authority, atSeconds: number): HeldCredential<AsCredential> {
  const newest = usableRoots(authority, atSeconds).at(-1);
  if (newest === undefined) {
    throw refused('no-root', 'the authority has no root that is valid now and not revoked', {
      hint: authority.roots.length === 0 ? 'Begin with root generate.' : 'Look at status, and at the clock.',
    });
  }
  return newest;
}

/** The root with this fingerprint (bytes), or undefined. */
export function rootNamed(authority: Authority, fingerprint: Uint8Array): HeldCredential<AsCredential> | undefined {
  return authority.roots.find((root) => equalBytes(fromHex(root.fingerprint) ?? new Uint8Array(), fingerprint));
}
