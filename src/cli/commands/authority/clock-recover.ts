import { resolve } from 'node:path';
import { recoverClock } from '../../../operations/recovery/recover-clock.js';
import { runOperation } from '../../operation/run-operation.js';
import { collect, type CommandModule } from '../../program/command.js';
import { result } from '../../terminal/output.js';

export const { define, run }: CommandModule = {
  define: (command) => {
    command
      .option('--by <name>', 'a person who vouches for the clock as it is now (at least two)', collect)
      .addHelpText(
        'after',
        '\nFor an authority that was written to while the clock was ahead: every command refuses until that time comes. Two people check the clock, and that is recorded.',
      );
  },
  run: async (context, _args, options) => {
    const transcript = await runOperation(context, 'clock recover', (operation) =>
      recoverClock(operation, options.texts('by')),
    );
    const path = resolve(context.dir, transcript);
    result(context.options, { transcript: path }, () => `Recorded in ${path}. The authority goes on from now.\n`);
  },
};
