/**
 * What the next bundle lacks because bundles are on record as withdrawn. A mark is a plain file: whoever can write in
 * the folder can mark a bundle that clients hold, and then the threshold, commitments and roots of the next one would
 * be those of an older one, or of none.
 */
import type { Authority } from '../../authority/authority.js';
import { toHex } from '../../common/bytes.js';
import { firstFew } from '../../common/cut.js';
import { attemptQuietly } from '../../common/errors.js';
import { type Remark, remark } from '../../common/remedy.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import type { Row } from '../context/operation-context.js';
import type { PastBundle } from '../lifecycle/bundle-history.js';
import { signersOf, type UnsignedBundle } from './dry-run-bundle.js';
import { type BundleOptions, type NextBundle, nextBundle } from './next-bundle.js';

export interface WithdrawnSaid {
  /** To be typed by a person; empty if the withdrawals do not change whom clients trust. */
  readonly words: readonly string[];
  readonly rows: readonly Row[];
  readonly warnings: readonly Remark[];
}

/** Returns what the withdrawals change. `unsigned` is one bundle or a series, each with the bundles that it follows. */
export function withdrawnSaid(
  authority: Authority,
  unsigned: readonly UnsignedBundle[],
  wanted: BundleOptions,
): WithdrawnSaid {
  const [first] = unsigned;
  const withdrawn = first?.history.filter(isWithdrawn) ?? [];
  if (first === undefined || withdrawn.length === 0) return { words: [], rows: [], warnings: [] };
  const files = firstFew(withdrawn.map(({ file }) => file));
  const found = unsigned.map((one) => changesIn(authority, one, wanted, first.payload.issuedAt));
  const changes = [...new Set(found.flatMap(({ changes: own }) => own))];
  const missing = [...new Set(found.flatMap(({ signers }) => signers))];
  return {
    words: changes.length === 0 ? [] : [`as withdrawn: ${changes.join(', ')}`],
    rows: found.find(({ rows }) => rows.length > 0)?.rows ?? [],
    warnings: [
      ...(changes.length === 0
        ? []
        : [
            remark(
              `${files}: on record as withdrawn, so this bundle does not continue from there: ${changes.join(', ')}. Whoever can write this folder can have put such marks there. If one of these bundles went out, remove the mark and its transcript, and say what clients hold now.`,
              { option: 'last' },
            ),
          ]),
      ...(missing.length === 0
        ? []
        : [`Whoever holds one of the withdrawn bundles all the same needs the signature of ${firstFew(missing)} too.`]),
    ],
  };
}

interface Changes {
  readonly changes: readonly string[];
  readonly rows: readonly Row[];
  /** Files of roots that would sign. */
  readonly signers: readonly string[];
}

const NOTHING: Changes = { changes: [], rows: [], signers: [] };

/**
 * Compares a bundle with the one that would come if nothing were withdrawn. What a prepared file itself asks for is
 * reported elsewhere.
 */
function changesIn(authority: Authority, unsigned: UnsignedBundle, wanted: BundleOptions, atSeconds: number): Changes {
  const { payload, history } = unsigned;
  if (!history.some(isWithdrawn)) return NOTHING;
  const { issuedAt, expiresAt, sequence } = payload;
  const after = (past: readonly PastBundle[]): NextBundle | undefined =>
    attemptQuietly(() => nextBundle(authority, wanted, past, { atSeconds, issuedAt, expiresAt, sequence }));
  const kept = after(history.map((one) => (isWithdrawn(one) ? { ...one, mark: undefined } : one)));
  // Nothing could be signed then: the roots are others.
  if (kept === undefined) return { ...NOTHING, changes: [TERMS[0].change] };
  const now = after(history) ?? unsigned;
  const changed = TERMS.filter(({ of }) => of(kept) !== of(now) && of(kept) !== of(unsigned));
  const signing = new Set(signersOf(unsigned).map(({ fingerprint }) => fingerprint));
  return {
    changes: changed.map(({ change }) => change),
    rows: changed.map(({ of, label }): Row => [`${label}, but for the withdrawals`, of(kept) || 'none']),
    signers: signersOf(kept).flatMap(({ file, fingerprint }) => (signing.has(fingerprint) ? [] : [file])),
  };
}

/** Whom clients trust, each part as a text that can be compared and shown. */
const TERMS: readonly [Term, ...Term[]] = [
  {
    change: 'the roots change',
    label: 'roots',
    of: ({ payload }) =>
      payload.asCredentials
        .map((root) => toHex(fingerprintOf(root)))
        .sort()
        .join(', '),
  },
  {
    change: 'the threshold changes',
    label: 'roots that must sign the next',
    of: ({ payload }) => String(payload.threshold),
  },
  {
    change: 'the commitments change',
    label: 'commitments to the next root',
    of: ({ payload }) => payload.nextRoots.map(toHex).sort().join(', '),
  },
];

interface Term {
  /** As it is typed. */
  readonly change: string;
  readonly label: string;
  readonly of: (next: NextBundle) => string;
}

function isWithdrawn({ mark }: PastBundle): boolean {
  return mark?.state === 'withdrawn';
}
