import { resolve } from 'node:path';
import { MAX_BUNDLE_FILE, readFile } from '../../../common/files.js';
import { recordForgery } from '../../../operations/bundles/record-forgery.js';
import { againCommand } from '../../../operations/bundles/revoked-reserves.js';
import { runOperation } from '../../operation/run-operation.js';
import { first } from '../../options/file-arguments.js';
import type { CommandModule } from '../../program/command.js';
import { result } from '../../terminal/output.js';
import { commandLine } from '../../terminal/remedy-text.js';

export const { define, run }: CommandModule = {
  define: (command) => {
    command
      .argument('<file>', 'the bundle that clients may hold, and that this authority did not sign')
      .addHelpText(
        'after',
        '\nRevokes the roots that signed it, and what it lists that is not from this authority. The next bundles follow it.',
      );
  },
  run: async (context, args) => {
    const name = first(args);
    const named = { name, bytes: readFile(name, MAX_BUNDLE_FILE) };
    const { file, sequence, revoked, again } = await runOperation(context, 'bundle forged', (operation) =>
      recordForgery(operation, named),
    );
    const json = {
      file: resolve(context.dir, file),
      sequence,
      revoked: [...revoked],
      again: again.map(({ fingerprint }) => fingerprint),
    };
    const next = [...again.map(againCommand), { command: 'bundle export' as const }].map((one) =>
      commandLine(one, context.options.dir),
    );
    result(
      context.options,
      json,
      () =>
        `Bundle ${String(sequence)}, which somebody else signed, is recorded: ${json.file}\n${revoked.map((one) => `Revoked: ${one}\n`).join('')}\nDo at once:\n${next.map((one) => `  ${one}\n`).join('')}`,
    );
  },
};
