import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { signTranscript } from '../../../audit/verify/sign-transcript.js';
import { summaryOf } from '../../../audit/verify/summary.js';
import type { TranscriptReport } from '../../../audit/verify/transcript-report.js';
import { checkPrincipal } from '../../../ceremony/people/principals.js';
import { usage } from '../../../common/errors.js';
import { exists } from '../../../common/files.js';
import { hexGroups } from '../../../common/groups.js';
import { confirmPreview } from '../../operation/run-operation.js';
import { first } from '../../options/file-arguments.js';
import type { CommandModule } from '../../program/command.js';
import { result } from '../../terminal/output.js';
import { fields } from '../../terminal/render.js';
import { listText } from './transcript-verify.js';

/** The names that ssh uses. */
const USUAL_KEYS = ['id_ed25519_sk', 'id_ed25519', 'id_ecdsa_sk', 'id_ecdsa', 'id_rsa'];

/** Returns the key that was named, or the only usual one that exists. Error: `usage`. */
function keyOf(named: string | undefined): string {
  if (named !== undefined) return named;
  const there = USUAL_KEYS.map((name) => join(homedir(), '.ssh', name)).filter(exists);
  const [only, ...others] = there;
  if (only !== undefined && others.length === 0) return only;
  throw usage(
    only === undefined
      ? '--key is missing, and there is no key in ~/.ssh'
      : '--key is missing, and ~/.ssh holds several keys',
    {
      hint:
        only === undefined
          ? 'Name a key file, or the public key of one in the agent, with --key.'
          : `Choose one with --key: ${there.join(', ')}.`,
    },
  );
}

async function confirm(
  context: Parameters<CommandModule['run']>[0],
  principal: string,
  { transcript, caveats }: TranscriptReport,
  file: string,
): Promise<void> {
  const { head, rehearsal, toSign } = transcript;
  await confirmPreview(context, {
    title: `${principal} signs the transcript of a ${rehearsal ? 'REHEARSAL' : 'real ceremony'}`,
    rows: [
      ['transcript', transcript.path],
      ...summaryOf(transcript),
      ...hexGroups(head).map((line, i) => [i === 0 ? 'head' : '', line] as const),
    ],
    changes: [`ssh-keygen signs the whole file in the namespace ${transcript.namespace}`, `${file} is written`],
    warnings: [
      ...(toSign.includes(principal)
        ? []
        : [`The transcript's end does not name ${principal} among those who must sign.`]),
      ...(rehearsal ? ['REHEARSAL: the signature counts for this rehearsal only.'] : []),
      `Compare the head with what you wrote down at the ceremony. Checked here: form and chain${caveats.some((one) => one.startsWith('The authority is not at hand')) ? ' only, since the authority is not here' : ', link and files'}.`,
    ],
  });
}

export const { define, run }: CommandModule = {
  define: (command) => {
    command
      .argument('<file>', 'a finished transcript (.jsonl)')
      .option('--as <principal>', 'who signs: your name in allowed_signers')
      .option(
        '--key <file>',
        'an SSH key file, or the public key of one in the agent (default: the only one in ~/.ssh)',
      )
      .option(
        '--allowed-signers <file>',
        "whose keys count, in OpenSSH's format (default: allowed_signers in the authority)",
      )
      .addHelpText(
        'after',
        '\nWorks on any machine that has the file and ssh-keygen, which asks for passphrases, PINs and touches itself.\nThe signature is FILE.<principal>.sig.',
      );
  },
  run: async (context, args, options) => {
    const path = first(args);
    if (path === '-') throw usage('the signature is written beside the transcript, which must be a file');
    const as = options.text('as');
    if (as === undefined) throw usage('--as is missing: who signs', { hint: 'Give your name as in allowed_signers.' });
    const principal = checkPrincipal(as);
    const wanted = {
      path,
      principal,
      key: keyOf(options.text('key')),
      dir: context.options.dir === undefined ? undefined : context.dir,
      fallbackDir: context.dir,
      allowedSigners: options.text('allowedSigners'),
      engines: await context.engines(),
    };
    const signed = await signTranscript(wanted, (report, file) => confirm(context, principal, report, file));
    const { transcript, allowedSigners } = signed.report;
    const json = {
      transcript: resolve(path),
      head: transcript.head,
      mode: transcript.rehearsal ? 'REHEARSAL' : 'real',
      principal,
      key: signed.fingerprint,
      file: resolve(signed.file),
      attributed: signed.attributed,
    };
    result(context.options, json, () =>
      [
        `${transcript.rehearsal ? 'REHEARSAL. ' : ''}Signed by ${principal}.\n\n`,
        fields([
          ['head', transcript.head],
          ['key', signed.fingerprint],
          ['signature', resolve(signed.file)],
          [
            'verified',
            allowedSigners === undefined
              ? 'over this file; there is no allowed_signers to say whose key it is'
              : `against ${allowedSigners.path}`,
          ],
        ]),
        '\nKeep it beside every copy of the transcript. Like the transcript, it cannot vouch for:\n',
        listText(signed.report.caveats.filter((one) => /^(Times|That) /.test(one))),
      ].join(''),
    );
  },
};
