/**
 * The only place that touches files. Reading is bounded and follows no surprise (folders, devices);
 * writing never overwrites: a new file appears whole under its name, or not at all.
 */
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { couldNot, systemCode, type CeremonyError } from './errors.js';
import { toHex, utf8, wipe } from './bytes.js';

export const MAX_CREDENTIAL_FILE = 64 * 1024;
export const MAX_BUNDLE_FILE = 1024 * 1024;
export const MAX_TEXT_FILE = 1024 * 1024;
const MAX_SECRET_FILE = 4096;

const HINTS: Readonly<Record<string, readonly [string, string]>> = {
  ENOENT: ['does not exist', 'Check the path.'],
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
  ELOOP: ['goes through too many links', 'Check the path.'],
  ENAMETOOLONG: ['is too long a name', 'Choose a shorter name.'],
};

/** A system error about `path` in plain words, exit 3. */
export function fileError(path: string, error: unknown): CeremonyError {
  const system = systemCode(error) ?? 'EIO';
  const [what, hint] = HINTS[system] ?? [`failed with ${system}`, 'Check the device that holds it.'];
  const code = system === 'EEXIST' ? 'file-exists' : system === 'ENOENT' ? 'file-not-found' : 'file';
  return couldNot(code, `${path} ${what}`, { hint, cause: error });
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw fileError(path, error);
  }
}

/** Reads at most `limit` bytes from an open descriptor; one byte more is refused. */
function readDescriptor(fd: number, path: string, limit: number): Uint8Array {
  const buffer = new Uint8Array(limit + 1);
  let length = 0;
  for (;;) {
    const read = attempt(path, () => fs.readSync(fd, buffer, length, buffer.length - length, null));
    if (read === 0) return buffer.slice(0, length);
    length += read;
    if (length > limit) {
      throw couldNot('file-too-large', `${path} is larger than ${String(limit)} bytes`, {
        hint: 'Check that this is the file you mean.',
      });
    }
  }
}

/**
 * A whole file of at most `limit` bytes; `-` is standard input.
 * Errors: `file-not-found`, `file-too-large`, `file` (a folder, no permission, a device error), all exit 3.
 */
export function readFile(path: string, limit: number): Uint8Array {
  if (path === '-') return readDescriptor(0, 'standard input', limit);
  const fd = attempt(path, () => fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK));
  try {
    const stat = attempt(path, () => fs.fstatSync(fd));
    if (stat.isDirectory()) throw fileError(path, { code: 'EISDIR' });
    if (!stat.isFile()) {
      throw couldNot('file', `${path} is neither a file nor -`, {
        hint: 'Name a regular file, or - for standard input.',
      });
    }
    if (stat.size > limit) {
      throw couldNot('file-too-large', `${path} has ${String(stat.size)} bytes; at most ${String(limit)} are read`, {
        hint: 'Check that this is the file you mean.',
      });
    }
    return readDescriptor(fd, path, limit);
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * A secret from the first line of a file or of `/dev/fd/N`. The caller wipes it.
 * A regular file that its group or others can read is refused (`secret-file-exposed`), and so is an empty secret.
 */
export function readSecretFile(path: string): Uint8Array {
  const fd = attempt(path, () => fs.openSync(path, fs.constants.O_RDONLY));
  let content: Uint8Array;
  try {
    const stat = attempt(path, () => fs.fstatSync(fd));
    if (stat.isDirectory()) throw fileError(path, { code: 'EISDIR' });
    if (stat.isFile() && (stat.mode & 0o077) !== 0) {
      throw couldNot('secret-file-exposed', `${path} can be read by others (mode ${(stat.mode & 0o777).toString(8)})`, {
        hint: `Run: chmod 600 ${path}`,
      });
    }
    content = readDescriptor(fd, path, MAX_SECRET_FILE);
  } finally {
    fs.closeSync(fd);
  }
  const newline = content.indexOf(0x0a);
  const end = newline < 0 ? content.length : content[newline - 1] === 0x0d ? newline - 1 : newline;
  const secret = content.slice(0, end);
  const rest = newline < 0 ? content.length : newline + 1;
  const more = rest < content.length;
  wipe(content);
  if (secret.length === 0 || more) {
    wipe(secret);
    throw couldNot(
      'bad-secret-file',
      `${path} ${more ? 'has more than one line' : 'has no secret in its first line'}`,
      {
        hint: 'Write the secret alone, on one line.',
      },
    );
  }
  return secret;
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

/** The path without links, where it leads to something; else as it is. */
export function realPath(path: string): string {
  try {
    return fs.realpathSync(path);
  } catch {
    return path;
  }
}

export function isFolder(path: string): boolean {
  return fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Names in a folder, sorted; none where the folder doesn't exist. */
export function listFolder(path: string): string[] {
  try {
    return fs.readdirSync(path).sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw fileError(path, error);
  }
}

/** Makes a folder (and its parents) that lasts a power cut. */
export function makeFolder(path: string, mode = 0o755): void {
  if (isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent, mode);
  attempt(path, () => {
    try {
      fs.mkdirSync(path, { mode });
    } catch (error) {
      if (systemCode(error) !== 'EEXIST' || !isFolder(path)) throw error;
    }
    syncFolder(parent);
  });
}

/** fsync of a folder, so that the names in it last a power cut. */
export function syncFolder(path: string): void {
  const fd = attempt(path, () => fs.openSync(path, 'r'));
  try {
    fs.fsyncSync(fd);
  } catch (error) {
    // Some file systems of removable media have no fsync for folders.
    if (systemCode(error) !== 'EINVAL' && systemCode(error) !== 'ENOTSUP') throw fileError(path, error);
  } finally {
    fs.closeSync(fd);
  }
}

/** Writes and syncs a file under a name that nobody has; removed again where writing fails. */
export function writeNewFile(path: string, bytes: Uint8Array, mode = 0o644): void {
  const fd = attempt(path, () => fs.openSync(path, 'wx', mode));
  try {
    try {
      let written = 0;
      while (written < bytes.length) written += fs.writeSync(fd, bytes, written);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  } catch (error) {
    fs.rmSync(path, { force: true });
    throw fileError(path, error);
  }
}

/** Gives `from` the name `to` if nobody has that name; false where it is taken. Both are in one file system. */
export function claimName(from: string, to: string): boolean {
  try {
    fs.linkSync(from, to);
    fs.unlinkSync(from);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP'].includes(systemCode(error) ?? '')) throw fileError(to, error);
  }
  // No hard links here (FAT on removable media): claim the name with an empty file of our own, then take its place.
  try {
    fs.closeSync(fs.openSync(to, 'wx'));
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw fileError(to, error);
  }
  attempt(to, () => {
    fs.renameSync(from, to);
  });
  return true;
}

/**
 * Creates `path` with these bytes, whole and lasting, or fails without a trace.
 * Errors: `file-exists` where the name is taken, `file` for the rest; exit 3.
 */
export function createFile(path: string, bytes: Uint8Array, mode = 0o644): void {
  if (exists(path)) throw fileError(path, { code: 'EEXIST' });
  const temporary = temporaryName(path);
  writeNewFile(temporary, bytes, mode);
  try {
    if (!claimName(temporary, path)) throw fileError(path, { code: 'EEXIST' });
  } finally {
    fs.rmSync(temporary, { force: true });
  }
  syncFolder(dirname(path));
}

/** Puts new contents in the place of a file that this tool keeps for itself (a lock, a settings file that was shown). */
export function replaceFile(path: string, bytes: Uint8Array, mode = 0o644): void {
  const temporary = temporaryName(path);
  writeNewFile(temporary, bytes, mode);
  try {
    attempt(path, () => {
      fs.renameSync(temporary, path);
    });
  } finally {
    fs.rmSync(temporary, { force: true });
  }
  syncFolder(dirname(path));
}

export function removeFile(path: string): void {
  attempt(path, () => {
    fs.rmSync(path, { force: true });
  });
  syncFolder(dirname(path));
}

/** `.NAME.RANDOM.tmp` in the same folder; what a crash leaves of it is recognised by that shape. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${toHex(crypto.getRandomValues(new Uint8Array(6)))}.tmp`);
}

export const TEMPORARY_NAME = /^\..+\.[0-9a-f]{12}\.tmp$/;

/** Gives `from` the name `to`, in place of what had it. Only for the tool's own lock, and to finish an interrupted `claimName`. */
export function renameFile(from: string, to: string): void {
  attempt(to, () => {
    fs.renameSync(from, to);
  });
}

const MEMORY_DEVICES = 1;

/** Whether an open descriptor may be a terminal: a character device, and not one such as /dev/null. */
export function mayBeTerminal(fd: number): boolean {
  try {
    const stat = fs.fstatSync(fd);
    return stat.isCharacterDevice() && stat.rdev >> 8 !== MEMORY_DEVICES;
  } catch {
    return false;
  }
}

/** Writes text to an open descriptor (standard output or error), all of it; a reader that has gone away is no error. */
export function writeDescriptor(fd: number, text: string): void {
  const bytes = utf8(text);
  let written = 0;
  while (written < bytes.length) {
    try {
      written += fs.writeSync(fd, bytes, written);
    } catch (error) {
      const code = systemCode(error);
      if (code === 'EPIPE' || code === 'EBADF') return;
      // A pipe that whoever started us set to non-blocking: wait until it is read.
      if (code !== 'EAGAIN') throw fileError(fd === 1 ? 'standard output' : 'standard error', error);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
