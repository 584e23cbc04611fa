/**
 * What another site's copy holds and this site doesn't, and what of that is left where it is. Nothing of it is judged
 * here.
 */
import type { Authority, HeldCredential, HeldRevocation, HeldRoot } from '../../authority/authority.js';
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
  /** Roots, new or held here, of which the copy alone says that they are in reserve. */
  readonly reserves: readonly HeldRoot[];
  readonly intermediates: readonly HeldCredential<IntermediateAsCredential>[];
  readonly revocations: readonly HeldRevocation[];
  /** By sequence; with the marks of the other site, which are not taken over. */
  readonly bundles: readonly PastBundle[];
  /** What is not taken over, a sentence each. */
  readonly left: readonly Remark[];
}

/** Errors: `sites-differ` where both hold other things under one name, `authority-damaged`. */
export function offerOf(authority: Authority, from: Authority): Offer {
  const isNew = ({ file }: { readonly file: string }): boolean => !existsInside(authority.dir, file);
  const roots = from.roots.filter(isNew);
  const known = new Set([...authority.roots, ...roots].map(({ fingerprint }) => fingerprint));
  const isOurs = ({ credential }: HeldCredential<IntermediateAsCredential>): boolean =>
    known.has(toHex(credential.payload.signerFingerprint));
  const intermediates = from.intermediates.filter(isNew);
  const reserves = from.roots.filter(
    (root) => from.reserves.has(root.fingerprint) && isNew({ file: reservePath(root.file) }),
  );
  checkSame(authority, from, reserves);
  const revocations = from.revocations.filter(isNew);
  const agreed = from.revocations.filter((one) => !isNew(one) && !isSame(authority, from, one.file));
  return {
    roots,
    reserves,
    intermediates: intermediates.filter(isOurs),
    revocations,
    bundles: bundlesIn(from).filter(isNew),
    left: [
      ...intermediates
        .filter((one) => !isOurs(one))
        .map(({ file }) => `${file}: its root is not one of this authority`),
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

/** Errors: `sites-differ` for a bundle that is another than its name says. */
function bundlesIn(from: Authority): readonly PastBundle[] {
  try {
    return historyOf(from);
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    throw notTogether(error.message, error);
  }
}

/** The bytes of a file of the copy. */
export function bytesIn(from: Authority, path: string): Uint8Array {
  return readInside(from.dir, path, MAX_BUNDLE_FILE);
}

function isSame(authority: Authority, from: Authority, file: string): boolean {
  return equalBytes(bytesIn(authority, file), bytesIn(from, file));
}

/**
 * What both hold is the same at both, but for revocations, of which both count; and no bundle went out by one site, and
 * never by the other.
 */
function checkSame(authority: Authority, from: Authority, reserves: readonly HeldRoot[]): void {
  const shared = [
    ...[...from.roots, ...from.intermediates, ...from.bundles].map(({ file }) => file),
    ...from.roots.filter(({ fingerprint }) => from.reserves.has(fingerprint)).map(({ file }) => reservePath(file)),
  ].filter((file) => existsInside(authority.dir, file));
  const differing = shared.filter((file) => !isSame(authority, from, file));
  if (differing.length > 0) throw sitesDiffer(`the sites hold different things under one name: ${firstFew(differing)}`);
  for (const { file, mark } of from.bundles) {
    const here = authority.bundles.find((one) => one.file === file)?.mark;
    if (mark === undefined || here === undefined || mark.state === here.state) continue;
    throw sitesDiffer(`${file} is on record here as ${here.state}, and there as ${mark.state}`);
  }
  const listed = reserves.find(({ fingerprint }) => authority.reserves.has(fingerprint));
  if (listed !== undefined)
    throw sitesDiffer(`the sites hold different things under one name: ${reservePath(listed.file)}`);
}

/** Whether a bundle went out is for each site's people to say: a mark is a plain file, and nobody signed it. */
function marksThere(authority: Authority, from: Authority): readonly Remark[] {
  return from.bundles.flatMap(({ file, mark }) => {
    const here = authority.bundles.find((one) => one.file === file);
    if (mark === undefined || here?.mark !== undefined) return [];
    const path = bundleMarkPath(file, mark.state);
    const args = [inAuthority(authority.dir, file)] as const;
    if (mark.state === 'published')
      return [remark(`${path}: say it here yourself`, { command: 'bundle published', args })];
    return [remark(`${path}: if you know by another way that it never went out`, { command: 'bundle withdraw', args })];
  });
}
