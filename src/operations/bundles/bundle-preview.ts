/** The preview of bundles, to which a person agrees before they are signed. */
import { decodeBundle } from '../../bundle/bundle.js';
import { toHex } from '../../common/bytes.js';
import { counted } from '../../common/counted.js';
import { formatTime } from '../../common/time.js';
import { bundleChanges } from '../../verify/compare-bundles.js';
import { fewOfEach, fewRows } from '../context/few-rows.js';
import { type OperationContext, type Preview, type Row } from '../context/operation-context.js';
import { signingKeyRows } from '../keys/key-rows.js';
import { lastNotWithdrawn, type PastBundle } from '../lifecycle/bundle-history.js';
import { bundleWarnings } from './bundle-warnings.js';
import { signersOf, type UnsignedBundle } from './dry-run-bundle.js';
import type { HeldNow } from './held-now.js';
import type { BundleOptions } from './next-bundle.js';
import { numbersSaid } from './numbers-said.js';
import { followed } from './sequence.js';
import { withdrawnSaid } from './withdrawn-terms.js';

const REPIN = 'clients pin again';

/** Returns the whole preview, apart from the changes that signing makes, which the command adds. */
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
  const times: Row[] = [
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
  ];
  const rows: Row[] = [
    ...times,
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
    ...departing.map(({ fingerprint }) => ['no longer listed, signs its own end', fingerprint] as const),
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
    brief: [...firstAndLast(times), ...countRows(first)],
    warnings: [
      ...held.warnings,
      ...bundleWarnings(authority, [first, ...unsigned.slice(1)], wanted),
      ...numbers.warnings,
      ...withdrawn.warnings,
    ],
    ...inWords(wanted.repin === true ? REPIN : undefined, ...numbers.words, ...withdrawn.words),
    ...(numbers.typed || withdrawn.words.length > 0 ? { typed: true } : {}),
  };
}

/** More bundles than these are shown by the first and the last of them. */
const MOST_TIMES = 8;

function firstAndLast(rows: readonly Row[]): readonly Row[] {
  return rows.length <= MOST_TIMES ? rows : [...rows.slice(0, 2), ['...', ''], ...rows.slice(-1)];
}

/** Returns how many of each a bundle holds. */
function countRows({ payload, listed, departing }: UnsignedBundle): readonly Row[] {
  const { asIntermediateCredentials: intermediates, revokedCerts, nextRoots, threshold } = payload;
  return [
    ['lists', `${counted(listed.length, 'root')}, ${counted(intermediates.length, 'intermediate')}`],
    ['revokes', counted(revokedCerts.length, 'credential')],
    ['commits to', counted(nextRoots.length, 'key')],
    ['signed by', counted(listed.length + departing.length, 'root')],
    ['roots that must sign the next', String(threshold)],
  ];
}

/** Returns the words to type, joined into one answer. */
export function inWords(...parts: readonly (string | undefined)[]): { readonly words?: string } {
  const wanted = parts.filter((one) => one !== undefined);
  return wanted.length === 0 ? {} : { words: wanted.join(', and ') };
}

/** Returns what is different from the previous bundle. */
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
