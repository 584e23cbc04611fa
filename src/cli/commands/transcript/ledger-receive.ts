import { resolve } from 'node:path';
import { readFinished } from '../../../audit/verify/finished.js';
import { witnessesOf } from '../../../audit/verify/witnesses.js';
import { type Authority, openAuthority } from '../../../authority/authority.js';
import { inAuthority } from '../../../authority/ground/layout.js';
import { withScratchCopy } from '../../../authority/scratch-copy.js';
import { allowedSignersFor } from '../../../ceremony/people/allowed-signers.js';
import { CeremonyError, refused, usage } from '../../../common/errors.js';
import { realPath } from '../../../common/files.js';
import { numberIn } from '../../../operations/context/text-options.js';
import { receive } from '../../../operations/receive/receive.js';
import { runOperation } from '../../operation/run-operation.js';
import { first, readTrust } from '../../options/file-arguments.js';
import { collect, type CommandModule, type Options } from '../../program/command.js';
import type { CommandContext } from '../../program/context.js';
import { result } from '../../terminal/output.js';
import { remarkText } from '../../terminal/remedy-text.js';
import { printable } from '../../terminal/render.js';

export const { define, run }: CommandModule = {
  define: (command) => {
    command
      .argument('<dir>', "another site's copy of this authority, with its transcripts")
      .option(
        '--their-head <hash>',
        "the head of the other site's newest transcript, from paper at that site and not from the copy",
      )
      .option(
        '--trust <fingerprint|file>',
        'a root that is new here, known from elsewhere than the copy (repeatable)',
        collect,
      )
      .option('--threshold <n>', 'how many of two or more pinned roots must have signed, if no bundle here says so')
      .option('--repin', 'take it although clients that hold the newest bundle here refuse it: by --trust alone')
      .addHelpText(
        'after',
        '\nThe newest bundle here decides about the others. Marks (published, withdrawn), keys, settings and allowed_signers are not taken over.',
      );
  },
  run: async (context, args, options) => {
    const dir = resolve(first(args));
    await openAuthority(dir);
    const trust = await trustFrom(options, dir);
    const threshold = numberIn(options, 'threshold');
    // Whoever can write the medium could change it while it is read, so what is judged is exactly what is taken over.
    const { files, left } = await withScratchCopy(dir, async (copy) => {
      const from = await openAuthority(copy);
      return runOperation(context, 'ledger receive', (operation) =>
        receive(operation, from, {
          name: dir,
          trust,
          ...(threshold === undefined ? {} : { threshold }),
          repin: options.flag('repin'),
          vouch: (head) => vouched(context, options, { head, from }),
        }),
      );
    });
    const paths = files.map((file) => resolve(context.dir, file));
    const inWords = left.map((one) => remarkText(one, context.options));
    result(context.options, { files: paths, left: inWords }, () =>
      [
        'Taken over, and on record:',
        ...paths.map((path) => `  ${path}`),
        ...(left.length === 0 ? [] : ['Not taken over:', ...inWords.map((one) => `  ${printable(one)}`)]),
        '',
      ].join('\n'),
    );
  },
};

/**
 * Returns the fingerprints of `--trust`, but refuses files in the copy, which came with the courier. Errors: `usage`,
 * those of `readTrust`.
 */
async function trustFrom(options: Options, dir: string): Promise<readonly Uint8Array[]> {
  const { pins, files } = await readTrust(options.texts('trust'));
  const inside = files.find((file) => realPath(file).startsWith(`${realPath(dir)}/`));
  if (inside === undefined) return pins;
  throw usage(`--trust ${inside} is in the copy itself`, {
    hint: 'Name the whole fingerprint, from the paper of the ceremony that made this root.',
  });
}

interface Copied {
  readonly head: string;
  /** The copy that nobody else can write. */
  readonly from: Authority;
}

/**
 * Returns who vouches for the head: --their-head, witnesses that this site knows, or paper. Errors: `other-head`,
 * `usage`.
 */
async function vouched(context: CommandContext, options: Options, { head, from }: Copied): Promise<string> {
  const given = options.text('theirHead');
  if (given !== undefined) {
    mustBeHead(given, head);
    return 'by --their-head';
  }
  const witnesses = witnessesKnownHere(context.dir, from);
  if (witnesses.length > 0) return `by witnesses that this site knows: ${witnesses.join(', ')}`;
  const question = "The head of the other site's newest transcript, from paper at that site and not from the copy";
  if (!context.terminal.isPresent) {
    throw usage(`nobody vouches for the record of the other site: ${question}`, {
      hint: 'Have its people verify their ledger, read it to you from there, and give it; or have witnesses whom allowed_signers here names sign its newest transcript.',
      remedies: [{ option: 'their-head' }],
    });
  }
  mustBeHead(await context.terminal.askLine(question), head);
  return 'typed from paper';
}

/** Checks a head that was typed in hex, with or without groups. Error: `other-head`. */
function mustBeHead(typed: string, head: string): void {
  if (typed.replace(/\s+/g, '').toLowerCase() === head) return;
  throw refused('other-head', `the copy's newest transcript has another head than that`, {
    hint: 'Nothing was taken over. The copy is older or newer than the paper, or somebody rewrote its record: get another copy, and compare the heads with the other site.',
  });
}

/**
 * Returns whose valid signatures are on the newest transcript, by this site's own allowed_signers, never by the copy's.
 */
function witnessesKnownHere(dir: string, from: Authority): readonly string[] {
  const newest = from.transcripts.files.at(-1);
  const allowed = allowedSignersFor(undefined, dir);
  if (newest === undefined || allowed === undefined) return [];
  try {
    const finished = readFinished(inAuthority(from.dir, newest));
    if (finished.rehearsal) return [];
    return witnessesOf(finished, allowed.bytes).flatMap(({ principal, counts }) => (counts ? [principal] : []));
  } catch (error) {
    // Without an end, or without ssh-keygen, nobody has signed it, and only paper can vouch for it.
    if (!(error instanceof CeremonyError)) throw error;
    return [];
  }
}
