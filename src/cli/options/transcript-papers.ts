/**
 * What `transcript minutes` and `transcript evidence` have in common: they read a finished transcript, and write a
 * page.
 */
import type { TranscriptQuestion } from '../../audit/verify/verify-transcript.js';
import { checkOutside } from '../../authority/ground/outside.js';
import { usage } from '../../common/errors.js';
import { checkCreatable } from '../../common/new-files.js';
import type { Command, Options } from '../program/command.js';
import type { CommandContext } from '../program/context.js';
import { first } from './file-arguments.js';

export function addPaperOptions(command: Command, out: string): Command {
  return command
    .argument('<file>', 'a transcript (.jsonl)')
    .option('--out <file>', `${out}; an existing file is never overwritten`)
    .option(
      '--allowed-signers <file>',
      "whose keys count, in OpenSSH's format (default: allowed_signers in the authority)",
    );
}

export async function paperQuestion(
  context: CommandContext,
  args: readonly string[],
  options: Options,
): Promise<TranscriptQuestion> {
  const path = first(args);
  if (path === '-') throw usage('a transcript is read where it is kept: its plan, signatures and files are beside it');
  return {
    path,
    dir: context.options.dir === undefined ? undefined : context.dir,
    fallbackDir: context.dir,
    allowedSigners: options.text('allowedSigners'),
    engines: await context.engines(),
  };
}

/** Refuses a page that exists, or that would be in the authority. Errors: `usage`, `file-exists`, `file`. */
export function checkPaper(dir: string | undefined, path: string): void {
  if (dir !== undefined) checkOutside(dir, path, 'Name a file outside: what is in the authority is on record.');
  checkCreatable(path);
}
