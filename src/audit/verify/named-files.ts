/** The files that a transcript names: whether they are in the authority as they were recorded. */
import { eventsOf, type TranscriptEntry } from '../../authority/formats/transcript.js';
import { existsInside, readInside } from '../../authority/ground/inside.js';
import { checkPath } from '../../authority/ground/layout.js';
import { toHex } from '../../common/bytes.js';
import { CeremonyError } from '../../common/errors.js';
import { hash } from '../../crypto/hash.js';

/** Everything that a transaction writes is smaller. */
const MAX_NAMED_FILE = 16 * 1024 * 1024;

export interface NamedFile {
  /** As in the transcript. */
  readonly path: string;
  /** The number of the event that names it. */
  readonly seq: number;
  /** In hex. */
  readonly sha256: string;
  readonly final: boolean;
}

/**
 * `may-change`: recorded with `final: false`, and not checked. `unchecked`: outside the authority, or there is none
 * available.
 */
export type FileState = 'same' | 'changed' | 'missing' | 'may-change' | 'unchecked';

/** Returns each path once, as the last event has it. */
export function namedFiles(entries: readonly TranscriptEntry[]): readonly NamedFile[] {
  const all = eventsOf(entries, 'files').flatMap(({ seq, fields }) =>
    fields.files.map(({ path, sha256, final = true }) => ({ path, seq, sha256, final })),
  );
  return [...new Map(all.map((file) => [file.path, file])).values()];
}

/** Returns the state of a file, and its bytes if they are those that were recorded. */
export function lookAt(
  { path, sha256, final }: NamedFile,
  dir: string | undefined,
): { readonly state: FileState; readonly bytes?: Uint8Array; readonly why?: string } {
  if (!final) return { state: 'may-change' };
  if (dir === undefined) return { state: 'unchecked', why: 'the authority is not at hand' };
  if (checkPath(path) !== undefined) return { state: 'unchecked', why: 'it is outside the authority' };
  try {
    if (!existsInside(dir, path)) return { state: 'missing' };
    const bytes = readInside(dir, path, MAX_NAMED_FILE);
    return toHex(hash('sha256', bytes)) === sha256 ? { state: 'same', bytes } : { state: 'changed' };
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    return { state: 'changed', why: error.message };
  }
}
