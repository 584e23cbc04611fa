/** Keeps what a crash tore at the end of a transcript in a file beside it, and cuts it off. */
import { equalBytes, toHex } from '../../common/bytes.js';
import { attemptQuietly, couldNot } from '../../common/errors.js';
import { hash } from '../../crypto/hash.js';
import * as inside from '../ground/inside.js';
import { inAuthority } from '../ground/layout.js';

/**
 * Keeps `torn`, which follows the first `length` bytes of a transcript (relative to the authority), and cuts it off.
 * Returns its SHA-256 (hex). Error: `authority-damaged` if another file has its place beside the transcript.
 */
export function setAside(dir: string, path: string, length: number, torn: Uint8Array): string {
  const sha256 = toHex(hash('sha256', torn));
  keep(dir, `${path}.torn-${sha256.slice(0, 16)}`, torn);
  inside.truncateInside(dir, path, length);
  return sha256;
}

/** Keeps a piece only once, even if a crash came between keeping it and cutting it off. */
function keep(dir: string, path: string, torn: Uint8Array): void {
  // Without hard links a crash can leave the name before its contents.
  if (inside.factsInside(dir, path)?.size === 0) inside.removeInside(dir, path);
  if (!inside.existsInside(dir, path)) inside.createInside(dir, path, torn);
  const kept = attemptQuietly(() => inside.readInside(dir, path, torn.length));
  if (kept !== undefined && equalBytes(kept, torn)) return;
  throw couldNot('authority-damaged', `${inAuthority(dir, path)} is not what a crash tore off its transcript`, {
    hint: 'Nothing was cut off. Find out who made it, move it away, and run the command again.',
  });
}
