/**
 * The allowed_signers file (ssh-keygen(1), "ALLOWED SIGNERS"), which says whose keys count. ssh-keygen itself reads its
 * lines.
 */
import { existsInside, readInside } from '../../authority/ground/inside.js';
import { ALLOWED_SIGNERS_FILE, inAuthority } from '../../authority/ground/layout.js';
import { toHex } from '../../common/bytes.js';
import { MAX_TEXT_FILE, readFile } from '../../common/files.js';
import { hash } from '../../crypto/hash.js';
import type { SignerNames } from './people.js';
import { checkSignerLines, namesOn, personsOf } from './signer-lines.js';

export interface AllowedSigners {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** In hex. */
  readonly sha256: string;
  /** Whether it is in the authority, where whoever can write a transcript can write this file too. */
  readonly fromAuthority: boolean;
}

/**
 * Returns the file that was `named`, or else the authority's own; undefined if there is none. Errors:
 * `wildcard-principal`, `bad-signer-line`, those of `readFile`.
 */
export function allowedSignersFor(named: string | undefined, dir: string | undefined): AllowedSigners | undefined {
  if (named !== undefined) return signersIn(named, readFile(named, MAX_TEXT_FILE), false);
  if (dir === undefined || !existsInside(dir, ALLOWED_SIGNERS_FILE)) return undefined;
  const bytes = readInside(dir, ALLOWED_SIGNERS_FILE, MAX_TEXT_FILE);
  return signersIn(inAuthority(dir, ALLOWED_SIGNERS_FILE), bytes, true);
}

function signersIn(path: string, bytes: Uint8Array, fromAuthority: boolean): AllowedSigners {
  checkSignerLines(path, bytes);
  return { path, bytes, sha256: toHex(hash('sha256', bytes)), fromAuthority };
}

/**
 * Returns which persons the names of an authority's signers stand for. Errors: `wildcard-principal`, `bad-signer-line`.
 */
export function signerNamesFor(dir: string): SignerNames {
  const found = allowedSignersFor(undefined, dir);
  return {
    known: found && namesOn(found.bytes),
    personOf: personsOf(found?.bytes ?? new Uint8Array()),
  };
}
