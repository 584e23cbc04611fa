import { resolve } from 'node:path';
import { openAuthority } from '../../../authority/authority.js';
import { checkOutside } from '../../../authority/ground/outside.js';
import { withAuthority } from '../../../authority/store.js';
import { decodePlan } from '../../../ceremony/plan/ceremony-plan.js';
import { makePlan } from '../../../ceremony/plan/make-plan.js';
import { beginCeremony } from '../../../ceremony/run/begin-ceremony.js';
import { prepareRehearsal, rehearsalParameters } from '../../../ceremony/run/rehearsal.js';
import { usage } from '../../../common/errors.js';
import { checkCreatable } from '../../../common/new-files.js';
import { formatTime } from '../../../common/time.js';
import type { FoundModule } from '../../../signer/pkcs11/modules.js';
import { sayWhatWasFound } from '../../operation/run-operation.js';
import { addRunOptions, atTerminal, isPlan, planOptions, readNamed, scriptIn } from '../../options/ceremony-options.js';
import { first } from '../../options/file-arguments.js';
import { makeRehearsalToken, softHsmModule, tokenFolder } from '../../options/rehearsal-token.js';
import type { CommandModule } from '../../program/command.js';
import { result } from '../../terminal/output.js';

export const { define, run }: CommandModule = {
  define: (command) => {
    addRunOptions(command.argument('<script>', "a script's name or file")).option(
      '--into <dir>',
      'the new folder of the rehearsal (default: rehearsal-NAME-TIME here)',
    );
  },
  run: async (context, args, options) => {
    const named = readNamed(first(args));
    if (isPlan(named.bytes)) {
      throw usage(`${named.path} is a plan; rehearse takes a script`, {
        hint: 'Name the script that it was made from.',
        remedies: [{ command: 'rehearse', args: [(await decodePlan(named.bytes)).ceremony] }],
      });
    }
    const script = await scriptIn(named);
    const real = await openAuthority(context.dir);
    const { random, buildSeconds, writer, atSeconds } = context;
    const time = formatTime(atSeconds).replace(/[-:]/g, '');
    const dir = resolve(options.text('into') ?? `rehearsal-${script.name}-${time}`);
    checkOutside(context.dir, dir, 'Name a folder elsewhere for the rehearsal.');
    checkCreatable(dir);
    const about = { settings: real.settings, rehearsal: true };
    const wanted = planOptions(options, script, atSeconds);
    const { transcript, head } = await atTerminal({ ...context, dir }, options, about, async (ceremony) => {
      let module: FoundModule | undefined;
      const given = rehearsalParameters(script, wanted.given, () => (module ??= softHsmModule()));
      if (module !== undefined) {
        checkCreatable(tokenFolder(dir));
        await makeRehearsalToken(dir, module, ceremony.hsm);
      }
      await prepareRehearsal(dir, real, script, ceremony);
      // A successor must end later than the credential that was just made.
      if (script.needs.intermediates === 'some') await new Promise((resolve) => setTimeout(resolve, 1000));
      const identity = { hostName: writer.hostName, atSeconds, random };
      return withAuthority(dir, 'rehearse', identity, async (locked) => {
        sayWhatWasFound(context, locked);
        const { authority } = locked;
        const now = ceremony.now();
        const { engines, hsm } = ceremony;
        const means = { nowSeconds: now, random, buildSeconds, recordIn: { writer }, engines, hsm, rehearsal: true };
        const plan = await makePlan(authority, { ...planOptions(options, script, now), given }, means);
        return beginCeremony(authority, plan, [], ceremony);
      });
    });
    const path = resolve(dir, transcript);
    result(
      context.options,
      { transcript: path, head, dir },
      () =>
        `REHEARSAL: it is over, and nothing from it counts.\n\n  folder      ${dir}\n  transcript  ${path}\n  head        ${head}\n`,
    );
  },
};
