/**
 * Reading files. The files that touch the file system are the doors of `fs` in floors.json; new-files.ts writes.
 * Reading is bounded, and folders and devices are refused.
 */
import * as fs from 'node:fs';
import { wipe } from './bytes.js';
import { type CeremonyError, couldNot, systemCode } from './errors.js';

export const MAX_CREDENTIAL_FILE = 64 * 1024;
export const MAX_BUNDLE_FILE = 1024 * 1024;
export const MAX_TEXT_FILE = 1024 * 1024;
/** The size of the first buffer for sources that do not state a size, such as standard input and pipes. */
const FIRST_BUFFER = 64 * 1024;

const HINTS: Readonly<Record<string, readonly [string, string]>> = {
  ENOENT: ['does not exist', 'Check the path; paths are relative to the current folder.'],
  EACCES: ['may not be accessed by this user', 'Check the owner and the permissions of the file and its folders.'],
  EPERM: ['may not be changed by this user', 'Check the owner and the permissions of the file and its folders.'],
  EISDIR: ['is a folder', 'Name a file.'],
  ENOTDIR: ['goes through something that is not a folder', 'Check the path.'],
  ENOSPC: [
    'could not be written: the disk is full',
    'Free some space and run the command again; nothing was kept of this one.',
  ],
  EDQUOT: ['could not be written: the quota is used up', 'Free some space and run the command again.'],
  EROFS: ['is on a read-only file system', 'Choose a folder that can be written.'],
  EEXIST: ['exists already, and nothing is ever overwritten', 'Choose another name, or move the old file away.'],
  EMFILE: ['could not be opened: this process has too many files open', 'Raise the limit, with: ulimit -n 1024'],
  ENFILE: ['could not be opened: the system has too many files open', 'Close other programs.'],
  ELOOP: ['goes through too many links', 'Check the path.'],
  ENAMETOOLONG: ['is too long a name', 'Choose a shorter name.'],
};

/** Returns whether the process, rather than the file, ran out of something: open files or memory. */
export function isExhausted({ cause }: CeremonyError): boolean {
  return ['EMFILE', 'ENFILE', 'ENOMEM'].includes(systemCode(cause) ?? '');
}

/** Makes the error (exit 3) that tells a system error about `path` in plain words. */
export function fileError(path: string, error: unknown): CeremonyError {
  const system = systemCode(error) ?? 'EIO';
  const [what, hint] = HINTS[system] ?? [`failed with ${system}`, 'Check the device that holds it.'];
  const code = system === 'EEXIST' ? 'file-exists' : system === 'ENOENT' ? 'file-not-found' : 'file';
  return couldNot(code, `${path} ${what}`, { hint, cause: error });
}

/** Returns what `action` returns. A system error becomes a `fileError` about `path`. */
export function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw fileError(path, error);
  }
}

/**
 * Reads at most `limit` bytes from an open descriptor, and refuses a single byte more. The buffer begins at the
 * `expected` length, because a thousand small files must not take a thousand buffers of the limit.
 */
export function readDescriptor(fd: number, path: string, limit: number, expected = FIRST_BUFFER): Uint8Array {
  let buffer = new Uint8Array(Math.min(expected, limit) + 1);
  let length = 0;
  for (;;) {
    const read = attempt(path, () => fs.readSync(fd, buffer, length, buffer.length - length, null));
    length += read;
    if (read === 0 || length > limit) break;
    if (length === buffer.length) {
      const larger = new Uint8Array(Math.min(2 * length, limit + 1));
      larger.set(buffer);
      wipe(buffer);
      buffer = larger;
    }
  }
  const content = buffer.slice(0, length);
  wipe(buffer);
  if (length <= limit) return content;
  wipe(content);
  throw tooLarge(path, limit);
}

export function tooLarge(path: string, limit: number): CeremonyError {
  return couldNot('file-too-large', `${path} is larger than ${String(limit)} bytes`, {
    hint: 'Check that this is the file you mean.',
  });
}

/**
 * Reads a whole file of at most `limit` bytes; `-` is standard input. Errors, all exit 3: `file-not-found`,
 * `file-too-large`, `file` (a folder, no permission, a device error).
 */
export function readFile(path: string, limit: number): Uint8Array {
  if (path === '-') return readDescriptor(0, 'standard input', limit);
  const fd = attempt(path, () => fs.openSync(path, READING));
  return readAndClose(fd, limit, path, () => undefined);
}

export const READING = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK;

/**
 * Does the rest of `readFile` for a file that was opened with `READING`. `judge` throws if it must not be read. Errors
 * name the file as `shown`.
 */
export function readAndClose(fd: number, limit: number, shown: string, judge: (stat: fs.Stats) => void): Uint8Array {
  try {
    const stat = attempt(shown, () => fs.fstatSync(fd));
    judge(stat);
    if (stat.isDirectory()) throw fileError(shown, { code: 'EISDIR' });
    if (!stat.isFile()) {
      throw couldNot('file', `${shown} is neither a file nor -`, {
        hint: 'Name a regular file, or - for standard input.',
      });
    }
    if (stat.size > limit) {
      throw couldNot('file-too-large', `${shown} has ${String(stat.size)} bytes; at most ${String(limit)} are read`, {
        hint: 'Check that this is the file you mean.',
      });
    }
    return readDescriptor(fd, shown, limit, stat.size);
  } finally {
    fs.closeSync(fd);
  }
}

export function exists(path: string): boolean {
  try {
    fs.lstatSync(path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return false;
    throw fileError(path, error);
  }
}

/** Returns the path with its links resolved, or the path itself if it leads nowhere. */
export function realPath(path: string): string {
  try {
    return fs.realpathSync(path);
  } catch {
    return path;
  }
}

/**
 * Bits of a mode. BY_OTHERS: the group or others may write. STICKY, on a folder: only the owner of a file, or of the
 * folder, may rename or remove the file.
 */
export const [BY_OTHERS, STICKY] = [0o022, 0o1000] as const;

/** What a name in a folder is; a link is not followed. */
export interface Entry {
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  /** The owner's user ID. */
  readonly owner: number;
  /** The permission bits. */
  readonly mode: number;
  /** Device and inode, as `device:inode`. */
  readonly id: string;
  /** The target of a link, as the link states it. */
  readonly target?: string;
}

/** Returns what the name is. Errors: `file-not-found`, `file`. */
export function entryAt(path: string): Entry {
  const stat = attempt(path, () => fs.lstatSync(path, { bigint: true }));
  const kind = stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : stat.isSymbolicLink() ? 'link' : 'other';
  return {
    kind,
    owner: Number(stat.uid),
    mode: Number(stat.mode & 0o7777n),
    id: `${String(stat.dev)}:${String(stat.ino)}`,
    ...(kind === 'link' ? { target: attempt(path, () => fs.readlinkSync(path)) } : {}),
  };
}

export function isFolder(path: string): boolean {
  try {
    return fs.statSync(path).isDirectory();
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return false;
    throw fileError(path, error);
  }
}

/** Returns the names in a folder, sorted; an empty list if the folder does not exist. */
export function listFolder(path: string): string[] {
  try {
    return fs.readdirSync(path).sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fileError(path, error);
  }
}

/**
 * Returns facts about what `path` leads to, following links. Returns undefined if it leads nowhere or cannot be read.
 */
export function factsOf(path: string): FileFacts | undefined {
  try {
    const stat = fs.statSync(path);
    const kind = stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : 'other';
    return { kind, mode: stat.mode & 0o7777, device: stat.dev };
  } catch {
    return undefined;
  }
}

/**
 * Returns whether two paths lead to the same file or folder, through links and bind mounts too. Returns false if either
 * leads nowhere.
 */
export function sameFile(one: string, other: string): boolean {
  try {
    const [a, b] = [one, other].map((path) => fs.statSync(path, { bigint: true }));
    return a?.dev === b?.dev && a?.ino === b?.ino;
  } catch {
    return false;
  }
}

/**
 * Returns whether both files have the same size and the same times of change, to the nanosecond. Nobody can give a copy
 * the change time of its original.
 */
export function sameTimes(one: string, other: string): boolean {
  try {
    const [a, b] = [one, other].map((path) => fs.statSync(path, { bigint: true }));
    return a?.size === b?.size && a?.ctimeNs === b?.ctimeNs && a?.mtimeNs === b?.mtimeNs;
  } catch {
    return false;
  }
}

export interface FileFacts {
  readonly kind: 'file' | 'folder' | 'other';
  /** The permission bits. */
  readonly mode: number;
  /** The number of the file system, the same for all its files. */
  readonly device: number;
}

const CHUNK = 1024 * 1024;

/**
 * Passes a regular file of any size to `take`, piece by piece. A piece is valid only until the next one. Errors: those
 * of `readFile`.
 */
export function readInPieces(path: string, take: (piece: Uint8Array) => void): void {
  const fd = attempt(path, () => fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK));
  try {
    const stat = attempt(path, () => fs.fstatSync(fd));
    if (!stat.isFile()) throw fileError(path, { code: 'EISDIR' });
    const buffer = new Uint8Array(Math.min(CHUNK, stat.size + 1));
    for (;;) {
      const read = attempt(path, () => fs.readSync(fd, buffer, 0, buffer.length, null));
      if (read === 0) return;
      take(buffer.subarray(0, read));
    }
  } finally {
    fs.closeSync(fd);
  }
}
