/** What a person agrees to before bundles are signed. */
import type { Authority } from '../../authority/authority.js';
import { decodeBundle } from '../../bundle/bundle.js';
import { toHex } from '../../common/bytes.js';
import { type Remark, remark } from '../../common/remedy.js';
import { formatTime } from '../../common/time.js';
import { bundleChanges } from '../../verify/compare-bundles.js';
import { fewOfEach, fewRows } from '../context/few-rows.js';
import { type OperationContext, type Preview, revokedHere, type Row } from '../context/operation-context.js';
import { signingKeyRows } from '../keys/key-rows.js';
import { lastNotWithdrawn, type PastBundle } from '../lifecycle/bundle-history.js';
import { endingsIn } from '../lifecycle/client-views.js';
import { stemOf } from '../lifecycle/credential-state.js';
import { commitmentTo, mayChangeRoots } from '../lifecycle/reserve.js';
import { signersOf, type UnsignedBundle } from './dry-run-bundle.js';
import type { HeldNow } from './held-now.js';
import type { BundleOptions } from './next-bundle.js';
import { numbersSaid } from './numbers-said.js';
import { followed } from './sequence.js';
import { withdrawnSaid } from './withdrawn-terms.js';

const REPIN = 'clients pin again';

/** All of it but what is changed by agreeing, which the command says. */
export function previewOf(
  { authority }: OperationContext,
  unsigned: readonly UnsignedBundle[],
  wanted: BundleOptions,
  held: Pick<HeldNow, 'rows' | 'warnings'> = { rows: [], warnings: [] },
): Omit<Preview, 'changes'> {
  const [first] = unsigned;
  if (first === undefined) throw new TypeError('there is no bundle to sign');
  const { payload, departing, history, reserve } = first;
  const before = followed(authority, history);
  const many = unsigned.length > 1;
  const last = unsigned.at(-1) ?? first;
  const numbers = numbersSaid(authority, first);
  const withdrawn = withdrawnSaid(authority, unsigned, wanted);
  const rows: Row[] = [
    [
      'sequence',
      `${String(payload.sequence)}${many ? ` to ${String(last.payload.sequence)}` : ''}${before === undefined ? ' (the first)' : `, after ${String(before.payload.sequence)}${before.forged === true ? ', which somebody else signed' : ''}`}`,
    ],
    ...(many
      ? unsigned.map(
          (one) =>
            [
              `bundle ${String(one.payload.sequence)}`,
              `${formatTime(one.payload.issuedAt)} to ${formatTime(one.payload.expiresAt)}`,
            ] as const,
        )
      : ([
          ['issued at', formatTime(payload.issuedAt)],
          ['expires at', formatTime(payload.expiresAt)],
        ] as const)),
    ...held.rows,
    ...first.listed.map(({ fingerprint }) => ['root', fingerprint] as const),
    ...authority.intermediates
      .filter(({ credential }) => payload.asIntermediateCredentials.includes(credential))
      .map(({ fingerprint }) => ['intermediate', fingerprint] as const),
    ...fewRows(payload.revokedCerts.map(({ fingerprint, reason }) => ['revoked', `${toHex(fingerprint)} (${reason})`])),
    ['roots that must sign the next', String(payload.threshold)],
    ...fewRows(payload.nextRoots.map((commitment) => ['commitment to the next root', toHex(commitment)])),
    ['previous bundle', payload.previous === null ? 'none' : toHex(payload.previous)],
    ...signersOf(first).map(({ fingerprint }) => ['signed by', fingerprint] as const),
    ...departing.map(({ fingerprint }) => ['listed no more, signs its own end', fingerprint] as const),
    ...reserve.map(({ fingerprint, file }) => ['in reserve, not listed', `${fingerprint} (${file})`] as const),
    ...signersOf(first).flatMap(({ credential }) => signingKeyRows(authority, credential.payload.publicKey)),
    ...changeRows(first, lastNotWithdrawn(history)),
    ...(before?.forged === true ? changeRows(first, before) : []),
    ...withdrawn.rows,
  ];
  return {
    title: many
      ? `${String(unsigned.length)} bundles of ${payload.asDomain}, signed ahead`
      : `Bundle ${String(payload.sequence)} of ${payload.asDomain}`,
    rows,
    warnings: [
      ...held.warnings,
      ...warningsFor(first),
      ...strangeCommitmentWarnings(authority, first, wanted),
      ...revokedCommitmentWarnings(authority, payload.nextRoots),
      ...lostCommitmentWarnings(authority, payload.nextRoots, wanted),
      ...departingWarnings(unsigned),
      ...endingsIn(last.payload),
      ...(wanted.repin === true ? [REPIN_WARNING] : []),
      ...numbers.warnings,
      ...withdrawn.warnings,
    ],
    ...inWords(wanted.repin === true ? REPIN : undefined, ...numbers.words, ...withdrawn.words),
    ...(numbers.typed || withdrawn.words.length > 0 ? { typed: true } : {}),
  };
}

/** One answer for everything that is wanted in words. */
export function inWords(...parts: readonly (string | undefined)[]): { readonly words?: string } {
  const wanted = parts.filter((one) => one !== undefined);
  return wanted.length === 0 ? {} : { words: wanted.join(', and ') };
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

const REPIN_WARNING =
  'Clients that hold an earlier bundle may refuse this one for ever. They must be given the fingerprints of its roots by another way, and pin again.';

/** What is different from a bundle before it. */
function changeRows(unsigned: UnsignedBundle, before: PastBundle | undefined): Row[] {
  if (before === undefined) return [];
  const kids = decodeBundle(before.encoded).signatures.map(({ kid }) => toHex(kid));
  const changes = bundleChanges(
    { payload: before.payload, signers: kids },
    { payload: unsigned.payload, signers: signersOf(unsigned).map(({ fingerprint }) => fingerprint) },
  ).filter(({ kind }) => kind !== 'sequence' && kind !== 'times');
  const since = `since bundle ${String(before.payload.sequence)}${before.forged === true ? ', which is not ours' : ''}`;
  if (changes.length === 0) return [[since, 'nothing changed but sequence and times']];
  return fewOfEach(changes).map((text) => [since, text] as const);
}

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
        ? remark(`${not}: let it do so.`, { option: 'next-root', value: stemOf(file) })
        : remark(
            `${not}: clients accept a new commitment only with the signature of a root that they hold a commitment to. List one.`,
            { option: 'list' },
          );
    }),
    ...commitmentWarnings(threshold, nextRoots, listed),
  ];
}

/**
 * A new commitment that nobody asked for on this command line, to a key that is not here: a root in reserve came from
 * elsewhere.
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
 * A commitment outlives its root: clients ask whose key signed a change of the roots, not whether the root is
 * revoked.
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

/** Nor does a commitment end with its key. */
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
