/** `--out F`: a copy of what was made, outside the authority. */
import { resolve } from 'node:path';
import { CeremonyError, couldNot, messageOf } from '../common/errors.js';
import { readFile } from '../common/files.js';
import { checkCreatable, createFile } from '../common/new-files.js';

const MAX_COPY = 1024 * 1024;

/** Refuses an output that exists, or whose folder can't be written, before anything is signed. Returns the absolute path. */
export function checkOut(out: string | undefined): string | undefined {
  if (out === undefined) return undefined;
  const path = resolve(out);
  checkCreatable(path);
  return path;
}

/** Copies what the authority keeps at `kept` to `path`, if there is one, and says where the result lies. */
export function copyOut(kept: string, path: string | undefined): string {
  if (path === undefined) return kept;
  try {
    createFile(path, readFile(kept, MAX_COPY));
    return path;
  } catch (error) {
    const code = error instanceof CeremonyError ? error.code : 'file';
    throw couldNot(code, `it was made, and lies at ${kept}, but could not be copied to ${path}: ${messageOf(error)}`, {
      hint: `Copy ${kept} yourself; do not run the command again.`,
      cause: error,
    });
  }
}
