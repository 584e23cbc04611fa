/** Finds the optional packages, which have native code. Every other package is bundled into the program. */
import { basename, dirname, join } from 'node:path';
import { factsOf } from '../common/files.js';

/** The program's folder, whether it runs from `dist/program/` or from `src/signer/`. */
const ROOT = dirname(dirname(import.meta.dirname));

/**
 * Checks that a package is in the program's own `node_modules`, or in those that the program is installed in. Node
 * would search every folder above as well, where others may have put one. Throws an `Error` that names both places if
 * it is in neither.
 */
export function mustBeInstalled(name: string): void {
  const beside = dirname(ROOT);
  const places = [join(ROOT, 'node_modules'), ...(basename(beside) === 'node_modules' ? [beside] : [])];
  if (!places.some((place) => factsOf(join(place, name))?.kind === 'folder'))
    throw new Error(`cannot find package ${name} in ${places.join(' or ')}`);
}
