/** Writing files. Nothing is ever overwritten, and a new file appears under its name either whole or not at all. */
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { toHex } from './bytes.js';
import { couldNot, systemCode } from './errors.js';
import { attempt, exists, fileError, isFolder } from './files.js';
import { isInScratch } from './scratch.js';

/** Makes a folder, with its parents, that survives a power cut. */
export function makeFolder(path: string, mode = 0o755, shown = path): void {
  if (isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent, mode);
  attempt(shown, () => {
    try {
      fs.mkdirSync(path, { mode });
    } catch (error) {
      if (systemCode(error) !== 'EEXIST' || !isFolder(path)) throw error;
    }
    syncFolder(parent, dirname(shown));
  });
}

/** Calls fsync on what `shown` names. Files in a scratch folder don't need it. */
function sync(fd: number, shown: string): void {
  if (!isInScratch(shown)) fs.fsyncSync(fd);
}

/** Calls fsync on a folder, so that the names in it survive a power cut. */
export function syncFolder(path: string, shown = path): void {
  const fd = attempt(shown, () => fs.openSync(path, 'r'));
  try {
    sync(fd, shown);
  } catch (error) {
    // Some file systems of removable media have no fsync for folders.
    if (systemCode(error) !== 'EINVAL' && systemCode(error) !== 'ENOTSUP') throw fileError(shown, error);
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * `passing`: a file that need not survive a power cut, since nobody would look for it (a lock, a probe). It is not
 * synced.
 */
export type Stay = 'lasting' | 'passing';

/** Writes and syncs a new file, and removes it again if writing fails. Errors name it as `shown`. */
export function writeNewFile(
  path: string,
  bytes: Uint8Array,
  mode = 0o644,
  shown = path,
  stay: Stay = 'lasting',
): void {
  const fd = attempt(shown, () => fs.openSync(path, 'wx', mode));
  try {
    try {
      let written = 0;
      while (written < bytes.length) written += fs.writeSync(fd, bytes, written);
      if (stay === 'lasting') sync(fd, shown);
    } finally {
      fs.closeSync(fd);
    }
  } catch (error) {
    fs.rmSync(path, { force: true });
    throw fileError(shown, error);
  }
}

/**
 * Gives `from` a second name `to`, on the same file system. Returns false if that name is taken. On a file system
 * without hard links (FAT on removable media), `from` loses its old name.
 */
export function addName(from: string, to: string, shown = to): boolean {
  try {
    fs.linkSync(from, to);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP'].includes(systemCode(error) ?? '')) throw fileError(shown, error);
  }
  // Claim the name with an empty file of our own, then rename over it.
  try {
    fs.closeSync(fs.openSync(to, 'wx'));
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw fileError(shown, error);
  }
  attempt(shown, () => {
    fs.renameSync(from, to);
  });
  return true;
}

/**
 * Creates `path` with these bytes, whole and synced, or fails without leaving anything. Errors, all exit 3:
 * `file-exists` if the name is taken, else `file`.
 */
export function createFile(path: string, bytes: Uint8Array, mode = 0o644, shown = path): void {
  if (exists(path)) throw fileError(shown, { code: 'EEXIST' });
  const temporary = temporaryName(path);
  writeNewFile(temporary, bytes, mode, shown);
  try {
    if (!addName(temporary, path, shown)) throw fileError(shown, { code: 'EEXIST' });
  } finally {
    fs.rmSync(temporary, { force: true });
  }
  syncFolder(dirname(path), shown);
}

/**
 * Refuses a name that is taken, or a folder that cannot be written, before any work is done. Errors: those of
 * `createFile`.
 */
export function checkCreatable(path: string, shown = path): void {
  if (exists(path)) throw fileError(shown, { code: 'EEXIST' });
  const probe = temporaryName(path);
  writeNewFile(probe, new Uint8Array(), 0o600, shown, 'passing');
  removeFile(probe, shown, 'passing');
}

/**
 * Appends bytes to a file that has `length` bytes, and syncs them. If that fails (a full disk), it cuts the file back
 * to its old length if the disk allows. Errors: those of `openOwn`, and `file-changed` if the file has another length.
 */
export function appendFile(path: string, bytes: Uint8Array, length: number, shown = path): void {
  const fd = openOwn(path, fs.constants.O_APPEND, shown);
  try {
    const { size } = attempt(shown, () => fs.fstatSync(fd));
    if (size !== length) {
      throw couldNot('file-changed', `${shown} has ${String(size)} bytes where ${String(length)} were expected`, {
        hint: 'Somebody else writes to it. Compare it with a copy.',
      });
    }
    try {
      let written = 0;
      while (written < bytes.length) written += fs.writeSync(fd, bytes, written);
      sync(fd, shown);
    } catch (error) {
      try {
        fs.ftruncateSync(fd, length);
      } catch {
        // A torn line that remains is set aside by the next command.
      }
      throw fileError(shown, error);
    }
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Cuts one of the tool's own files back to its first `length` bytes, to drop a line that a crash tore. Errors: those of
 * `openOwn`.
 */
export function truncateFile(path: string, length: number, shown = path): void {
  const fd = openOwn(path, 0, shown);
  try {
    attempt(shown, () => {
      fs.ftruncateSync(fd, length);
      sync(fd, shown);
    });
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Opens an existing file in order to change its contents. It must be a regular file with one name only, so that no file
 * elsewhere is changed. Errors: `file`, `file-not-found`.
 */
function openOwn(path: string, flags: number, shown: string): number {
  const { O_WRONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  const fd = attempt(shown, () => fs.openSync(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | flags));
  const stat = fs.fstatSync(fd);
  if (stat.isFile() && stat.nlink === 1) return fd;
  fs.closeSync(fd);
  throw couldNot(
    'file',
    `${shown} is ${stat.isFile() ? 'a file that has another name as well' : 'not a regular file'}`,
    {
      hint: 'Nothing was changed. Find out who made it.',
    },
  );
}

export function removeFile(path: string, shown = path, stay: Stay = 'lasting'): void {
  attempt(shown, () => {
    fs.rmSync(path, { force: true });
  });
  if (stay === 'lasting') syncFolder(dirname(path), shown);
}

/**
 * Overwrites a file and removes it. Copies that a medium, a snapshot or a backup keeps are out of reach. Errors: those
 * of `openOwn`.
 */
export function destroyFile(path: string, shown = path): void {
  const fd = openOwn(path, 0, shown);
  try {
    attempt(shown, () => {
      const zeros = new Uint8Array(fs.fstatSync(fd).size);
      let written = 0;
      while (written < zeros.length) written += fs.writeSync(fd, zeros, written);
      fs.fsyncSync(fd);
    });
  } finally {
    fs.closeSync(fd);
  }
  removeFile(path, shown);
}

/** Returns `.NAME.RANDOM.tmp` in the same folder. Leftovers of a crash are recognised by that form. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${toHex(crypto.getRandomValues(new Uint8Array(6)))}.tmp`);
}

/** Returns the name from which `temporaryName` made this one. */
export function nameOfTemporary(path: string): string {
  return join(dirname(path), basename(path).replace(/^\.(.+)\.[0-9a-f]{12}\.tmp$/, '$1'));
}

export const TEMPORARY_NAME = /^\..+\.[0-9a-f]{12}\.tmp$/;

/**
 * Renames `from` to `to`, replacing whatever had that name. Only for the tool's own lock, to finish an interrupted
 * `addName`, and for a file that is known by its hash.
 */
export function renameFile(from: string, to: string, shown = to): void {
  attempt(shown, () => {
    fs.renameSync(from, to);
  });
}

/**
 * Runs `action` with a new folder that only this user can open, outside every authority, and always removes it
 * afterwards.
 */
export function withTemporaryFolder<T>(action: (folder: string) => T): T {
  const folder = attempt(tmpdir(), () => fs.mkdtempSync(join(tmpdir(), 'as-ceremony-')));
  try {
    return action(folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
