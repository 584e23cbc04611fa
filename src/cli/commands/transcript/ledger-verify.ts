import { resolve } from 'node:path';
import { type LedgerReport, verifyLedger } from '../../../audit/verify/verify-ledger.js';
import { type Finding, refused } from '../../../common/errors.js';
import { headDiffers, headOption, rewrittenHere } from '../../operation/ledger-memory.js';
import type { CommandModule } from '../../program/command.js';
import type { CommandContext } from '../../program/context.js';
import { paint, printError, result } from '../../terminal/output.js';
import { fields, printable } from '../../terminal/render.js';
import { out } from '../../terminal/streams.js';
import { listText, witnessJson, witnessText } from './transcript-verify.js';

/** Returns what a record cannot show about itself. */
function caveats({ anchor, unanchored, allowedSigners }: LedgerReport): readonly string[] {
  return [
    ...(anchor === undefined
      ? [
          'No transcript has a valid signature of a witness: whoever can write the folder can have rewritten all of it. Compare the head with the one that you wrote down.',
        ]
      : []),
    ...(anchor !== undefined && unanchored > 0
      ? [
          `The ${String(unanchored)} newest, after ${anchor.file}: neither they nor later ones have a valid signature of a witness.`,
        ]
      : []),
    'That the newest transcripts were not taken away, with all that they made: compare the head with the one that you wrote down last time.',
    ...(allowedSigners?.fromAuthority === true
      ? [
          'That the allowed_signers file in the authority is the right one: compare it with your own (--allowed-signers).',
        ]
      : []),
    'Times, people, and what was done with the keys elsewhere.',
  ];
}

function jsonOf(found: LedgerReport) {
  const { dir, transcripts, signed, anchor, unanchored, allowedSigners, pending } = found;
  return {
    head: transcripts.head,
    transcripts: transcripts.files.length,
    dir,
    incomplete: transcripts.incomplete,
    ...(allowedSigners === undefined
      ? {}
      : { allowed_signers: resolve(allowedSigners.path), allowed_signers_sha256: allowedSigners.sha256 }),
    signed: signed.map(({ file, head, rehearsal, witnesses }) => ({
      transcript: resolve(dir, file),
      head,
      mode: rehearsal ? 'REHEARSAL' : 'real',
      signatures: witnesses.map(witnessJson),
    })),
    anchor: anchor === undefined ? null : resolve(dir, anchor.file),
    unanchored,
    ...(pending === undefined ? {} : { pending: { kind: pending.kind, files: [...pending.files] } }),
    not_vouched: [...caveats(found)],
  };
}

/** Returns findings if it isn't the record whose head is on paper, or that is remembered here. */
function outsideFindings(context: CommandContext, report: LedgerReport): readonly Finding[] {
  const { domain, transcripts } = report;
  const head = headOption(context.options);
  const paper = head === undefined || head === transcripts.head ? [] : [headDiffers(head, transcripts.head)];
  const memory =
    domain === undefined ? [] : [rewrittenHere(context, domain, report)].filter((one) => one !== undefined);
  return [...paper, ...memory].map(({ code, message }) => ({ rule: 'record', code, message }));
}

function text({ options }: Parameters<CommandModule['run']>[0], found: LedgerReport): string {
  const { dir, transcripts, findings, signed, anchor, pending } = found;
  const style = paint(options);
  const verdict =
    findings.length === 0 ? style('green', 'The record is whole') : style('red', 'The record is NOT whole');
  return [
    `${verdict}: ${printable(dir)}\n\n`,
    fields([
      ['transcripts', String(transcripts.files.length)],
      ['head', transcripts.head],
      ['newest', transcripts.files.at(-1) ?? 'none'],
      ...(transcripts.incomplete
        ? ([['', 'INCOMPLETE: it has no end; a ceremony is under way, or was interrupted']] as const)
        : []),
      ...(pending === undefined
        ? []
        : ([['interrupted', `a command was; the next command that writes will have it ${pending.kind}`]] as const)),
      [
        'anchor',
        anchor === undefined
          ? 'none: no valid signature of a witness'
          : `${anchor.file}: whoever signed it vouches for it, and for all before it`,
      ],
    ]),
    ...signed.map(
      ({ file, rehearsal, witnesses }) =>
        `\n${printable(file)}${rehearsal ? ' (REHEARSAL)' : ''}\n${fields(witnesses.map((one) => [printable(one.principal), witnessText(one)] as const))}`,
    ),
    '\nThis cannot vouch for:\n',
    listText(caveats(found)),
  ].join('');
}

export const { define, run }: CommandModule = {
  define: (command) => {
    command
      .option(
        '--allowed-signers <file>',
        "whose keys count, in OpenSSH's format (default: allowed_signers in the authority)",
      )
      .addHelpText(
        'after',
        '\nFinds transcripts that are missing, changed or out of place, forks, and files that were changed, are gone, or were never recorded.',
      );
  },
  run: async (context, _args, options) => {
    const found = await verifyLedger(context.dir, options.text('allowedSigners'));
    const findings = [...found.findings, ...outsideFindings(context, found)];
    const [only, ...others] = findings;
    if (only === undefined) {
      result(context.options, jsonOf(found), () => text(context, found));
      return;
    }
    if (context.options.json !== true) out.write(`${text(context, { ...found, findings })}\n`);
    const what = others.length === 0 ? only.message : `${String(findings.length)} things are wrong`;
    const error = refused('ledger-broken', `${found.dir}: ${what}`, {
      findings,
      hint: 'Compare the folder with its last backup, and find out what changed it; sign nothing on top of it.',
    });
    printError(context.options, error, jsonOf(found));
    process.exitCode = 1;
  },
};
