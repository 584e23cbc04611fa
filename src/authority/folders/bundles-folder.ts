/**
 * The folder `bundles/` of an authority: every bundle that was signed, the marks that say what became of it, and what
 * somebody else signed.
 */
import { toHex } from '../../common/bytes.js';
import { MAX_BUNDLE_FILE } from '../../common/files.js';
import { hash } from '../../crypto/hash.js';
import { BUNDLE_STATES, type BundleMark, bundleMarkPath, decodeBundleMark } from '../formats/small-files.js';
import type { FolderEntry, FolderReader } from './folder-reader.js';

export interface HeldBundle {
  readonly file: string;
  /** The sequence in its name. */
  readonly number: number;
  /** The file's bytes, not decoded. */
  readonly bytes: Uint8Array;
  /** What became of it, if that is on record. */
  readonly mark: BundleMark | undefined;
}

/**
 * A bundle that clients may hold and that this authority did not make: somebody else signed it with one of its roots.
 */
export interface HeldForgery {
  readonly file: string;
  /** The file's bytes, not decoded. */
  readonly bytes: Uint8Array;
}

const OWN = String.raw`bundle-(\d{6}|[1-9]\d{6,15})\.(cose|(?:published|withdrawn)\.json)`;
const NAME = new RegExp(`^(?:${OWN}|forged-[0-9a-f]{64}\\.cose)$`);

/**
 * Returns the file for a bundle that somebody else signed. Its name is the SHA-256 of the bundle, so that none is
 * recorded twice.
 */
export function forgeryPath(bytes: Uint8Array): string {
  return `bundles/forged-${toHex(hash('sha256', bytes))}.cose`;
}

/**
 * Reads the authority's own bundles, in rising order of number, without decoding them. Whatever doesn't belong there
 * becomes a finding.
 */
export function readBundles(reader: FolderReader): {
  readonly bundles: readonly HeldBundle[];
  readonly forgeries: readonly HeldForgery[];
} {
  const entries = reader.read('bundles', NAME, (match) => Number(match[1] ?? 0));
  const all = entries.filter(({ match }) => match[1] !== undefined);
  const others = entries.filter(({ match }) => match[1] === undefined);
  return { bundles: readOwn(reader, all), forgeries: others.flatMap(({ file }) => readForgery(reader, file)) };
}

function readForgery(reader: FolderReader, file: string): HeldForgery[] {
  const bytes = reader.attempt(file, () => reader.readFile(file, MAX_BUNDLE_FILE));
  if (bytes === undefined) return [];
  if (file !== forgeryPath(bytes)) reader.find(file, 'its name is not the SHA-256 of what is in it');
  return [{ file, bytes }];
}

function readOwn(reader: FolderReader, all: readonly FolderEntry[]): HeldBundle[] {
  const marks = all.filter(({ match }) => match[2] !== 'cose').map(({ file }) => file);
  const bundles = all.filter(({ match }) => match[2] === 'cose');
  const bundleOf = new Map(
    bundles.flatMap(({ file }) => BUNDLE_STATES.map((state) => [bundleMarkPath(file, state), file] as const)),
  );
  for (const mark of marks) {
    const bundle = mark.replace(/\.[^.]+\.json$/, '.cose');
    if (!bundleOf.has(mark)) reader.suspect(mark, [bundle], 'there is no bundle that it could be about');
  }
  return bundles.flatMap(({ file, key }) => {
    const bytes = reader.attempt(file, () => reader.readFile(file, MAX_BUNDLE_FILE));
    if (bytes === undefined) return [];
    const [mark, ...others] = marks.filter((one) => bundleOf.get(one) === file);
    if (mark === undefined) return { file, number: key, bytes, mark: undefined };
    if (others.length > 0) reader.suspect(file, [mark, ...others], 'it is marked as published and as withdrawn');
    return { file, number: key, bytes, mark: readMark(reader, mark, { file, bytes }) };
  });
}

function readMark(
  reader: FolderReader,
  file: string,
  bundle: { readonly file: string; readonly bytes: Uint8Array },
): BundleMark | undefined {
  const mark = reader.decode(file, decodeBundleMark);
  if (mark === undefined) return undefined;
  if (!file.endsWith(`.${mark.state}.json`)) reader.find(file, 'its contents do not match its name');
  if (mark.sha256 !== toHex(hash('sha256', bundle.bytes)))
    reader.suspect(file, [bundle.file], 'it is about another bundle');
  return mark;
}
