/** What is made for elsewhere does not go into the authority. */
import { dirname, sep } from 'node:path';
import { usage } from '../../common/errors.js';
import { exists, realPath, sameFile } from '../../common/files.js';
import { FOLDERS, inAuthority } from './layout.js';

/**
 * What others than the tool itself put into the authority at `dir` is damage to it, or looks like that. Error: `usage`.
 */
export function checkOutside(dir: string, path: string, hint: string): void {
  const parent = dirname(path);
  // Where one of them isn't there, that is said by whoever needs it.
  if (!exists(dir) || !exists(parent)) return;
  const [inside, authority] = [realPath(parent), realPath(dir)];
  if (inside !== authority && !inside.startsWith(`${authority}${sep}`)) return;
  throw usage(`${path} would be inside the authority ${authority}`, { hint });
}

/**
 * Whether what `path` leads to lies in the authority at `dir`, whichever way leads there: links and bind mounts are
 * looked through.
 */
export function liesInside(dir: string, path: string): boolean {
  return liesBelow([dir, ...FOLDERS.map((folder) => inAuthority(dir, folder))], path);
}

/** Whether what `path` leads to is one of these folders, or lies in it, in the same way. */
export function liesBelow(folders: readonly string[], path: string): boolean {
  for (let at = realPath(path); ; at = dirname(at)) {
    const here = at;
    if (folders.some((folder) => sameFile(folder, here))) return true;
    if (dirname(at) === at) return false;
  }
}
