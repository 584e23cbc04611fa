/** Limits on what a bundle may hold, and the errors that stop one that clients would refuse before it is made. */
import { type Advice, refused } from '../common/errors.js';
import { formatTime } from '../common/time.js';
import { MALFORMED } from './payload-fields.js';

export const MAX_BUNDLE_BYTES = 1 << 20;
export const MAX_BUNDLE_SECONDS = 400 * 86_400;

/** The most AS credentials that a bundle may list, and the most signatures that it may bear. */
export const MAX_ROOTS = 32;
export const MAX_INTERMEDIATES = 1024;

/**
 * Returns how many CBOR items a payload of this length may have. Apart from its first few, every item takes 8 bytes or
 * more on average.
 */
export function maxItems(length: number): number {
  return 32 + Math.floor(length / 8);
}

/**
 * Checks a sequence before a bundle with it is made. Clients accept no `issued_at` ahead of their clock, so nobody can
 * use up the numbers. Error: `bundle-malformed`.
 */
export function checkSequence(sequence: number, issuedAt: number, advice: Advice): void {
  if (sequence > issuedAt) throw refused(MALFORMED, tooHigh(sequence, issuedAt), advice);
}

export function tooHigh(sequence: number, issuedAt: number): string {
  return `sequence ${String(sequence)} is above issued_at, ${String(issuedAt)} (${formatTime(issuedAt)} in Unix seconds), the highest that is allowed`;
}

const FEWER = {
  'AS credentials': 'Retire roots that are no longer needed.',
  intermediates:
    'An intermediate is left out once it has ended or is revoked: have fewer at a time, or revoke those that are not needed.',
  signatures: 'Retire roots in one bundle, and list new ones in the next, so that fewer sign at a time.',
} as const;

/** Refuses a bundle with too many of something before it is signed. Error: `bundle-too-large`. */
export function checkCount(count: number, most: number, does: 'list' | 'bear', what: keyof typeof FEWER): void {
  if (count <= most) return;
  throw refused(
    'bundle-too-large',
    `the bundle would ${does} ${String(count)} ${what}, and clients accept at most ${String(most)}`,
    { hint: FEWER[what] },
  );
}

/**
 * Refuses a bundle that is too large before it is signed, and says what fills it and what can be done. Error:
 * `bundle-too-large`.
 */
export function checkBundleSize(
  length: number,
  {
    asIntermediateCredentials,
    revokedCerts,
  }: { readonly asIntermediateCredentials: readonly unknown[]; readonly revokedCerts: readonly unknown[] },
): void {
  if (length <= MAX_BUNDLE_BYTES) return;
  const [intermediates, revocations] = [asIntermediateCredentials.length, revokedCerts.length];
  throw refused(
    'bundle-too-large',
    `the bundle would have ${String(length)} bytes, and clients accept at most ${String(MAX_BUNDLE_BYTES)}: it lists ${String(intermediates)} intermediates and ${String(revocations)} revocations`,
    {
      hint: 'An intermediate is left out once it has expired: have fewer at a time. Revocations are never removed: if they alone fill a bundle, begin a new authority, which clients pin again.',
    },
  );
}
