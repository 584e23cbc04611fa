/**
 * Several new files appear together or not at all, and a crash at any point changes nothing about that: all are written
 * under temporary names, then a journal is created (from then on the change has happened), then each gets its name.
 * `recover` in recovery.ts finishes or undoes what a crash left. The caller holds the lock.
 */
import { basename, dirname, relative, sep } from 'node:path';
import { toHex, utf8 } from '../common/bytes.js';
import { couldNot, messageOf } from '../common/errors.js';
import * as files from '../common/files.js';
import * as fresh from '../common/new-files.js';
import { hash } from '../crypto/hash.js';
import { checkPath, inAuthority, PENDING_FILE } from './layout.js';
import { encodePending, type PendingFile, type PendingLines } from './pending.js';
import { MAX_TRANSCRIPT_FILE } from './transcript.js';

/** The largest file that a transaction takes, in bytes. */
export const MAX_TRANSACTION_FILE = MAX_TRANSCRIPT_FILE;

/** A file that a transaction creates. `path` is `NAME` or `FOLDER/NAME`, relative to the authority. */
export interface NewFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** 0o644 where it isn't given. */
  readonly mode?: number;
}

/**
 * Creates all files, and adds `lines` to their transcript, or nothing of that. Errors: `file-exists` before anything is written, `file` (a full disk) with nothing kept,
 * `authority-unfinished` where it failed after the change was recorded: the next writing command completes it.
 */
export function commit(dir: string, operation: string, newFiles: readonly NewFile[], lines?: PendingLines): void {
  checkNames(dir, newFiles);
  const folders = [...new Set(newFiles.map(({ path }) => dirname(inAuthority(dir, path))))];
  for (const folder of folders) fresh.makeFolder(folder);
  const pendingPath = inAuthority(dir, PENDING_FILE);
  const pending: PendingFile[] = [];
  try {
    for (const { path, bytes, mode = 0o644 } of newFiles) {
      const temporary = fresh.temporaryName(inAuthority(dir, path));
      fresh.writeNewFile(temporary, bytes, mode);
      const relativeTemporary = relative(dir, temporary).replaceAll(sep, '/');
      pending.push({ temporary: relativeTemporary, path, sha256: toHex(hash('sha256', bytes)), mode });
    }
    folders.forEach(fresh.syncFolder);
    fresh.createFile(
      pendingPath,
      encodePending({ operation, files: pending, ...(lines === undefined ? {} : { lines }) }),
    );
  } catch (error) {
    if (files.exists(pendingPath)) throw unfinished(operation, error);
    for (const { temporary } of pending) fresh.removeFile(inAuthority(dir, temporary));
    throw error;
  }
  try {
    for (const file of pending) giveName(dir, file);
    folders.forEach(fresh.syncFolder);
    if (lines !== undefined) fresh.appendFile(inAuthority(dir, lines.path), utf8(lines.text), lines.length);
    fresh.removeFile(pendingPath);
  } catch (error) {
    throw unfinished(operation, error);
  }
}

function checkNames(dir: string, newFiles: readonly NewFile[]): void {
  const seen = new Set<string>();
  for (const { path, bytes } of newFiles) {
    const reason = checkPath(path) ?? (seen.has(path.toLowerCase()) ? 'it appears twice' : undefined);
    if (reason !== undefined) {
      throw couldNot('bad-path', `${path} can not be written in the authority: ${reason}`, {
        hint: 'Choose another name.',
      });
    }
    if (bytes.length > MAX_TRANSACTION_FILE) {
      throw couldNot(
        'file-too-large',
        `${path} would have ${String(bytes.length)} bytes, at most ${String(MAX_TRANSACTION_FILE)} are written`,
      );
    }
    seen.add(path.toLowerCase());
  }
  for (const path of [PENDING_FILE, ...newFiles.map((file) => file.path)]) {
    const absolute = inAuthority(dir, path);
    if (files.exists(absolute)) throw files.fileError(absolute, { code: 'EEXIST' });
  }
}

/** Gives one file its name, without ever replacing another. Error: `file-exists`. */
export function giveName(dir: string, { temporary, path }: PendingFile): void {
  const absolute = inAuthority(dir, path);
  if (!fresh.claimName(inAuthority(dir, temporary), absolute)) throw files.fileError(absolute, { code: 'EEXIST' });
}

function unfinished(operation: string, cause: unknown): Error {
  return couldNot(
    'authority-unfinished',
    `${operation} was recorded, but not all of its files got their names yet: ${messageOf(cause)}`,
    { hint: 'Remove the cause; the next command that writes completes it. Do not run this one again.', cause },
  );
}

/** Whether a file's name is that of a transaction's temporary (the lock keeps its own). */
export function isTemporary(path: string): boolean {
  const name = basename(path);
  return fresh.TEMPORARY_NAME.test(name) && !name.startsWith('.lock.');
}
