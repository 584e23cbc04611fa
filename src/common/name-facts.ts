/**
 * Facts about a name itself, for folders where others may have put links, or further names of files that belong
 * elsewhere.
 */
import * as fs from 'node:fs';
import { systemCode } from './errors.js';
import { attempt, fileError, readAndClose, READING } from './files.js';

/** What a name itself is. A link counts as a link, whatever it leads to. */
export interface NameFacts {
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  /** How many names (hard links) the file has. */
  readonly names: number;
  /** The owner's user ID. */
  readonly owner: number;
  /** The permission bits. */
  readonly mode: number;
  /** The size in bytes. */
  readonly size: number;
  /** The file system and the file's number in it: the same for two names of one file. */
  readonly identity: string;
  /** When the contents last changed, in Unix seconds, rounded down. */
  readonly changedSeconds: number;
}

/** Returns the facts about a name, or undefined if there is nothing of that name. Error: `file`. */
export function nameFactsOf(path: string, shown = path): NameFacts | undefined {
  try {
    return nameFacts(fs.lstatSync(path));
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined;
    throw fileError(shown, error);
  }
}

function nameFacts(stat: fs.Stats): NameFacts {
  const kind = stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : stat.isSymbolicLink() ? 'link' : 'other';
  const identity = `${String(stat.dev)}:${String(stat.ino)}`;
  const changedSeconds = Math.floor(stat.mtimeMs / 1000);
  const { nlink: names, uid: owner, size } = stat;
  return { kind, names, owner, mode: stat.mode & 0o7777, size, identity, changedSeconds };
}

/**
 * Reads a file as `readFile` does, but refuses a name that is a link. `judge` throws if the opened file must not be
 * read. Errors name it as `shown`.
 */
export function readNoLink(path: string, limit: number, shown: string, judge: (facts: NameFacts) => void): Uint8Array {
  const fd = attempt(shown, () => fs.openSync(path, READING | fs.constants.O_NOFOLLOW));
  return readAndClose(fd, limit, shown, (stat) => judge(nameFacts(stat)));
}

/**
 * Returns the file system and number of what `path` leads to, which are the same for two paths to one file. Returns
 * undefined if it leads nowhere or cannot be read.
 */
export function identityOf(path: string): string | undefined {
  try {
    return nameFacts(fs.statSync(path)).identity;
  } catch {
    return undefined;
  }
}
