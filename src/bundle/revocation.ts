import type { CborValue } from '../codec/cbor.js';
import { compareBytes } from '../common/bytes.js';
import { cut } from '../common/cut.js';
import { isFingerprint } from '../credential/credential-fingerprint.js';
import { arrayField, bytesField, checkRising, integerField, malformed, mapField, textField } from './payload-fields.js';

export const REVOCATION_REASONS = ['unspecified', 'key-compromise', 'superseded', 'cessation-of-operation'] as const;
export type RevocationReason = (typeof REVOCATION_REASONS)[number];

export interface Revocation {
  /** 32, 48 or 64 bytes, of any credential, known or not. */
  readonly fingerprint: Uint8Array;
  /** Unix seconds, at most the bundle's `issuedAt`. */
  readonly revokedAt: number;
  readonly reason: RevocationReason;
}

/** Returns the value of `revoked_certs`, sorted. */
export function revocationsValue(revocations: readonly Revocation[]): CborValue[] {
  return [...revocations]
    .sort((a, b) => compareBytes(a.fingerprint, b.fingerprint))
    .map(
      ({ fingerprint, revokedAt, reason }) =>
        new Map<string, CborValue>([
          ['fingerprint', fingerprint],
          ['revoked_at', revokedAt],
          ['reason', reason],
        ]),
    );
}

/** Reads `revoked_certs`, which must be sorted, with no fingerprint twice. Error: `bundle-malformed`. */
export function revocationsField(value: CborValue | undefined, issuedAt: number): Revocation[] {
  const revocations = arrayField('revoked_certs', value).map((item): Revocation => {
    const map = mapField('an entry of revoked_certs', item, ['fingerprint', 'revoked_at', 'reason']);
    const fingerprint = bytesField('a revoked fingerprint', map.get('fingerprint'));
    if (!isFingerprint(fingerprint))
      throw malformed(`a revoked fingerprint has ${String(fingerprint.length)} bytes, not 32, 48 or 64`);
    const revokedAt = integerField('revoked_at', map.get('revoked_at'), 0, issuedAt);
    const text = textField('reason', map.get('reason'));
    const reason = REVOCATION_REASONS.find((known) => known === text);
    if (reason === undefined)
      throw malformed(`reason ${JSON.stringify(cut(text))} is not one of ${REVOCATION_REASONS.join(', ')}`);
    return { fingerprint, revokedAt, reason };
  });
  checkRising(
    'revoked_certs',
    revocations.map(({ fingerprint }) => fingerprint),
  );
  return revocations;
}
