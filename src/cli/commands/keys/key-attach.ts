import { resolve } from 'node:path';
import { backupIn } from '../../../operations/context/text-options.js';
import { attachKey } from '../../../operations/keys/attach-key.js';
import { runOperation } from '../../operation/run-operation.js';
import { first } from '../../options/file-arguments.js';
import type { CommandModule } from '../../program/command.js';
import { result } from '../../terminal/output.js';
import { fields } from '../../terminal/render.js';

export const { define, run }: CommandModule = {
  define: (command) => {
    command
      .argument('<uri>', 'where the key is: file:keys/NAME.age (copy it there first), file:/PATH/NAME.age, or pkcs11:…')
      .option('--backup <how>', 'wrapped: the key was made so that it can leave its token under a wrapping key')
      .addHelpText(
        'after',
        '\nFor a key without a record: after init --from-bundle, or if keys/NAME.json is lost. Opens the key, which must belong to a credential here.',
      );
  },
  run: async (context, args, options) => {
    const backup = backupIn(options);
    const attached = await runOperation(context, 'key attach', (operation) =>
      attachKey(operation, first(args), backup),
    );
    const json = { key: attached.uri, file: resolve(context.dir, attached.file), belongs_to: attached.owner };
    result(
      context.options,
      json,
      () =>
        `The key is on record.\n\n${fields([
          ['key', attached.uri],
          ['record', json.file],
          ['belongs to', attached.owner],
        ])}`,
    );
  },
};
