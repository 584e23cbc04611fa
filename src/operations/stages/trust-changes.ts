/** What a prepared file asks for that nobody can compute: if it changes whom clients trust, people say so in words. */
import type { BundlePayload } from '../../bundle/payload.js';
import type { PreparedBundles } from '../../bundle/prepared.js';
import { toHex } from '../../common/bytes.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import type { Preview } from '../context/operation-context.js';

/** Whom clients trust. */
type Whom = Pick<BundlePayload, 'asCredentials' | 'threshold' | 'nextRoots'>;

/**
 * Returns the changes. `own` is what would follow without the file's choices. A first bundle may require more
 * signatures for the next one, since nobody holds anything yet.
 */
export function trustChangesIn({ retire, lost, after }: PreparedBundles, own: Whom, theirs: Whom): string[] {
  const listed = new Set(theirs.asCredentials.map((root) => toHex(fingerprintOf(root))));
  const listedBefore = new Set(own.asCredentials.map((root) => toHex(fingerprintOf(root))));
  const begins = [...listed].some((fingerprint) => !listedBefore.has(fingerprint));
  const ends = own.asCredentials.some((root) => !listed.has(toHex(fingerprintOf(root))));
  const commitments = ({ nextRoots }: Whom): string => nextRoots.map(toHex).sort().join();
  return [
    ...(retire.length > 0 || lost.length > 0 || ends ? ['a root of ours ends'] : []),
    ...(begins ? ['a root is new'] : []),
    ...(theirs.threshold < own.threshold ? ['the threshold is lowered'] : []),
    ...(after > 0 && theirs.threshold > own.threshold ? ['the threshold is raised'] : []),
    ...(commitments(own) === commitments(theirs) ? [] : ['the commitments change']),
  ];
}

/**
 * Returns what must be typed before it is signed or kept: a person must have seen it, and --yes does not replace that.
 */
export function wordsOf(
  { words }: Pick<Preview, 'words'>,
  { trustChanges }: { readonly trustChanges: readonly string[] },
  more: readonly string[] = [],
): Pick<Preview, 'words' | 'typed'> {
  const parts = [...(words === undefined ? [] : [words]), ...trustChanges, ...more];
  return parts.length === 0 ? {} : { words: parts.join(', and '), typed: true };
}
