/**
 * Makes several new files appear together or not at all, whenever a crash happens. All are written under temporary
 * names, then a journal is created (from then on the change has happened), then each file gets its name. `recover` in
 * recovery.ts completes or undoes what a crash left. The caller holds the lock.
 */
import { basename, dirname } from 'node:path';
import { toHex, utf8 } from '../../common/bytes.js';
import { couldNot, messageOf } from '../../common/errors.js';
import { fileError } from '../../common/files.js';
import { TEMPORARY_NAME, temporaryName } from '../../common/new-files.js';
import { hash } from '../../crypto/hash.js';
import { isOperation, journalFault } from '../formats/journal-rules.js';
import {
  encodePending,
  MAX_PENDING_FILE,
  type Pending,
  type PendingFile,
  type PendingLines,
} from '../formats/pending.js';
import { MAX_TRANSCRIPT_FILE } from '../formats/transcript.js';
import { elsewhereFault } from '../ground/elsewhere.js';
import * as inside from '../ground/inside.js';
import { isElsewhere, pathFault, PENDING_FILE, shownPath } from '../ground/layout.js';

/** The largest file that a transaction takes, in bytes. */
export const MAX_TRANSACTION_FILE = MAX_TRANSCRIPT_FILE;

/**
 * A file that a transaction creates. `path` is `NAME` or `FOLDER/NAME`, relative to the authority; that of a key file
 * may be absolute.
 */
export interface NewFile {
  readonly path: string;
  /** The SHA-256 (hex) of the file that it replaces; without it the name must be free. */
  readonly replaces?: string;
  readonly bytes: Uint8Array;
  /** 0o644 if not given. */
  readonly mode?: number;
}

/**
 * Creates all files, and adds `lines` to their transcript, or does nothing. Errors: `file-exists` before anything is
 * written, `file` (a full disk) with nothing kept, `authority-unfinished` if it failed after the change was recorded,
 * in which case the next writing command completes it.
 */
export function commit(dir: string, operation: string, newFiles: readonly NewFile[], lines?: PendingLines): void {
  checkNames(dir, newFiles);
  const folders = [...new Set(newFiles.map(({ path }) => dirname(path)))];
  for (const folder of folders) if (folder !== '.' && !isElsewhere(folder)) inside.makeFolderInside(dir, folder);
  const pending: PendingFile[] = [];
  try {
    for (const { path, bytes, mode = 0o644, replaces } of newFiles) {
      const temporary = temporaryName(path);
      inside.writeNewInside(dir, temporary, bytes, mode);
      const sha256 = toHex(hash('sha256', bytes));
      pending.push({ temporary, path, sha256, mode, ...(replaces === undefined ? {} : { replaces }) });
    }
    for (const folder of folders) inside.syncInside(dir, folder);
    const entry: Pending = { operation, files: pending, ...(lines === undefined ? {} : { lines }) };
    const fault = isOperation(operation) ? journalFault(entry) : undefined;
    if (fault !== undefined) throw couldNot('internal', `${operation} would leave what is never finished: ${fault}`);
    const journal = encodePending(entry);
    // A journal too large to read again could never be completed.
    if (journal.length > MAX_PENDING_FILE) throw tooLarge(PENDING_FILE, journal.length, MAX_PENDING_FILE);
    inside.createInside(dir, PENDING_FILE, journal);
  } catch (error) {
    if (inside.existsInside(dir, PENDING_FILE)) throw unfinished(operation, error);
    for (const { temporary } of pending) inside.removeInside(dir, temporary);
    throw error;
  }
  try {
    for (const file of pending) giveName(dir, file);
    for (const folder of folders) inside.syncInside(dir, folder);
    if (lines !== undefined) inside.appendInside(dir, lines.path, utf8(lines.text), lines.length);
    takeTemporaries(dir, pending);
    inside.removeInside(dir, PENDING_FILE);
  } catch (error) {
    throw unfinished(operation, error);
  }
}

function checkNames(dir: string, newFiles: readonly NewFile[]): void {
  const seen = new Set<string>();
  for (const { path, bytes } of newFiles) {
    const reason =
      pathFault(path) ??
      (seen.has(path.toLowerCase()) ? 'it appears twice' : isElsewhere(path) ? elsewhereFault(dir, path) : undefined);
    if (reason !== undefined) {
      throw couldNot('bad-path', `${path} cannot be written: ${reason}`, {
        hint: 'Choose another name.',
      });
    }
    if (bytes.length > MAX_TRANSACTION_FILE) {
      throw tooLarge(path, bytes.length, MAX_TRANSACTION_FILE);
    }
    seen.add(path.toLowerCase());
  }
  for (const { path, replaces } of [{ path: PENDING_FILE, replaces: undefined }, ...newFiles]) {
    const shown = shownPath(dir, path);
    if (replaces === undefined && inside.existsInside(dir, path)) throw fileError(shown, { code: 'EEXIST' });
    if (replaces !== undefined && sha256Of(dir, path) !== replaces) {
      throw couldNot('file-changed', `${shown} is not the file that was to be replaced`, {
        hint: 'Somebody else writes to it. Look at it, and run the command again.',
      });
    }
  }
}

function tooLarge(path: string, length: number, most: number): Error {
  return couldNot('file-too-large', `${path} would have ${String(length)} bytes, at most ${String(most)} are written`);
}

/** Returns the SHA-256 (hex) of a file, or undefined if it does not exist. */
export function sha256Of(dir: string, path: string): string | undefined {
  if (!inside.existsInside(dir, path)) return undefined;
  return toHex(hash('sha256', inside.readInside(dir, path, MAX_TRANSACTION_FILE)));
}

/**
 * Gives one file its name, in addition to its temporary one if the file system allows. It replaces only the very file
 * that it was made to replace. Error: `file-exists`.
 */
export function giveName(dir: string, { temporary, path, replaces }: PendingFile): void {
  if (replaces !== undefined && sha256Of(dir, path) === replaces) inside.renameInside(dir, temporary, path);
  else if (!inside.addNameInside(dir, temporary, path)) throw fileError(shownPath(dir, path), { code: 'EEXIST' });
}

/**
 * Removes the temporary names, once the proper names are on the disk: otherwise a power cut could keep this and lose
 * those. Any that it brings back in the authority are found again; nobody looks on another medium.
 */
export function takeTemporaries(dir: string, files: readonly PendingFile[]): void {
  for (const { temporary } of files)
    if (inside.existsInside(dir, temporary))
      inside.removeInside(dir, temporary, isElsewhere(temporary) ? 'lasting' : 'passing');
}

function unfinished(operation: string, cause: unknown): Error {
  return couldNot(
    'authority-unfinished',
    `${operation} was recorded, but not all of its files got their names yet: ${messageOf(cause)}`,
    { hint: 'Remove the cause; the next command that writes completes it. Do not run this one again.', cause },
  );
}

/** Returns whether a file's name is that of a transaction's temporary file. The lock manages its own. */
export function isTemporary(path: string): boolean {
  const name = basename(path);
  return TEMPORARY_NAME.test(name) && !name.startsWith('.lock.');
}
