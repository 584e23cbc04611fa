/** `--out F`: a copy of what was made, outside the authority. */
import { resolve } from 'node:path';
import { readAnywhere } from '../../authority/ground/anywhere.js';
import { checkOutside } from '../../authority/ground/outside.js';
import { knownError, retold } from '../../common/errors.js';
import { checkCreatable, createFile } from '../../common/new-files.js';
import type { OperationContext } from '../../operations/context/operation-context.js';
import type { CommandContext } from '../program/context.js';

const MAX_COPY = 1024 * 1024;

/**
 * Refuses an output that exists, that is in the authority, or whose folder cannot be written, before anything is
 * signed. Returns the absolute path. Errors: `usage`, `file-exists`, `file`.
 */
export function checkOut(
  context: CommandContext,
  out: string | undefined,
  hint = 'Name a file outside, or leave out --out: the authority keeps what it makes anyway.',
): string | undefined {
  if (out === undefined) return undefined;
  const path = resolve(out);
  checkOutside(context.dir, path, hint);
  checkCreatable(path);
  return path;
}

/** Returns the context of an operation whose preview also shows what is written outside the authority. */
export function withOutput(operation: OperationContext, ...changes: readonly string[]): OperationContext {
  return {
    ...operation,
    confirm: (preview) => operation.confirm({ ...preview, changes: [...preview.changes, ...changes] }),
  };
}

/** Returns the changes for `withOutput`. */
export function copyChange(path: string | undefined): readonly string[] {
  return path === undefined ? [] : [`a copy is written to ${path}`];
}

/** Copies what the authority keeps at `kept` to `path`, if given, and returns where the result is. */
export function copyOut(kept: string, path: string | undefined): string {
  if (path === undefined) return kept;
  try {
    createFile(path, readAnywhere(kept, MAX_COPY));
    return path;
  } catch (error) {
    const known = knownError(error);
    throw retold(known, `it was made at ${kept}, but could not be copied to ${path}: ${known.message}`, {
      hint: `Copy ${kept} yourself; do not run the command again.`,
    });
  }
}
