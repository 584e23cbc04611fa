/** Secrets from files and open descriptors, and the program's own output. */
import * as fs from 'node:fs';
import { utf8, wipe } from './bytes.js';
import { couldNot, systemCode } from './errors.js';
import { attempt, fileError, readDescriptor, READING, tooLarge } from './files.js';
import { shellWord } from './shell.js';

const MAX_SECRET_FILE = 4096;

/**
 * Reads a secret from the first line of a file or of `/dev/fd/N`. The caller wipes it. Errors: `secret-file-exposed` if
 * others can read or write the file or named pipe, or if another user owns it; an empty secret is refused too.
 */
export async function readSecretFile(path: string): Promise<Uint8Array> {
  // Checked before it is opened too, since opening a pipe already tells whoever writes into it.
  checkNobodyElses(
    path,
    attempt(path, () => fs.statSync(path)),
  );
  const fd = attempt(path, () => fs.openSync(path, READING));
  let content: Uint8Array;
  try {
    const stat = attempt(path, () => fs.fstatSync(fd));
    if (stat.isDirectory()) throw fileError(path, { code: 'EISDIR' });
    checkNobodyElses(path, stat);
    content = stat.isFile()
      ? readDescriptor(fd, path, MAX_SECRET_FILE)
      : await readWaiting(fd, path, stat.isFIFO() && hasName(path));
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

const PAUSE_MS = 20;

/**
 * Reads a pipe or a device to its end. It polls, since a call that blocks in the system would block Ctrl-C as well.
 * `named` means a named pipe, which somebody may not have opened for writing yet.
 */
async function readWaiting(fd: number, path: string, named: boolean): Promise<Uint8Array> {
  const buffer = new Uint8Array(MAX_SECRET_FILE + 1);
  try {
    let length = 0;
    for (let begun = !named; ;) {
      const read = readNow(fd, path, buffer.subarray(length));
      begun ||= read !== 0;
      length += read ?? 0;
      if (length > MAX_SECRET_FILE) throw tooLarge(path, MAX_SECRET_FILE);
      if (read === 0 && begun) return buffer.slice(0, length);
      if (read === undefined || read === 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  } finally {
    wipe(buffer);
  }
}

/** Returns how many bytes were read, or undefined if none have arrived yet but the pipe still has a writer. */
function readNow(fd: number, path: string, into: Uint8Array): number | undefined {
  try {
    return fs.readSync(fd, into);
  } catch (error) {
    if (systemCode(error) === 'EAGAIN') return undefined;
    throw fileError(path, error);
  }
}

/**
 * Refuses a file that others can read, since they would have the secret, or write, since they could choose it. Its
 * owner can do both.
 */
function checkNobodyElses(path: string, stat: fs.Stats): void {
  if (!stat.isFile() && !stat.isFIFO()) return;
  if ((stat.mode & 0o077) !== 0) {
    throw couldNot('secret-file-exposed', `${path} can be read by others (mode ${(stat.mode & 0o777).toString(8)})`, {
      hint: `Run: chmod 600 ${shellWord(path)}`,
    });
  }
  const self = process.geteuid?.() ?? stat.uid;
  if (stat.uid !== self && stat.uid !== 0 && hasName(path)) {
    throw couldNot(
      'secret-file-exposed',
      `${path} belongs to another user (${String(stat.uid)}, and ${String(self)} runs this)`,
      {
        hint: 'Its owner can read and change it. Put the secret into a file of your own, with mode 600.',
      },
    );
  }
}

/**
 * Returns whether the path is a name in a folder. An open pipe between two processes has none, and may belong to
 * anybody.
 */
function hasName(path: string): boolean {
  try {
    fs.realpathSync(path);
    return true;
  } catch {
    return false;
  }
}

const MEMORY_DEVICES = 1;
const DESCRIPTORS = ['standard input', 'standard output', 'standard error'];

/** Opens the terminal that the process belongs to, whatever its standard streams are. Returns undefined without one. */
export function openTerminal(): number | undefined {
  try {
    return fs.openSync('/dev/tty', 'r+');
  } catch {
    return undefined;
  }
}

/** Returns whether an open descriptor may be a terminal: a character device, but not one such as /dev/null. */
export function mayBeTerminal(fd: number): boolean {
  try {
    const stat = fs.fstatSync(fd);
    return stat.isCharacterDevice() && stat.rdev >> 8 !== MEMORY_DEVICES;
  } catch {
    return false;
  }
}

/**
 * Returns whether a descriptor is open. One that is open but not writable is a mistake of the caller's; one that was
 * closed is intended.
 */
function isOpen(fd: number): boolean {
  try {
    fs.fstatSync(fd);
    return true;
  } catch {
    return false;
  }
}

/**
 * Writes all of a text to an open descriptor (standard output or error). It is no error if the reader has gone away.
 */
export function writeDescriptor(fd: number, text: string): void {
  const bytes = utf8(text);
  let written = 0;
  while (written < bytes.length) {
    try {
      written += fs.writeSync(fd, bytes, written);
    } catch (error) {
      const code = systemCode(error);
      if (code === 'EPIPE' || (code === 'EBADF' && !isOpen(fd)) || (code === 'EIO' && mayBeTerminal(fd))) return;
      // The parent process made the pipe non-blocking: wait until it has been read.
      if (code !== 'EAGAIN') throw fileError(DESCRIPTORS[fd] ?? 'the terminal', error);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
