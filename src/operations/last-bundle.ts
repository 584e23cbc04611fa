import { compareBytes, toHex } from '../common/bytes.js';
import { couldNot } from '../common/errors.js';
import type { Authority } from '../authority/authority.js';
import { decodeBundle, type UnverifiedBundle } from '../bundle/bundle.js';
import type { Revocation } from '../bundle/payload.js';

export type LastBundle = UnverifiedBundle;

/** The bundle with the highest sequence that the authority signed, or undefined. Error: `authority-damaged`. */
export function lastBundle(authority: Authority): LastBundle | undefined {
  const held = authority.bundles.at(-1);
  if (held === undefined) return undefined;
  const bundle = decodeBundle(held.bytes);
  if (bundle.payload.sequence !== held.number || bundle.payload.asDomain !== authority.settings.domain) {
    throw couldNot(
      'authority-damaged',
      `${held.file} holds bundle ${String(bundle.payload.sequence)} of ${bundle.payload.asDomain}`,
      {
        hint: 'Bring the file back from a backup; find out who changed it.',
      },
    );
  }
  return bundle;
}

/** All revocations for the next bundle: those of the last one, and those recorded since. None is ever taken back. */
export function revocationsOf(authority: Authority, atSeconds: number): readonly Revocation[] {
  const all = new Map<string, Revocation>();
  for (const { fingerprint, revokedAtSeconds, reason } of authority.revocations) {
    all.set(toHex(fingerprint), {
      fingerprint,
      revokedAt: Math.min(revokedAtSeconds, atSeconds),
      reason: reason,
    });
  }
  for (const revocation of lastBundle(authority)?.payload.revokedCerts ?? [])
    all.set(toHex(revocation.fingerprint), revocation);
  return [...all.values()].sort((a, b) => compareBytes(a.fingerprint, b.fingerprint));
}
