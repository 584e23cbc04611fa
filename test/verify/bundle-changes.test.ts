/** Each thing that can differ between two bundles, alone: what is said of it, and nothing else. */
import { describe, expect, test } from '@jest/globals';
import type { BundlePayload } from '../../src/bundle/payload.js';
import { toHex } from '../../src/common/bytes.js';
import { fingerprintOf } from '../../src/credential/fingerprint-of.js';
import { bundleChanges, type BundleSides } from '../../src/verify/compare-bundles.js';
import { AT, DAY, issue, makeRequest, makeRoot } from '../policy/support.js';

const [first, second] = [makeRoot(), makeRoot({ seed: 3 })];
const [one, two] = [issue(first, makeRequest(first)), issue(first, makeRequest(first, { seed: 4 }))];
const print = (listed: Parameters<typeof fingerprintOf>[0]): string => toHex(fingerprintOf(listed));
const bytes = (filled: number): Uint8Array => new Uint8Array(32).fill(filled);
const revoked = (filled: number): BundlePayload['revokedCerts'][number] => ({
  fingerprint: bytes(filled),
  reason: 'key-compromise',
  revokedAt: AT,
});

const PAYLOAD: BundlePayload = {
  asDomain: 'example.org',
  sequence: 7,
  previous: bytes(1),
  issuedAt: AT,
  expiresAt: AT + 9 * DAY,
  asCredentials: [first],
  asIntermediateCredentials: [one],
  revokedCerts: [revoked(2)],
  threshold: 1,
  nextRoots: [bytes(3)],
};
const SIDES: BundleSides = { payload: PAYLOAD, signers: ['aa'] };
const after = (change: Partial<BundlePayload>): BundleSides => ({ ...SIDES, payload: { ...PAYLOAD, ...change } });
const said = (from: BundleSides, to: BundleSides): readonly string[] =>
  bundleChanges(from, to).map(({ kind, fingerprint }) => (fingerprint === undefined ? kind : `${kind} ${fingerprint}`));

test('nothing is said of the same', () => {
  expect(bundleChanges(SIDES, after({ previous: bytes(9) }))).toEqual([]);
});

describe.each([
  ['domain', { asDomain: 'example.com' }, ['domain'], ['domain']],
  ['sequence', { sequence: 8 }, ['sequence'], ['sequence']],
  ['begin', { issuedAt: AT + 1 }, ['times'], ['times']],
  ['end', { expiresAt: AT + 1 }, ['times'], ['times']],
  ['root', { asCredentials: [first, second] }, [`root-added ${print(second)}`], [`root-removed ${print(second)}`]],
  [
    'intermediate',
    { asIntermediateCredentials: [two, one] },
    [`intermediate-added ${print(two)}`],
    [`intermediate-removed ${print(two)}`],
  ],
  [
    'revocation',
    { revokedCerts: [revoked(2), revoked(4)] },
    [`revoked ${toHex(bytes(4))}`],
    [`unrevoked ${toHex(bytes(4))}`],
  ],
  ['threshold', { threshold: 2 }, ['threshold'], ['threshold']],
  [
    'commitment',
    { nextRoots: [bytes(3), bytes(5)] },
    [`next-root-added ${toHex(bytes(5))}`],
    [`next-root-removed ${toHex(bytes(5))}`],
  ],
] as const)('%s', (_what, change, there, back) => {
  test('there and back', () => {
    expect(said(SIDES, after(change))).toEqual(there);
    expect(said(after(change), SIDES)).toEqual(back);
  });
});

test('signers', () => {
  const more = { ...SIDES, signers: ['aa', 'bb'] };
  expect(said(SIDES, more)).toEqual(['signer-added bb']);
  expect(said(more, SIDES)).toEqual(['signer-removed bb']);
});

describe('why one is removed', () => {
  const gone = (change: Partial<BundlePayload>): string | undefined =>
    bundleChanges(SIDES, after({ asIntermediateCredentials: [], ...change })).find(
      ({ kind }) => kind === 'intermediate-removed',
    )?.text;
  const { notAfter } = one.payload.expirationData;

  test('it is revoked', () => {
    const revocation = { ...revoked(0), fingerprint: fingerprintOf(one) };
    expect(gone({ revokedCerts: [revocation] })).toContain('(revoked)');
  });

  test('it ended, at the second', () => {
    expect(gone({ issuedAt: notAfter + 1 })).toContain('(it ended');
    expect(gone({ issuedAt: notAfter })).toContain('(it would be valid until');
  });
});

test('the words have both sides, and one root is one', () => {
  const texts = bundleChanges(SIDES, after({ threshold: 2, sequence: 9, expiresAt: AT + DAY })).map(({ text }) => text);
  expect(texts).toEqual([
    'sequence: 7, now 9',
    'valid: 2027-01-15T08:00:00Z to 2027-01-24T08:00:00Z, now 2027-01-15T08:00:00Z to 2027-01-16T08:00:00Z',
    'threshold: 2 roots must sign the next bundle; it was 1',
  ]);
  const back = bundleChanges(after({ threshold: 2 }), SIDES).map(({ text }) => text);
  expect(back).toEqual(['threshold: 1 root must sign the next bundle; it was 2']);
});
