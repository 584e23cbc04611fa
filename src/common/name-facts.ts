/**
 * What names are themselves: for places where others may have put links, and second names of files that lie elsewhere.
 */
import * as fs from 'node:fs';
import { systemCode } from './errors.js';
import { attempt, fileError, readAndClose, READING } from './files.js';

/** What a name itself is; a link is a link, whatever it leads to. */
export interface NameFacts {
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  /** How many names the file has. */
  readonly names: number;
  /** The number of the user whose it is. */
  readonly owner: number;
  /** Permission bits. */
  readonly mode: number;
  /** Bytes. */
  readonly size: number;
  /** File system and number in it: the same for two names of one file. */
  readonly identity: string;
  /** Unix seconds of the last change of the contents, rounded down. */
  readonly changedSeconds: number;
}

/** Undefined where there is nothing of that name. Error: `file`. */
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
 * As `readFile`, of a name that may be no link; `judge` throws where the file that was opened isn't one to be read.
 * Errors name it as `shown`.
 */
export function readNoLink(path: string, limit: number, shown: string, judge: (facts: NameFacts) => void): Uint8Array {
  const fd = attempt(shown, () => fs.openSync(path, READING | fs.constants.O_NOFOLLOW));
  return readAndClose(fd, limit, shown, (stat) => judge(nameFacts(stat)));
}

/**
 * File system and number of what `path` leads to: the same for two paths to one file. Undefined where there is nothing,
 * or it can't be seen.
 */
export function identityOf(path: string): string | undefined {
  try {
    return nameFacts(fs.statSync(path)).identity;
  } catch {
    return undefined;
  }
}
