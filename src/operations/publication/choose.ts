/**
 * Chooses the bundles that are published at a time: the one that clients accept, and earlier ones that they may have to
 * step through.
 */
import { decodeBundle } from '../../bundle/bundle.js';
import { toHex } from '../../common/bytes.js';
import { refused } from '../../common/errors.js';
import { formatTime } from '../../common/time.js';
import type { AsCredential } from '../../credential/as-credential.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import type { PastBundle } from '../lifecycle/bundle-history.js';

/** One bundle as it is published, with what goes with it. */
export interface Issue {
  readonly bundle: PastBundle;
  /** In rising order of sequence. */
  readonly earlier: readonly PastBundle[];
  /** Roots that sign it although it does not list them. */
  readonly departing: readonly AsCredential[];
  /** The same for it and for each of the earlier ones, since clients that step through these need them. */
  readonly signers: readonly AsCredential[];
}

export interface Publication {
  /** What clients accept now. */
  readonly current: Issue;
  /** Bundles signed ahead, by sequence; clients refuse each until it begins. */
  readonly later: readonly Issue[];
}

/**
 * Returns what is published at a time. `roots` are all that the authority has. Errors: `no-bundle` if none has begun,
 * `bundle-expired` if the newest that has begun has expired.
 */
export function publicationAt(
  history: readonly PastBundle[],
  roots: readonly AsCredential[],
  atSeconds: number,
): Publication {
  const notWithdrawn = history.filter(({ mark }) => mark?.state !== 'withdrawn');
  const current = notWithdrawn.filter(({ payload }) => payload.issuedAt <= atSeconds).at(-1);
  if (current === undefined) {
    const [first] = notWithdrawn;
    throw refused(
      'no-bundle',
      first === undefined
        ? 'the authority has no bundle that could be published'
        : `the first bundle begins at ${formatTime(first.payload.issuedAt)}, and clients refuse it until then`,
      { hint: 'Sign one.', remedies: [{ command: 'bundle export' }] },
    );
  }
  const { sequence, expiresAt } = current.payload;
  if (expiresAt < atSeconds) {
    throw refused(
      'bundle-expired',
      `bundle ${String(sequence)}, the newest that has begun, was valid until ${formatTime(expiresAt)}`,
      { hint: 'Clients refuse it: sign the next one.', remedies: [{ command: 'bundle export' }] },
    );
  }
  const later = notWithdrawn.filter(({ payload }) => payload.sequence > sequence);
  return {
    current: issueOf(notWithdrawn, roots, current),
    later: later.map((bundle) => issueOf(notWithdrawn, roots, bundle)),
  };
}

/**
 * Returns a bundle with the earlier ones published beside it: those that a client may hold unexpired, and the first
 * after every change of whom clients trust, so that whoever holds an older one can step through these changes one by
 * one. A bundle that an emergency bundle overtook before it began is not among them.
 */
function issueOf(notWithdrawn: readonly PastBundle[], roots: readonly AsCredential[], bundle: PastBundle): Issue {
  const { sequence, issuedAt } = bundle.payload;
  const before = notWithdrawn.filter(({ payload }) => payload.sequence < sequence && payload.issuedAt <= issuedAt);
  const earlier = before.filter((one, i) => {
    const last = before[i - 1];
    return one.payload.expiresAt >= issuedAt || last === undefined || trustIn(one) !== trustIn(last);
  });
  const departing = departingFrom(bundle, roots);
  const all = new Set([...departing, ...earlier.flatMap((one) => departingFrom(one, roots))]);
  return { bundle, earlier, departing, signers: roots.filter((root) => all.has(root)) };
}

function departingFrom({ encoded, payload }: PastBundle, roots: readonly AsCredential[]): readonly AsCredential[] {
  const signers = new Set(decodeBundle(encoded).signatures.map(({ kid }) => toHex(kid)));
  const listed = new Set(payload.asCredentials.map((root) => toHex(fingerprintOf(root))));
  return roots.filter((root) => {
    const fingerprint = toHex(fingerprintOf(root));
    return signers.has(fingerprint) && !listed.has(fingerprint);
  });
}

/** Returns, as a text, whom a holder of the bundle trusts for the next one. */
function trustIn({ payload: { asCredentials, threshold, nextRoots } }: PastBundle): string {
  const roots = asCredentials.map((root) => toHex(fingerprintOf(root)));
  return [threshold, ...roots, '', ...nextRoots.map(toHex)].join(' ');
}
