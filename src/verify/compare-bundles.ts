/** Describes what changed between two bundles, in plain words. It compares form only: neither is verified here. */
import type { BundlePayload } from '../bundle/payload.js';
import { toHex } from '../common/bytes.js';
import { formatTime } from '../common/time.js';
import type { AsCredential } from '../credential/as-credential.js';
import { fingerprintOf } from '../credential/fingerprint-of.js';
import type { IntermediateAsCredential } from '../credential/intermediate-as-credential.js';

type Listed = AsCredential | IntermediateAsCredential;

export interface BundleSides {
  readonly payload: BundlePayload;
  /** Fingerprints (hex) of those who sign. */
  readonly signers: readonly string[];
}

export type ChangeKind =
  | 'domain'
  | 'sequence'
  | 'times'
  | 'root-added'
  | 'root-removed'
  | 'intermediate-added'
  | 'intermediate-removed'
  | 'revoked'
  | 'unrevoked'
  | 'threshold'
  | 'next-root-added'
  | 'next-root-removed'
  | 'signer-added'
  | 'signer-removed';

export interface BundleChange {
  readonly kind: ChangeKind;
  readonly text: string;
  /** In hex, if the change is about one credential. */
  readonly fingerprint?: string;
}

const count = (n: number, what: string): string => `${String(n)} ${what}${n === 1 ? '' : 's'}`;

function byPrint(listed: readonly Listed[]): ReadonlyMap<string, Listed> {
  return new Map(listed.map((one) => [toHex(fingerprintOf(one)), one]));
}

/** Returns everything that differs, in a fixed order; empty if nothing does. */
export function bundleChanges(before: BundleSides, after: BundleSides): readonly BundleChange[] {
  const [old, now] = [before.payload, after.payload];
  const revokedNow = new Map(now.revokedCerts.map((one) => [toHex(one.fingerprint), one]));
  const revokedBefore = new Map(old.revokedCerts.map((one) => [toHex(one.fingerprint), one]));
  const changes: BundleChange[] = [];
  if (old.asDomain !== now.asDomain)
    changes.push({ kind: 'domain', text: `domain: ${old.asDomain}, now ${now.asDomain}` });
  if (old.sequence !== now.sequence)
    changes.push({ kind: 'sequence', text: `sequence: ${String(old.sequence)}, now ${String(now.sequence)}` });
  if (old.issuedAt !== now.issuedAt || old.expiresAt !== now.expiresAt) {
    const times = ({ issuedAt, expiresAt }: BundlePayload): string =>
      `${formatTime(issuedAt)} to ${formatTime(expiresAt)}`;
    changes.push({ kind: 'times', text: `valid: ${times(old)}, now ${times(now)}` });
  }
  for (const [name, listed] of [
    ['root', (side: BundlePayload) => byPrint(side.asCredentials)],
    ['intermediate', (side: BundlePayload) => byPrint(side.asIntermediateCredentials)],
  ] as const) {
    const [was, is] = [listed(old), listed(now)];
    for (const [fingerprint, one] of is) {
      if (was.has(fingerprint)) continue;
      const { notBefore, notAfter } = one.payload.expirationData;
      const text = `${name} added: ${fingerprint}, valid ${formatTime(notBefore)} to ${formatTime(notAfter)}`;
      changes.push({ kind: `${name}-added`, text, fingerprint });
    }
    for (const [fingerprint, one] of was) {
      if (is.has(fingerprint)) continue;
      const { notAfter } = one.payload.expirationData;
      const why = revokedNow.has(fingerprint)
        ? 'revoked'
        : notAfter < now.issuedAt
          ? `it ended ${formatTime(notAfter)}`
          : `it would be valid until ${formatTime(notAfter)}`;
      changes.push({ kind: `${name}-removed`, text: `${name} removed: ${fingerprint} (${why})`, fingerprint });
    }
  }
  for (const [fingerprint, { reason, revokedAt }] of revokedNow) {
    if (revokedBefore.has(fingerprint)) continue;
    const text = `revoked: ${fingerprint} (${reason}, ${formatTime(revokedAt)})`;
    changes.push({ kind: 'revoked', text, fingerprint });
  }
  for (const fingerprint of revokedBefore.keys()) {
    if (revokedNow.has(fingerprint)) continue;
    changes.push({
      kind: 'unrevoked',
      text: `a revocation is missing, which clients refuse: ${fingerprint}`,
      fingerprint,
    });
  }
  if (old.threshold !== now.threshold) {
    const needs = `${count(now.threshold, 'root')} must sign the next bundle`;
    changes.push({ kind: 'threshold', text: `threshold: ${needs}; it was ${String(old.threshold)}` });
  }
  changes.push(
    ...setChanges(old.nextRoots.map(toHex), now.nextRoots.map(toHex), 'next-root', 'commitment to a next root'),
    ...setChanges(before.signers, after.signers, 'signer', 'signer'),
  );
  return changes;
}

function setChanges(
  was: readonly string[],
  is: readonly string[],
  kind: 'next-root' | 'signer',
  name: string,
): BundleChange[] {
  const [before, after] = [new Set(was), new Set(is)];
  const added = is.filter((one) => !before.has(one));
  const removed = was.filter((one) => !after.has(one));
  return [
    ...added.map((fingerprint): BundleChange => ({
      kind: `${kind}-added`,
      text: `${name} added: ${fingerprint}`,
      fingerprint,
    })),
    ...removed.map((fingerprint): BundleChange => ({
      kind: `${kind}-removed`,
      text: `${name} removed: ${fingerprint}`,
      fingerprint,
    })),
  ];
}
