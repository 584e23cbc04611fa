/** What another site's copy holds that this site does not, and what is not taken over. Nothing is judged here. */
import type { Authority, HeldCredential, HeldRevocation, HeldRoot } from '../../authority/authority.js';
import type { AnyHeld } from '../../authority/find-credential.js';
import { bundleMarkPath, reservePath } from '../../authority/formats/small-files.js';
import { existsInside, readInside } from '../../authority/ground/inside.js';
import { inAuthority } from '../../authority/ground/layout.js';
import { equalBytes, toHex } from '../../common/bytes.js';
import { firstFew } from '../../common/cut.js';
import { CeremonyError } from '../../common/errors.js';
import { MAX_BUNDLE_FILE } from '../../common/files.js';
import { type Remark, remark } from '../../common/remedy.js';
import type { IntermediateAsCredential } from '../../credential/intermediate-as-credential.js';
import { historyOf, type PastBundle } from '../lifecycle/bundle-history.js';
import { notTogether, sitesDiffer } from './sites-differ.js';

export interface Offer {
  readonly roots: readonly HeldRoot[];
  /** Roots, new or held here, that only the copy says are in reserve. */
  readonly reserves: readonly HeldRoot[];
  readonly intermediates: readonly HeldCredential<IntermediateAsCredential>[];
  readonly revocations: readonly HeldRevocation[];
  /** By sequence, with the marks of the other site, which are not taken over. */
  readonly bundles: readonly PastBundle[];
  /** Bundles that are on record here as published and there as withdrawn, or the other way round; a sentence each. */
  readonly marksDiffer: readonly string[];
  /** The file of the copy, by that which it gets here, where the two have other names. */
  readonly sources: ReadonlyMap<string, string>;
  /** What is not taken over, a sentence each. */
  readonly left: readonly Remark[];
}

/**
 * Credentials are told apart by their fingerprints: a new one whose name is taken here gets another number.
 * Errors: `sites-differ` where both hold other bundles of one sequence, `authority-damaged`.
 */
export function offerOf(authority: Authority, from: Authority): Offer {
  const isNew = ({ file }: { readonly file: string }): boolean => !existsInside(authority.dir, file);
  const sources = new Map<string, string>();
  const roots = newHere('root', authority, authority.roots, from.roots, sources);
  const known = new Map([...authority.roots, ...roots].map((root) => [root.fingerprint, root]));
  const isOurs = ({ credential }: HeldCredential<IntermediateAsCredential>): boolean =>
    known.has(toHex(credential.payload.signerFingerprint));
  const theirs = newHere('intermediate', authority, authority.intermediates, from.intermediates, sources);
  const reserves = from.roots.flatMap(({ file, fingerprint }) => {
    const root = known.get(fingerprint);
    if (root === undefined || !from.reserves.has(fingerprint) || authority.reserves.has(fingerprint)) return [];
    if (root.file !== file) sources.set(reservePath(root.file), reservePath(file));
    return [root];
  });
  const bundles = bundlesIn(from);
  checkSame(authority, bundles);
  const agreed = from.revocations.filter((one) => !isNew(one) && !isSame(authority, from, one.file));
  return {
    roots,
    reserves,
    intermediates: theirs.filter(isOurs),
    revocations: from.revocations.filter(isNew),
    bundles: bundles.filter(isNew),
    marksDiffer: differingMarks(authority, from),
    sources,
    left: [
      ...theirs
        .filter((one) => !isOurs(one))
        .map(({ file }) => `${sources.get(file) ?? file}: its root is not one of this authority`),
      ...agreed.map(({ file }) => `${file}: both revoked it, and it stays as it is here`),
      ...from.forgeries.filter(isNew).map(({ file }) =>
        remark(`${file}: record it here yourself, from where it was found`, {
          command: 'bundle forged',
          args: ['FILE'],
        }),
      ),
      ...marksThere(authority, from),
    ],
  };
}

/** Those that this site doesn't hold, under the names that they get here; `sources` learns the others' names. */
function newHere<H extends AnyHeld>(
  kind: 'root' | 'intermediate',
  authority: Authority,
  here: readonly H[],
  there: readonly H[],
  sources: Map<string, string>,
): readonly H[] {
  const held = new Set(here.map(({ fingerprint }) => fingerprint));
  const taken = new Set(here.map(({ number }) => number));
  const offered = there.filter(({ fingerprint }) => !held.has(fingerprint));
  let next = Math.max(authority.nextNumber(kind), ...offered.map(({ number }) => number + 1));
  return offered.map((one) => {
    if (!taken.has(one.number)) return one;
    const file = `credentials/${kind}-${String(next)}.pem`;
    sources.set(file, one.file);
    return { ...one, file, number: next++ };
  });
}

/** Errors: `sites-differ` for a bundle that is another than its name says. */
function bundlesIn(from: Authority): readonly PastBundle[] {
  try {
    return historyOf(from);
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    throw notTogether(error.message, error);
  }
}

/** The bytes of a file of the copy, by the name that it gets here. */
export function offeredBytes(from: Authority, { sources }: Offer, path: string): Uint8Array {
  return bytesIn(from, sources.get(path) ?? path);
}

function bytesIn(from: Authority, path: string): Uint8Array {
  return readInside(from.dir, path, MAX_BUNDLE_FILE);
}

function isSame(authority: Authority, from: Authority, file: string): boolean {
  return equalBytes(bytesIn(authority, file), bytesIn(from, file));
}

/** A bundle that both hold says the same at both, whatever signatures each has. Error: `sites-differ`. */
function checkSame(authority: Authority, theirs: readonly PastBundle[]): void {
  const ours = new Map(historyOf(authority).map((one) => [one.file, one]));
  const differing = theirs.filter(({ file, payloadBytes }) => {
    const here = ours.get(file);
    return here !== undefined && !equalBytes(here.payloadBytes, payloadBytes);
  });
  if (differing.length > 0)
    throw sitesDiffer(`the sites hold different bundles of one number: ${firstFew(differing.map(({ file }) => file))}`);
}

function differingMarks(authority: Authority, from: Authority): readonly string[] {
  return from.bundles.flatMap(({ file, mark }) => {
    const here = authority.bundles.find((one) => one.file === file)?.mark;
    if (mark === undefined || here === undefined || mark.state === here.state) return [];
    return [
      `${file} is on record here as ${here.state}, and there as ${mark.state}: one of the two is wrong, and neither record changes. What clients may hold counts for ever: find out, and let the site that was right make the next bundle.`,
    ];
  });
}

/**
 * Returns remarks on the other site's marks. Each site's own people say whether a bundle was published: a mark is a
 * plain file, and nobody signed it.
 */
function marksThere(authority: Authority, from: Authority): readonly Remark[] {
  return from.bundles.flatMap(({ file, mark }) => {
    const here = authority.bundles.find((one) => one.file === file);
    if (mark === undefined || here?.mark !== undefined) return [];
    const path = bundleMarkPath(file, mark.state);
    const args = [inAuthority(authority.dir, file)] as const;
    if (mark.state === 'published')
      return [remark(`${path}: say it here yourself`, { command: 'bundle published', args })];
    return [
      remark(`${path}: if you know from another source that it never went out`, { command: 'bundle withdraw', args }),
    ];
  });
}
