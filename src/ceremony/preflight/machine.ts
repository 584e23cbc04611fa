/** What the checks see of a machine. Tests supply recorded ones; nothing else in this folder reads the system. */
import { join } from 'node:path';
import { equalBytes, linesFrom } from '../../common/bytes.js';
import { couldNot } from '../../common/errors.js';
import { fileSystemOf } from '../../common/file-system.js';
import { factsOf, type FileFacts, listFolder, readFile, realPath } from '../../common/files.js';
import { type NameFacts, nameFactsOf } from '../../common/name-facts.js';
import { removeFile, temporaryName, writeNewFile } from '../../common/new-files.js';
import { originOf } from '../../signer/pkcs11/root-only.js';

export interface Machine {
  /** As Node names it: `linux`, `darwin`, … */
  readonly platform: string;
  /** The user who runs the program; undefined if users have no numbers. */
  readonly userId: number | undefined;
  /** The environment of this process. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Options that Node was started with, such as `--require=x.js`, but not those in NODE_OPTIONS. */
  readonly nodeOptions: readonly string[];
  /** Returns a small file of the system, such as `/proc/swaps`, or undefined if it does not exist or cannot be read. */
  readonly text: (path: string) => string | undefined;
  /** Returns the names in a folder of the system, or undefined if it does not exist or cannot be read. */
  readonly names: (path: string) => readonly string[] | undefined;
  readonly facts: (path: string) => FileFacts | undefined;
  /** Returns what a name is, without following links, or undefined if it does not exist or cannot be read. */
  readonly named: (path: string) => NameFacts | undefined;
  readonly fileSystem: (path: string) => { readonly type: number; readonly freeBytes: number } | undefined;
  /** Returns the path with its links resolved. */
  readonly realPath: (path: string) => string;
  /**
   * Returns sentences that say why somebody other than root could have put the file there to which a path leads; empty
   * if nobody could, or the system does not show it.
   */
  readonly othersThanRoot: (path: string) => readonly string[];
  /**
   * Writes a new file into a folder, reads it back, and removes it. Errors: those of `writeNewFile`; `file` if it reads
   * back differently.
   */
  readonly tryWriting: (folder: string, bytes: Uint8Array) => void;
}

const MAX_SYSTEM_FILE = 64 * 1024 * 1024;

/** Returns the machine on which this runs; `/proc` and `/sys` may be below another `root`. */
export function thisMachine(root = '/'): Machine {
  return {
    platform: process.platform,
    userId: process.geteuid?.(),
    variables: process.env,
    nodeOptions: process.execArgv,
    text: (path) => attempted(() => linesFrom(readFile(join(root, path), MAX_SYSTEM_FILE)).join('\n')),
    names: (path) =>
      factsOf(join(root, path))?.kind === 'folder' ? attempted(() => listFolder(join(root, path))) : undefined,
    facts: factsOf,
    named: (path) => attempted(() => nameFactsOf(path)),
    fileSystem: fileSystemOf,
    realPath,
    othersThanRoot: (path) => attempted(() => originOf(path).others) ?? [],
    tryWriting,
  };
}

/** Returns undefined for a file of the system that cannot be read. */
function attempted<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

function tryWriting(folder: string, bytes: Uint8Array): void {
  const path = temporaryName(join(folder, 'as-ceremony'));
  writeNewFile(path, bytes, 0o600, folder);
  try {
    if (!equalBytes(readFile(path, bytes.length), bytes)) {
      throw couldNot('file', `${folder} gives back other bytes than were written`, { hint: 'Use another medium.' });
    }
  } finally {
    removeFile(path);
  }
}
