import { resolve } from 'node:path';
import { withAuthority } from '../../../authority/store.js';
import { allowedSignersFor } from '../../../ceremony/people/allowed-signers.js';
import { approvalsOf } from '../../../ceremony/people/approvals.js';
import { checkPlan, makePlan } from '../../../ceremony/plan/make-plan.js';
import { beginCeremony } from '../../../ceremony/run/begin-ceremony.js';
import { refused } from '../../../common/errors.js';
import { hsmMeans } from '../../operation/hsm-means.js';
import { onLedger } from '../../operation/ledger-memory.js';
import { sayWhatWasFound } from '../../operation/run-operation.js';
import { endText } from '../../options/ceremony-end.js';
import {
  addRunOptions,
  atTerminal,
  isPlan,
  planOptions,
  readNamed,
  refusePlanOptions,
  scriptIn,
} from '../../options/ceremony-options.js';
import { first } from '../../options/file-arguments.js';
import type { CommandModule } from '../../program/command.js';
import { underSignals } from '../../terminal/interrupt.js';
import { result } from '../../terminal/output.js';

export const { define, run }: CommandModule = {
  define: (command) => {
    addRunOptions(
      command.argument('<script>', "an approved plan; or a script's name or file, planned now"),
    ).addHelpText('after', '\nWith --yes nobody is asked, and steps that need a person are recorded as not done.');
  },
  run: async (context, args, options) => {
    const named = readNamed(first(args));
    if (isPlan(named.bytes)) refusePlanOptions(options);
    const { atSeconds, random, buildSeconds, writer } = context;
    const engines = await context.engines();
    const identity = { hostName: writer.hostName, atSeconds, random };
    const ended = await underSignals((until) =>
      withAuthority(context.dir, 'run', identity, async (locked) => {
        sayWhatWasFound(context, locked);
        const { authority } = locked;
        const { settings } = authority;
        const means = {
          nowSeconds: atSeconds,
          random,
          buildSeconds,
          recordIn: { writer },
          engines,
          hsm: hsmMeans(context, settings),
        };
        if (!isPlan(named.bytes) && (settings.requirePlan || settings.approvals > 0)) {
          throw refused('plan-required', 'this authority signs by approved plans only (authority.yaml)', {
            hint: 'Make a plan, and have it approved.',
            remedies: [{ command: 'plan', args: [named.name] }],
          });
        }
        const plan = await until(async () =>
          isPlan(named.bytes)
            ? checkPlan(authority, named.bytes, means)
            : makePlan(authority, planOptions(options, await scriptIn(named), atSeconds), means),
        );
        const approvals = isPlan(named.bytes)
          ? approvalsOf(named.path, named.bytes, allowedSignersFor(undefined, authority.dir)?.bytes, {
              least: settings.approvals,
              atSeconds,
            })
          : [];
        return onLedger(context, authority, until, (passed) =>
          atTerminal(context, options, { settings, rehearsal: false }, (ceremony) =>
            beginCeremony(authority, plan, approvals, { ...ceremony, ...passed }),
          ),
        );
      }),
    );
    const { head, toSign } = ended;
    const transcript = resolve(context.dir, ended.transcript);
    result(context.options, { transcript, head }, () =>
      endText(context.options, 'The ceremony is over.', { transcript, head, toSign }),
    );
  },
};
