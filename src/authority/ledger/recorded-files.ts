/** Compares what the transcripts record with the files that exist. */
import { toHex } from '../../common/bytes.js';
import { attemptQuietly } from '../../common/errors.js';
import { MAX_BUNDLE_FILE } from '../../common/files.js';
import { hash } from '../../crypto/hash.js';
import type { FolderReader } from '../folders/folder-reader.js';
import { checkPath, REQUEST_NAME } from '../ground/layout.js';
import { isTemporary } from '../journal/transaction.js';
import { findUnrecorded } from './unrecorded.js';

/**
 * A request that a transcript says was made here. It may be removed later, but while it exists it must be unchanged.
 */
export interface RecordedRequest {
  /** Relative to the authority. */
  readonly file: string;
  /** Of the file, in hex. */
  readonly sha256: string;
  readonly atSeconds: number;
}

export interface Recorded {
  /** Path and hash (hex) of files that stay for good. */
  readonly recorded: ReadonlyMap<string, string>;
  readonly requests: readonly RecordedRequest[];
  /** Files that exist and should be on record, listed before the transcripts were read. */
  readonly there: readonly string[];
  /** Files that a command is naming at this moment, or was naming when it was interrupted. */
  readonly underWay: readonly string[];
  /** The transcript that has no end. */
  readonly unfinished: string | undefined;
}

/** Adds a finding for each file that is missing, changed, or not on record. Returns the requests that are gone. */
export function compareFiles(
  reader: FolderReader,
  { recorded, requests, there, underWay, unfinished }: Recorded,
): readonly RecordedRequest[] {
  for (const [path, sha256] of recorded) {
    if (checkPath(path) !== undefined || reader.hasFound(path) || reader.underWay.has(path)) continue;
    if (reader.exists(path)) compare(reader, path, sha256);
    else reader.find(path, 'it is missing; a transcript says that it was made');
  }
  compareRequests(reader, requests);
  const isGone = ({ file }: RecordedRequest): boolean => !reader.exists(file);
  const known = new Set([...recorded.keys(), ...underWay]);
  findUnrecorded(
    reader,
    there.filter((file) => !known.has(file)),
    recorded,
    unfinished,
  );
  return requests.filter(isGone);
}

/**
 * Compares requests. One from elsewhere is not on record. Two with the same bytes are one too many, because a request
 * is answered once.
 */
function compareRequests(reader: FolderReader, requests: readonly RecordedRequest[]): void {
  const made = new Map(requests.map(({ file, sha256 }) => [file, sha256]));
  const names = reader.list('requests').filter((name) => REQUEST_NAME.test(name));
  const files = names.filter((name) => !isTemporary(name)).map((name) => `requests/${name}`);
  const seen = new Map([...made].map(([file, sha256]) => [sha256, file]));
  for (const file of files) {
    const sha256 = sha256Here(reader, file, made.has(file));
    if (sha256 === undefined) continue;
    const [wanted, twin] = [made.get(file), seen.get(sha256)];
    if (wanted !== undefined && sha256 !== wanted) reader.find(file, OTHER);
    else if (twin !== undefined && twin !== file && files.includes(twin))
      reader.find(file, `it is the same request as ${twin}`);
    seen.set(sha256, file);
  }
}

/**
 * Returns the hash of a request. If one that is not on record cannot be read, `status` reports it, and so does any
 * command that names it.
 */
function sha256Here(reader: FolderReader, file: string, isRecorded: boolean): string | undefined {
  if (reader.hasFound(file)) return undefined;
  const sha256 = (): string => toHex(hash('sha256', reader.readFile(file, MAX_BUNDLE_FILE)));
  return isRecorded ? reader.attempt(file, sha256) : attemptQuietly(sha256);
}

const OTHER = 'it is not the file that a transcript says was made';

function compare(reader: FolderReader, path: string, sha256: string): void {
  reader.attempt(path, () => {
    if (toHex(hash('sha256', reader.readFile(path, MAX_BUNDLE_FILE))) !== sha256) reader.find(path, OTHER);
  });
}
