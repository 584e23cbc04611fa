/** Vectors that an independent implementation made; they lie beside the project, and are not part of it. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, test } from '@jest/globals';

const FOLDER = fileURLToPath(new URL('../../../shared/vectors/', import.meta.url));

/** The parsed JSON of one file, such as `phoenix/chains.json`; undefined where the folder isn't there. */
function sharedVectors(name: string): unknown {
  return existsSync(FOLDER) ? (JSON.parse(readFileSync(FOLDER + name, 'utf8')) as unknown) : undefined;
}

/**
 * Tests over a file of shared vectors (`define` says their type, which nothing checks); one visibly skipped line where
 * the folder isn't there.
 */
export function describeWithVectors(name: string, define: (vectors: never) => void): void {
  const vectors = sharedVectors(name);
  describe(`shared vectors ${name}`, () => {
    if (vectors === undefined) test.skip('SKIPPED: the folder of shared vectors is not here', () => undefined);
    else define(vectors as never);
  });
}
