/**
 * The allowed_signers file (ssh-keygen(1), "ALLOWED SIGNERS"): whose keys count. Its lines are for ssh-keygen to read.
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
  /** Hex. */
  readonly sha256: string;
  /** Whether it lies in the authority, where whoever can write a transcript can write it as well. */
  readonly fromAuthority: boolean;
}

/**
 * The file that was `named`, else the authority's own; undefined where there is none. Errors: `wildcard-principal`,
 * `bad-signer-line`, those of `readFile`.
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

/** Who the names are that people sign by, for an authority. Errors: `wildcard-principal`, `bad-signer-line`. */
export function signerNamesFor(dir: string): SignerNames {
  const found = allowedSignersFor(undefined, dir);
  return {
    known: found && namesOn(found.bytes),
    personOf: personsOf(found?.bytes ?? new Uint8Array()),
  };
}
