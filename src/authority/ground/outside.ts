/** Keeps files that are made for use elsewhere out of the authority. */
import { dirname, sep } from 'node:path';
import { usage } from '../../common/errors.js';
import { exists, realPath, sameFile } from '../../common/files.js';
import { FOLDERS, inAuthority } from './layout.js';

/**
 * Refuses a path in the authority at `dir`: a file there that the tool itself did not put there is damage, or looks
 * like it. Error: `usage`.
 */
export function checkOutside(dir: string, path: string, hint: string): void {
  const parent = dirname(path);
  // If one of them does not exist, whoever needs it reports that.
  if (!exists(dir) || !exists(parent)) return;
  const [inside, authority] = [realPath(parent), realPath(dir)];
  if (inside !== authority && !inside.startsWith(`${authority}${sep}`)) return;
  throw usage(`${path} would be inside the authority ${authority}`, { hint });
}

/** Returns whether `path` leads into the authority at `dir`, also through links and bind mounts. */
export function liesInside(dir: string, path: string): boolean {
  return liesBelow([dir, ...FOLDERS.map((folder) => inAuthority(dir, folder))], path);
}

/** Returns whether `path` leads to one of these folders, or into it, in the same way. */
export function liesBelow(folders: readonly string[], path: string): boolean {
  for (let at = realPath(path); ; at = dirname(at)) {
    const here = at;
    if (folders.some((folder) => sameFile(folder, here))) return true;
    if (dirname(at) === at) return false;
  }
}
