/** What the three commands of signing in stages share. */
import { MAX_PREPARED_FILE } from '../../bundle/prepared.js';
import { toHex } from '../../common/bytes.js';
import { knownError, retold, usage } from '../../common/errors.js';
import { readFile } from '../../common/files.js';
import { createFile } from '../../common/new-files.js';
import { toPgpWords } from '../../common/pgp-words.js';
import { hash } from '../../crypto/hash.js';
import type { CommandContext } from '../program/context.js';
import { checkOut } from './out-file.js';

export function readPrepared(path: string | undefined): Uint8Array {
  if (path === undefined) throw usage('no prepared file is given', { hint: 'Name what bundle prepare wrote.' });
  return readFile(path, MAX_PREPARED_FILE);
}

export function sha256Json(prepared: Uint8Array): { readonly sha256: string; readonly words: readonly string[] } {
  const sha256 = hash('sha256', prepared);
  return { sha256: toHex(sha256), words: toPgpWords(sha256) };
}

/** As `checkOut`, for a file that travels between sites and is not kept anywhere else. */
export function checkStageOut(context: CommandContext, out: string | undefined): string | undefined {
  return checkOut(context, out, 'Name a file outside, on the medium that goes to the other site: --out FILE');
}

/** Writes a file that is not kept anywhere else, after it was made. */
export function writeOut(path: string, bytes: Uint8Array): void {
  try {
    createFile(path, bytes);
  } catch (error) {
    const known = knownError(error);
    throw retold(known, `it was made, but could not be written to ${path}: ${known.message}`, {
      hint: 'Run the command again with another --out; the same thing may be signed twice.',
    });
  }
}
