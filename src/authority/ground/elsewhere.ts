/**
 * Checks paths to key files on other media. A file that others can write may have named them, and nothing that this
 * program writes may be diverted on the way there.
 */
import { dirname, join, resolve } from 'node:path';
import { BY_OTHERS, entryAt, exists, sameFile, STICKY } from '../../common/files.js';
import { FOLDERS, inAuthority } from './layout.js';
import { liesInside } from './outside.js';

const MAX_LINKS = 40;

/**
 * Returns, in plain words, why nothing may be written at an absolute path: it lies in the authority, as written or
 * through links, or somebody else can change a link on the way. Returns undefined if writing is allowed, or if its
 * folder does not exist.
 */
export function elsewhereFault(dir: string, path: string): string | undefined {
  const own = [dir, ...FOLDERS.map((folder) => inAuthority(dir, folder))];
  const above = foldersAbove(path);
  const within = above.some((folder) => own.some((one) => sameFile(one, folder)));
  if (within || path.startsWith(`${resolve(dir)}/`) || liesInside(dir, dirname(path)))
    return 'it is in the authority, where keys have paths relative to it';
  return linkFault(dirname(path));
}

/** Returns the folders from the top down, as written. */
function foldersAbove(path: string): string[] {
  const above = dirname(path);
  return above === path ? [] : [...foldersAbove(above), above];
}

/** Checks each link, and then what it leads to. */
function linkFault(folder: string): string | undefined {
  const todo = partsOf(folder);
  let at = '/';
  for (let links = 0; todo.length > 0;) {
    const part = todo.shift() ?? '.';
    const next = part === '..' ? dirname(at) : join(at, part);
    if (!exists(next)) return undefined;
    const entry = entryAt(next);
    if (entry.target === undefined) {
      at = next;
      continue;
    }
    const { owner, mode } = entryAt(at);
    const others = isAnothers(owner) || ((mode & BY_OTHERS) !== 0 && (mode & STICKY) === 0);
    if (others || isAnothers(entry.owner) || ++links > MAX_LINKS)
      return `the way there goes through the link ${next}, which somebody else can change`;
    todo.unshift(...partsOf(entry.target));
    if (entry.target.startsWith('/')) at = '/';
  }
  return undefined;
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

function isAnothers(owner: number): boolean {
  return owner !== 0 && owner !== process.geteuid?.();
}
