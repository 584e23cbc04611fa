/** The folder `bundles/` of an authority: every bundle that was signed, and the marks that say what became of it. */
import { toHex } from '../common/bytes.js';
import { MAX_BUNDLE_FILE, readFile } from '../common/files.js';
import { hash } from '../crypto/hash.js';
import type { FolderReader } from './folder-reader.js';
import { inAuthority } from './layout.js';
import { BUNDLE_STATES, bundleMarkPath, decodeBundleMark, type BundleMark } from './records.js';

export interface HeldBundle {
  readonly file: string;
  /** The sequence that its name says. */
  readonly number: number;
  /** As it lies there, not decoded. */
  readonly bytes: Uint8Array;
  /** What became of it, where that is on record. */
  readonly mark: BundleMark | undefined;
}

/** By number, rising; not decoded. What doesn't belong there becomes a finding. */
export function readBundles(reader: FolderReader): HeldBundle[] {
  const all = reader.read('bundles', /^bundle-(\d{6}|[1-9]\d{6,15})\.(cose|(?:published|withdrawn)\.json)$/, (match) =>
    Number(match[1]),
  );
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
    const bytes = reader.attempt(file, () => readFile(inAuthority(reader.dir, file), MAX_BUNDLE_FILE));
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
  if (!file.endsWith(`.${mark.state}.json`)) reader.find(file, 'it says something else than its name');
  if (mark.sha256 !== toHex(hash('sha256', bundle.bytes)))
    reader.suspect(file, [bundle.file], 'it is about another bundle');
  return mark;
}
