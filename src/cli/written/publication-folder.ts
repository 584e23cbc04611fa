/** `--out-dir D`: the folder for a web server. */
import { join, resolve } from 'node:path';
import { openAuthority } from '../../authority/authority.js';
import { checkOutside } from '../../authority/ground/outside.js';
import { CeremonyError, messageOf, retold } from '../../common/errors.js';
import { checkFolderCreatable, createFolder } from '../../common/new-folder.js';
import { formatTime } from '../../common/time.js';
import type { ExportedBundle } from '../../operations/bundles/export-bundle.js';
import type { OperationContext } from '../../operations/context/operation-context.js';
import { verifiedHistory } from '../../operations/lifecycle/bundle-history.js';
import {
  type PublicationFolder,
  publicationFolder,
  type PublishedBundle,
} from '../../operations/publication/folder.js';
import type { CommandContext } from '../program/context.js';
import { commandLine } from '../terminal/remedy-text.js';
import { fields } from '../terminal/render.js';

export interface WrittenFolder extends Omit<PublicationFolder, 'content'> {
  /** Absolute. */
  readonly dir: string;
  /** Returns where the bundle with this sequence is in it, absolute, or undefined if it isn't there. */
  readonly fileOf: (sequence: number) => string | undefined;
}

/**
 * Refuses a folder that cannot be made, before anything is signed. Returns the absolute path. Errors: `usage`,
 * `file-exists`, `file`.
 */
export function checkOutDir(context: CommandContext, outDir: string | undefined): string | undefined {
  if (outDir === undefined) return undefined;
  const path = resolve(outDir);
  checkOutside(context.dir, path, 'Name a folder outside: the authority is not for a web server.');
  checkFolderCreatable(path);
  return path;
}

/**
 * Writes what is to be published at this time into a new folder. Signs nothing. Errors: `no-bundle`, `bundle-expired`,
 * `authority-damaged`, those of `createFolder`.
 */
export async function writeFolder(operation: OperationContext, path: string): Promise<WrittenFolder> {
  const { authority, engines, atSeconds } = operation;
  const { content, ...folder } = await publicationFolder(
    verifiedHistory(authority, engines, atSeconds),
    authority.roots.map(({ credential }) => credential),
    atSeconds,
    // Whoever reads this has the program under its own name.
    (command) => commandLine(command, undefined, 'as-ceremony'),
  );
  createFolder(path, content);
  const all = [...folder.earlier, ...folder.later, folder.current];
  return {
    ...folder,
    dir: path,
    fileOf: (sequence) => {
      const found = all.find((one) => one.sequence === sequence);
      return found && join(path, found.file);
    },
  };
}

/** As `writeFolder`, after these bundles were signed and kept: an error now says that this has not been undone. */
export async function folderOfSigned(
  operation: OperationContext,
  path: string,
  signed: readonly ExportedBundle[],
): Promise<WrittenFolder> {
  try {
    return await writeFolder({ ...operation, authority: await openAuthority(operation.authority.dir) }, path);
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    const files = signed.map(({ file }) => join(operation.authority.dir, file)).join(', ');
    throw retold(error, `signed, and kept at ${files}; but the folder was not made: ${messageOf(error)}`, {
      hint: 'Do not export again. Make it without signing.',
      remedies: [{ command: 'bundle folder', args: [path] }],
    });
  }
}

/** Returns, for people, what goes on the web server now, and what does not yet. */
export function folderText({ dir, current, later, earlier }: WrittenFolder): string {
  const at = ({ file, issuedAt }: PublishedBundle): string => `${join(dir, file)}, from ${formatTime(issuedAt)}`;
  const rows = [
    ['for the web server', dir],
    [`bundle ${String(current.sequence)}, now`, join(dir, current.file)],
    ...earlier.map((one) => [`bundle ${String(one.sequence)}, an earlier one`, join(dir, one.file)] as const),
    ...later.map((one) => [`bundle ${String(one.sequence)}, later`, at(one)] as const),
  ] as const;
  const next =
    later.length === 0
      ? 'Serve the whole folder; README.txt in it says how.\n'
      : `Serve all of it except later/, which nobody may see yet: later/README.txt says when each is due, and how to switch.\n`;
  return `${fields(rows)}\n${next}`;
}
