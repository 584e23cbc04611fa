/** What is made for elsewhere does not go into the authority. */
import { dirname, sep } from 'node:path';
import { usage } from '../common/errors.js';
import { exists, realPath } from '../common/files.js';

/** What others than the tool itself put into the authority at `dir` is damage to it, or looks like that. Error: `usage`. */
export function checkOutside(dir: string, path: string, hint: string): void {
  const parent = dirname(path);
  // Where one of them isn't there, that is said by whoever needs it.
  if (!exists(dir) || !exists(parent)) return;
  const [inside, authority] = [realPath(parent), realPath(dir)];
  if (inside !== authority && !inside.startsWith(`${authority}${sep}`)) return;
  throw usage(`${path} would lie inside the authority ${authority}`, { hint });
}
