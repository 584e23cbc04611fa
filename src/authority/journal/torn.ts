/** What a crash tore at the end of a transcript: kept beside it, and taken away from it. */
import { toHex } from '../../common/bytes.js';
import { hash } from '../../crypto/hash.js';
import * as inside from '../ground/inside.js';

/** Keeps `torn`, which lies behind the first `length` bytes of a transcript (relative to the authority), and cuts it off. Returns its SHA-256 (hex). */
export function setAside(dir: string, path: string, length: number, torn: Uint8Array): string {
  const sha256 = toHex(hash('sha256', torn));
  const aside = `${path}.torn-${sha256.slice(0, 16)}`;
  // The same piece once only, where a crash came between keeping it and cutting it off.
  if (!inside.existsInside(dir, aside)) inside.createInside(dir, aside, torn);
  inside.truncateInside(dir, path, length);
  return sha256;
}
