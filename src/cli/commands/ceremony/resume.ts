import { resolve } from 'node:path';
import { withAuthority } from '../../../authority/store.js';
import { abortCeremony, type Left } from '../../../ceremony/run/abort-ceremony.js';
import type { Ended } from '../../../ceremony/run/begin-ceremony.js';
import { type Interrupted, resumeCeremony } from '../../../ceremony/run/resume-ceremony.js';
import { isRehearsalDomain } from '../../../credential/fqdn.js';
import { onLedger } from '../../operation/ledger-memory.js';
import { sayWhatWasFound } from '../../operation/run-operation.js';
import { endText } from '../../options/ceremony-end.js';
import { atTerminal } from '../../options/ceremony-options.js';
import { addPreflightOptions } from '../../options/preflight-options.js';
import { useRehearsalToken } from '../../options/rehearsal-token.js';
import type { CommandModule } from '../../program/command.js';
import type { CommandContext, GlobalOptions } from '../../program/context.js';
import { underSignals } from '../../terminal/interrupt.js';
import { note, result } from '../../terminal/output.js';
import { commandLine } from '../../terminal/remedy-text.js';
import { printable } from '../../terminal/render.js';

/** Tells what was done, what was not, and what nobody can know. */
function tell({ options }: CommandContext, { plan, progress, transcript }: Interrupted): void {
  const { ended, open, openCommitted, openIntent } = progress;
  const left = plan.steps.filter(({ n }) => !ended.has(n) && n !== open?.n);
  const names = (steps: readonly { readonly n: number; readonly id: string }[]): string =>
    steps.length === 0 ? 'none' : steps.map(({ n, id }) => `${String(n)} (${id})`).join(', ');
  const openText =
    open === undefined
      ? 'none was under way'
      : openCommitted
        ? `step ${String(open.n)} (${open.id}) is complete on the disk, and is not repeated`
        : openIntent
          ? `step ${String(open.n)} (${open.id}) had begun: its key or signature may exist; a key in a token is looked for, and the same bytes are signed`
          : `step ${String(open.n)} (${open.id}) had begun but changed nothing: it is repeated`;
  note(
    options,
    [
      `An interrupted ceremony: ${printable(plan.title)} (${transcript.path})`,
      `  done:      ${names(plan.steps.filter(({ n }) => ended.has(n)))}`,
      `  under way: ${openText}`,
      `  to do:     ${names(left)}`,
      '',
    ].join('\n'),
  );
}

/** Returns what a ceremony that was ended leaves. */
function leftLines(options: GlobalOptions, { done, files, unknown }: Left): string[] {
  return [
    `  done        ${done.join(', ') || 'no step'}`,
    `  stays       ${files.map(printable).join(', ') || 'no file was made'}`,
    ...(unknown === undefined
      ? []
      : [
          `  unknown     step ${unknown} had begun; a key that it left in a token is shown by ${commandLine({ command: 'hsm keys', args: ['TOKEN-URI'] }, options.dir)}`,
        ]),
  ];
}

export const { define, run }: CommandModule = {
  define: (command) => {
    addPreflightOptions(
      command
        .argument('[script]', 'optional; the ceremony always resumes by the plan that it began with')
        .option('--abort', 'end the interrupted ceremony for good, and do nothing else'),
    );
  },
  run: async (context, _args, options) => {
    const { atSeconds, random, writer } = context;
    const identity = { hostName: writer.hostName, atSeconds, random };
    const ended: Ended & { readonly left?: Left } = await underSignals((until) =>
      withAuthority(context.dir, 'resume', identity, async (locked) => {
        sayWhatWasFound(context, locked);
        const { authority } = locked;
        const rehearsal = isRehearsalDomain(authority.settings.domain);
        if (rehearsal) useRehearsalToken(context.dir);
        const about = { settings: authority.settings, rehearsal };
        return onLedger(context, authority, until, (passed) =>
          atTerminal(context, options, about, (ceremony): Promise<Ended & { readonly left?: Left }> => {
            if (options.flag('abort')) return abortCeremony(authority, ceremony);
            return resumeCeremony(authority, { ...ceremony, ...passed }, (interrupted) => {
              tell(context, interrupted);
            });
          }),
        );
      }),
    );
    const { head, toSign, left } = ended;
    const transcript = resolve(context.dir, ended.transcript);
    const json = { transcript, head, ...(left === undefined ? {} : { done: left.done, files: left.files }) };
    result(context.options, json, () =>
      left === undefined
        ? endText(context.options, 'The ceremony is over.', { transcript, head, toSign })
        : endText(
            context.options,
            'The ceremony is ended for good; no further step is done.',
            { transcript, head, toSign },
            leftLines(context.options, left),
          ),
    );
  },
};
