import { resolve } from 'node:path';
import type { TranscriptReport } from '../../../audit/verify/transcript-report.js';
import { verifyTranscript } from '../../../audit/verify/verify-transcript.js';
import type { Witness } from '../../../audit/verify/witnesses.js';
import { CeremonyError, usage } from '../../../common/errors.js';
import { wrapped } from '../../../common/groups.js';
import { formatTime, timeJson } from '../../../common/time.js';
import { first } from '../../options/file-arguments.js';
import type { CommandModule } from '../../program/command.js';
import { paint, printError, result } from '../../terminal/output.js';
import { columnsOf, fields, printable } from '../../terminal/render.js';
import { out } from '../../terminal/streams.js';

export function requiredOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9][0-9]{0,2}$/.test(text)) throw usage(`--require ${text} is not a number from 1 to 999`);
  return Number(text);
}

export function witnessJson({ principal, state, declared, counts, file, fingerprint, why }: Witness) {
  return { principal, state, declared, counts, file, key: fingerprint, why };
}

/** Returns one line about a person: the state, the key, and why. */
export function witnessText({ state, declared, fingerprint, why }: Witness): string {
  const parts = [
    state === 'invalid' ? 'INVALID' : state,
    ...(declared ? [] : ['not named at the end']),
    ...(fingerprint === undefined ? [] : [fingerprint]),
    ...(why === undefined ? [] : [why]),
  ];
  return parts.join('; ');
}

export function jsonOf(found: TranscriptReport) {
  const { transcript, dir, link, files, signed, signEvents, allowedSigners, witnesses, counted, caveats } = found;
  const paths = (...states: readonly string[]): readonly string[] =>
    files.filter(({ state }) => states.includes(state)).map(({ path }) => path);
  return {
    transcript: resolve(transcript.path),
    head: transcript.head,
    entries: transcript.entries.length,
    mode: transcript.rehearsal ? 'REHEARSAL' : 'real',
    ...timeJson('ended_at', transcript.endSeconds),
    previous_transcript: transcript.previousTranscript,
    ...(dir === undefined ? {} : { dir }),
    link: link.state === 'linked' ? { state: link.state, before: link.before ?? null } : { ...link },
    files: {
      same: paths('same'),
      changed: paths('changed'),
      missing: paths('missing'),
      may_change: paths('may-change'),
      unchecked: paths('unchecked'),
    },
    verified_signatures: signed.good.length,
    sign_events: signEvents.map((event) => ({ ...event })),
    ...(allowedSigners === undefined
      ? {}
      : { allowed_signers: resolve(allowedSigners.path), allowed_signers_sha256: allowedSigners.sha256 }),
    signatures: witnesses.map(witnessJson),
    counted,
    not_vouched: [...caveats],
  };
}

/** Returns sentences as a list, wrapped for the terminal. */
export function listText(sentences: readonly string[]): string {
  const columns = columnsOf(out);
  const room = columns === undefined ? undefined : Math.max(columns - 4, 16);
  return sentences.map((one) => `  - ${wrapped(printable(one), room).join('\n    ')}\n`).join('');
}

function text({ options }: Parameters<CommandModule['run']>[0], found: TranscriptReport): string {
  const { transcript, dir, link, files, signed, signEvents, allowedSigners, witnesses, findings, caveats } = found;
  const style = paint(options);
  const count = (state: string): number => files.filter((file) => file.state === state).length;
  const matched = signEvents.filter(({ state }) => state === 'matched').length;
  const linkText =
    link.state === 'linked'
      ? (link.before ?? 'it is the first')
      : `${link.state === 'broken' ? 'BROKEN' : 'not checked'}: ${link.why}`;
  const verdict = findings.length === 0 ? style('green', 'It holds') : style('red', 'It does NOT hold');
  return [
    ...(transcript.rehearsal
      ? [
          `${style('yellow', 'REHEARSAL. Nothing in it is real, and no signature on it counts for a real ceremony.')}\n\n`,
        ]
      : []),
    `${verdict}: ${printable(transcript.path)}\n\n`,
    fields([
      ['head', transcript.head],
      ['lines', `${String(transcript.entries.length)}, each follows from the one before; the last is the end`],
      ['ended', formatTime(transcript.endSeconds)],
      ['authority', dir ?? 'not at hand'],
      ['follows', linkText],
      [
        'files',
        `${String(count('same'))} as recorded, ${String(count('changed'))} changed, ${String(count('missing'))} missing, ${String(count('may-change'))} that may change, ${String(count('unchecked'))} not checked`,
      ],
      [
        'signatures in them',
        `${String(signed.good.length)} verified by both engines, ${String(signed.faults.length)} bad, ${String(signed.unchecked.length)} not checked`,
      ],
      ['signatures on record', `${String(matched)} of ${String(signEvents.length)} are in these files`],
      [
        'allowed signers',
        allowedSigners === undefined ? 'none' : `${allowedSigners.path}, SHA-256 ${allowedSigners.sha256}`,
      ],
    ]),
    `\nWitnesses at ${formatTime(transcript.endSeconds)}:\n`,
    witnesses.length === 0
      ? '  nobody must sign, and nobody did\n'
      : fields(witnesses.map((witness) => [printable(witness.principal), witnessText(witness)] as const)),
    '\nThis cannot vouch for:\n',
    listText(caveats),
  ].join('');
}

export const { define, run }: CommandModule = {
  define: (command) => {
    command
      .argument('<file>', 'a transcript (.jsonl)')
      .option(
        '--allowed-signers <file>',
        "whose keys count, in OpenSSH's format (default: allowed_signers in the authority)",
      )
      .option('--require <n>', 'require this many valid signatures, of different people with different keys')
      .addHelpText(
        'after',
        '\nVerifies the signatures beside it, FILE.<principal>.sig, for the time of its end.\nThe authority is the one of -C, or else the one that the file is in.',
      );
  },
  run: async (context, args, options) => {
    const path = first(args);
    if (path === '-') throw usage('a transcript is verified where it is kept: its signatures and files are beside it');
    const found = verifyTranscript({
      path,
      dir: context.options.dir === undefined ? undefined : context.dir,
      fallbackDir: context.dir,
      allowedSigners: options.text('allowedSigners'),
      require: requiredOf(options.text('require')),
      engines: await context.engines(),
    });
    const { findings } = found;
    const [worst, ...others] = findings;
    if (worst === undefined) {
      result(context.options, jsonOf(found), () => text(context, found));
      return;
    }
    if (context.options.json !== true) out.write(`${text(context, found)}\n`);
    const what = others.length === 0 ? worst.message : `${String(findings.length)} things are wrong with it`;
    const error = new CeremonyError('refused', worst.code, `${path}: ${what}`, {
      findings,
      ...(worst.code === 'witnesses-missing' && others.length === 0
        ? {
            hint: 'Have those who are missing sign it.',
            remedies: [{ command: 'transcript sign', args: [path], options: { as: 'PRINCIPAL' } }],
          }
        : { hint: "Don't rely on it; compare it, and the files it names, with other copies." }),
    });
    printError(context.options, error, jsonOf(found));
    process.exitCode = 1;
  },
};
