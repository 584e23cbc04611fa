import { resolve } from 'node:path';
import { withAuthority } from '../../authority/store.js';
import { abortCeremony, resumeCeremony, type Interrupted } from '../../ceremony/resume-ceremony.js';
import type { Preview } from '../../operations/desk.js';
import { isRehearsalDomain } from '../../credential/fqdn.js';
import { addPreflightOptions } from '../preflight.js';
import { worldOf } from '../ceremony-options.js';
import type { CommandModule } from '../command.js';
import type { Context } from '../context.js';
import { confirmPreview, sayWhatWasFound } from '../desk.js';
import { note, result } from '../output.js';
import { useRehearsalToken } from '../rehearsal-token.js';
import { printable } from '../render.js';

/** What was done, what was not, and what nobody can know. */
function tell({ options }: Context, { plan, progress, record }: Interrupted): void {
  const { ended, open, openCommitted, openIntent } = progress;
  const left = plan.steps.filter(({ n }) => !ended.has(n) && n !== open?.n);
  const names = (steps: readonly { readonly n: number; readonly id: string }[]): string =>
    steps.length === 0 ? 'none' : steps.map(({ n, id }) => `${String(n)} (${id})`).join(', ');
  const openText =
    open === undefined
      ? 'none was under way'
      : openCommitted
        ? `step ${String(open.n)} (${open.id}) is complete on the disk, and is not done again`
        : openIntent
          ? `step ${String(open.n)} (${open.id}) had begun: whether its key or signature was made is unknown; a key in a token is looked for, and the same bytes are signed`
          : `step ${String(open.n)} (${open.id}) had begun, and changed nothing: it is done once more`;
  note(
    options,
    [
      `An interrupted ceremony: ${printable(plan.title)} (${record.path})`,
      `  done:      ${names(plan.steps.filter(({ n }) => ended.has(n)))}`,
      `  under way: ${openText}`,
      `  to do:     ${names(left)}`,
      '',
    ].join('\n'),
  );
}

function previewOfEnd(file: string): Preview {
  return {
    title: 'The end of an interrupted ceremony',
    rows: [['transcript', file]],
    changes: ['the transcript ends with the outcome aborted, and nothing more is done'],
    warnings: ['A key that a step was just making in a token stays there: as-ceremony hsm keys shows it.'],
  };
}

export const { define, run }: CommandModule = {
  define: (command) => {
    addPreflightOptions(
      command
        .argument('[script]', 'may be given; the plan that was begun is what is gone on with')
        .option('--abort', 'ends the interrupted ceremony for good, and does nothing more'),
    );
  },
  run: async (context, _args, options) => {
    const { atSeconds, random, writer } = context;
    const identity = { hostName: writer.hostName, atSeconds, random };
    const { transcript, head } = await withAuthority(context.dir, 'resume', identity, async (session) => {
      sayWhatWasFound(context, session);
      const { authority } = session;
      const rehearsal = isRehearsalDomain(authority.settings.domain);
      if (rehearsal) useRehearsalToken(context.dir);
      const world = await worldOf(context, options, authority.settings, rehearsal);
      if (options.flag('abort')) {
        return abortCeremony(authority, world, (file) => confirmPreview(context, previewOfEnd(file)));
      }
      return resumeCeremony(authority, world, (interrupted) => {
        tell(context, interrupted);
      });
    });
    const path = resolve(context.dir, transcript);
    result(
      context.options,
      { transcript: path, head },
      () => `The ceremony is over.\n\n  transcript  ${path}\n  head        ${head}\n`,
    );
  },
};
