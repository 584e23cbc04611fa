/** What a person should think about before bundles are signed. */
import type { Authority } from '../../authority/authority.js';
import { toHex } from '../../common/bytes.js';
import { type Remark, remark } from '../../common/remedy.js';
import { addDuration, formatTime } from '../../common/time.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import { revokedHere } from '../context/operation-context.js';
import { lastNotWithdrawn } from '../lifecycle/bundle-history.js';
import { endingsIn } from '../lifecycle/client-views.js';
import { stemOf } from '../lifecycle/credential-state.js';
import { commitmentTo, mayChangeRoots } from '../lifecycle/reserve.js';
import type { UnsignedBundle } from './dry-run-bundle.js';
import type { BundleOptions } from './next-bundle.js';

const DAY = 86_400;

/** Of bundles that are signed together, the first of which says what all of them do. */
export function bundleWarnings(
  authority: Authority,
  unsigned: readonly [UnsignedBundle, ...UnsignedBundle[]],
  wanted: BundleOptions,
): Remark[] {
  const [first] = unsigned;
  const { payload } = first;
  return [
    ...warningsFor(first),
    ...strangeCommitmentWarnings(authority, first, wanted),
    ...revokedCommitmentWarnings(authority, payload.nextRoots),
    ...lostCommitmentWarnings(authority, payload.nextRoots, wanted),
    ...withoutEffectWarnings(authority, first, wanted),
    ...departingWarnings(unsigned),
    ...spacingWarnings(authority, unsigned),
    ...endingsIn((unsigned.at(-1) ?? first).payload),
    ...(wanted.repin === true ? [REPIN_WARNING] : []),
  ];
}

const REPIN_WARNING =
  'Clients that hold an earlier bundle may refuse this one forever. They must be given the fingerprints of its roots through another channel, and pin again.';

function warningsFor({ payload, listed, departing, reserve, history }: UnsignedBundle): Remark[] {
  const { threshold, nextRoots } = payload;
  const committed = new Set(nextRoots.map(toHex));
  const left = reserve.filter(({ credential }) => !committed.has(toHex(commitmentTo(credential))));
  const base = lastNotWithdrawn(history)?.payload;
  const canChange = mayChangeRoots(base, [...listed, ...departing]);
  return [
    ...left.map(({ file }) => {
      const not = `${file} is in reserve, and this bundle does not commit to it`;
      return canChange
        ? remark(`${not}: commit to it.`, { option: 'next-root', value: stemOf(file) })
        : remark(
            `${not}: clients accept a new commitment only with the signature of a root that they hold a commitment to. List one.`,
            { option: 'list' },
          );
    }),
    ...commitmentWarnings(threshold, nextRoots, listed),
  ];
}

/**
 * Warns about a new commitment that nobody asked for on this command line, to a key that is not here: a root in reserve
 * came from elsewhere.
 */
function strangeCommitmentWarnings(
  authority: Authority,
  { payload, reserve, history }: UnsignedBundle,
  { nextRoots = [] }: BundleOptions,
): string[] {
  const known = new Set([...nextRoots, ...(lastNotWithdrawn(history)?.payload.nextRoots ?? [])].map(toHex));
  const added = new Set(payload.nextRoots.map(toHex).filter((one) => !known.has(one)));
  return reserve
    .filter(({ credential }) => added.has(toHex(commitmentTo(credential))))
    .filter(({ credential }) => authority.keyRecordFor(credential.payload.publicKey) === undefined)
    .map(
      ({ file, fingerprint }) =>
        `This bundle begins to commit to the key of ${file}, which is not on record here: whoever has that key can help to change the roots, and without one of the committed keys nobody can. Compare its fingerprint with paper first: ${fingerprint}`,
    );
}

/**
 * Warns about commitments to revoked roots. A commitment outlives its root: clients check whose key signed a change of
 * the roots, not whether that root is revoked.
 */
function revokedCommitmentWarnings(authority: Authority, nextRoots: readonly Uint8Array[]): Remark[] {
  const committed = new Set(nextRoots.map(toHex));
  const isRevoked = revokedHere(authority);
  const unrevoked = new Set(
    authority.roots.flatMap(({ credential }) => (isRevoked(credential) ? [] : [toHex(commitmentTo(credential))])),
  );
  return authority.roots
    .filter(({ credential }) => {
      const commitment = toHex(commitmentTo(credential));
      return committed.has(commitment) && !unrevoked.has(commitment);
    })
    .map(({ file }) =>
      remark(
        `This bundle commits to the key of ${file}, which is revoked: whoever has that key can still help to change the roots, and without it nobody can. ${file} signs another commitment once more, where the last bundle committed to it: commit to another one.`,
        { option: 'next-root' },
      ),
    );
}

/** Warns about commitments to lost keys, which likewise outlive their keys. */
function lostCommitmentWarnings(
  { roots }: Authority,
  nextRoots: readonly Uint8Array[],
  { lost = [] }: BundleOptions,
): Remark[] {
  const committed = new Set(nextRoots.map(toHex));
  return roots
    .filter(
      ({ credential, fingerprint }) => lost.includes(fingerprint) && committed.has(toHex(commitmentTo(credential))),
    )
    .map(({ file }) =>
      remark(
        `This bundle still commits to the key of ${file}, which is lost: without a key that is committed to, nobody can change the roots. Where another committed root can sign, commit to another key in its place.`,
        { option: 'next-root' },
      ),
    );
}

/** Warns about roots for which something was asked that this bundle does not do. */
function withoutEffectWarnings(
  { roots }: Authority,
  { listed, history }: UnsignedBundle,
  { list = [], retire = [] }: BundleOptions,
): Remark[] {
  const base = new Set(
    (lastNotWithdrawn(history)?.payload.asCredentials ?? []).map((root) => toHex(fingerprintOf(root))),
  );
  const now = new Set(listed.map(({ fingerprint }) => fingerprint));
  return roots.flatMap(({ file, fingerprint }) => [
    ...(list.includes(fingerprint) && !now.has(fingerprint)
      ? [
          remark(
            `This bundle does not list ${file}, although that was asked for: a root that is revoked, retired, lost, or not valid at these times is no longer listed.`,
            { option: 'list' },
          ),
        ]
      : []),
    ...(retire.includes(fingerprint) && !base.has(fingerprint)
      ? [
          remark(`The last bundle does not list ${file}, so nothing is retired: to end a root in reserve, revoke it.`, {
            option: 'retire',
          }),
        ]
      : []),
  ]);
}

function commitmentWarnings(
  threshold: number,
  nextRoots: readonly Uint8Array[],
  listed: UnsignedBundle['listed'],
): Remark[] {
  if (threshold === 1 && nextRoots.length === 0) {
    return [
      remark(
        'With one root enough to sign and no commitment to the next one, whoever steals this root can replace it until clients pin again.',
        { option: 'next-root' },
        { option: 'threshold' },
      ),
    ];
  }
  const inUse = new Set(listed.map(({ credential }) => toHex(commitmentTo(credential))));
  if (nextRoots.length === 0 || !nextRoots.every((one) => inUse.has(toHex(one)))) return [];
  return [
    remark(
      'Every key that is committed to is one of a root in use: whoever steals that root can replace all. Make one that is not used yet, and commit to it.',
      { option: 'next-root' },
      { command: 'root rotate', options: { reserve: true } },
    ),
  ];
}

/** Of bundles signed ahead: where one follows the other at another time than is usual here. */
function spacingWarnings({ settings }: Authority, unsigned: readonly UnsignedBundle[]): string[] {
  return unsigned.slice(1).flatMap(({ payload }, i) => {
    const before = unsigned[i]?.payload ?? payload;
    const usual = addDuration(before.issuedAt, settings.bundleEvery);
    if (Math.abs(payload.issuedAt - usual) <= DAY) return [];
    const gap = payload.issuedAt > before.expiresAt ? ' Clients have no valid bundle between the two.' : '';
    return [
      `Bundle ${String(payload.sequence)} begins ${formatTime(payload.issuedAt)}; by authority.yaml (bundle_every) it would begin ${formatTime(usual)}.${gap}`,
    ];
  });
}

/** Of each root that signs and is not listed: which bundles, and who can't look it up. */
function departingWarnings(unsigned: readonly UnsignedBundle[]): string[] {
  const files = new Set(unsigned.flatMap(({ departing }) => departing.map(({ file }) => file)));
  return [...files].map((file) => {
    const signed = unsigned.filter(({ departing }) => departing.some((root) => root.file === file));
    const numbers = signed.map(({ payload }) => String(payload.sequence)).join(', ');
    const who = [...new Set(signed.flatMap(({ needFiles }) => needFiles))];
    const without =
      who.length === 0 ? '' : ` Without that file these cannot verify it (unknown-signer): ${who.join('; ')}.`;
    return `${file} signs bundle${signed.length > 1 ? 's' : ''} ${numbers} and is not listed: publish its file beside ${signed.length > 1 ? 'them' : 'it'}.${without}`;
  });
}
