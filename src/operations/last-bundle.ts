import { compareBytes, toHex } from '../common/bytes.js';
import { CeremonyError, couldNot } from '../common/errors.js';
import { fingerprintOf } from '../credential/fingerprint.js';
import type { VerificationEngine } from '../crypto/engine.js';
import { acceptBundle } from '../verify/bundle.js';
import type { Authority } from '../authority/authority.js';
import { decodeBundle, type UnverifiedBundle } from '../bundle/bundle.js';
import type { Revocation } from '../bundle/payload.js';

export type LastBundle = UnverifiedBundle;

/**
 * The bundle with the highest sequence that the authority signed, or undefined, verified from its first bundle on as a client that followed
 * them all would have: what the next one takes over from it is what roots of this authority signed. Error: `authority-damaged`.
 */
export function verifiedLastBundle(
  authority: Authority,
  engines: readonly VerificationEngine[],
): LastBundle | undefined {
  const last = lastBundle(authority);
  if (last === undefined) return undefined;
  const series = authority.bundles.map(({ bytes }) => bytes);
  const pins = authority.roots.map(({ credential }) => fingerprintOf(credential));
  const held = { pins, threshold: 1 };
  const atSeconds = last.payload.issuedAt;
  try {
    acceptBundle({
      bundle: last.encoded,
      held,
      via: series.slice(0, -1),
      atSeconds,
      engines,
      expectedDomain: authority.settings.domain,
    });
  } catch (error) {
    if (!(error instanceof CeremonyError) || error.code === 'engines-disagree') throw error;
    throw couldNot('authority-damaged', `the bundles of the authority do not verify: ${error.message}`, {
      hint: 'Nothing is signed on top of them. Compare the folder with its last backup, and find out who changed it.',
      cause: error,
    });
  }
  return last;
}

/** The same, not verified: for looking at. Error: `authority-damaged`. */
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
