/** Optional packages with native code; everything else that the program uses is inside it. */
import { basename, dirname, join } from 'node:path';
import { factsOf } from '../common/files.js';

/** The program's folder, whether it runs from `dist/program/` or from `src/signer/`. */
const ROOT = dirname(dirname(import.meta.dirname));

/**
 * Whether the package lies in the program's own `node_modules`, or in those that the program is installed in. Node
 * would look in every folder above, too, and there others may have put one. Throws an `Error` that names both places
 * where it lies in neither.
 */
export function mustBeInstalled(name: string): void {
  const beside = dirname(ROOT);
  const places = [join(ROOT, 'node_modules'), ...(basename(beside) === 'node_modules' ? [beside] : [])];
  if (!places.some((place) => factsOf(join(place, name))?.kind === 'folder'))
    throw new Error(`cannot find package ${name} in ${places.join(' or ')}`);
}
