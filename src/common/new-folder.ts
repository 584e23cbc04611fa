/** Writes a folder with files that appears under its name either whole or not at all. */
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { systemCode } from './errors.js';
import { attempt, exists, fileError } from './files.js';
import { syncFolder, temporaryName, writeNewFile } from './new-files.js';

export interface FolderFile {
  /** Relative to the folder, with `/`; folders on the way are made. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface FolderContent {
  readonly files: readonly FolderFile[];
  /** Folders (relative) that only their owner may open. */
  readonly closed?: readonly string[];
}

/**
 * Refuses a name that is taken, or a place where no folder can be made, before any work is done. Errors: `file-exists`,
 * `file-not-found`, `file`.
 */
export function checkFolderCreatable(path: string): void {
  if (exists(path)) throw fileError(path, { code: 'EEXIST' });
  const probe = temporaryName(path);
  attempt(path, () => fs.mkdirSync(probe, { mode: 0o700 }));
  attempt(path, () => fs.rmdirSync(probe));
}

/**
 * Writes everything into `.NAME.RANDOM.tmp` beside the target, syncs it, and then renames it. Files have mode 0644 and
 * folders 0755 (`closed` ones 0700), whatever the umask says. Errors: those of `checkFolderCreatable`, with nothing
 * left behind.
 */
export function createFolder(path: string, { files, closed = [] }: FolderContent): void {
  checkFolderCreatable(path);
  const temporary = temporaryName(path);
  try {
    const folders = foldersOf(files);
    for (const folder of folders) makeIn(temporary, folder, path);
    for (const file of files) {
      const target = join(temporary, file.path);
      writeNewFile(target, file.bytes, 0o644, path);
      setMode(target, 0o644, path);
    }
    // Folders are closed last, when everything inside has been written.
    for (const folder of [...folders].reverse()) {
      setMode(join(temporary, folder), closed.includes(folder) ? 0o700 : 0o755, path);
      syncFolder(join(temporary, folder));
    }
    // rename() would replace an empty folder, though nothing else.
    if (exists(path)) throw fileError(path, { code: 'EEXIST' });
    attempt(path, () => {
      fs.renameSync(temporary, path);
    });
  } catch (error) {
    fs.rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
  syncFolder(dirname(path));
}

/** Returns every folder, each after its parent; the empty string is the top. */
function foldersOf(files: readonly FolderFile[]): readonly string[] {
  const folders = new Set(['']);
  for (const { path } of files) {
    const parts = path.split('/').slice(0, -1);
    parts.forEach((_, i) => folders.add(parts.slice(0, i + 1).join('/')));
  }
  return [...folders];
}

function makeIn(top: string, folder: string, shown: string): void {
  attempt(shown, () => fs.mkdirSync(join(top, folder), { mode: 0o755 }));
}

function setMode(path: string, mode: number, shown: string): void {
  try {
    fs.chmodSync(path, mode);
  } catch (error) {
    // File systems of removable media may not support modes.
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP'].includes(systemCode(error) ?? '')) throw fileError(shown, error);
  }
}
