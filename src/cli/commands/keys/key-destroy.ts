import { resolve } from 'node:path';
import { destroyKey } from '../../../operations/keys/destroy-key.js';
import { runOperation } from '../../operation/run-operation.js';
import { first } from '../../options/file-arguments.js';
import type { CommandModule } from '../../program/command.js';
import { result } from '../../terminal/output.js';

export const { define, run }: CommandModule = {
  define: (command) => {
    command
      .argument('<key>', "the key's URI or name, such as root-1")
      .option('--end-of-service', 'even if something still needs it: it will never sign again')
      .option('--unproved', 'if nobody can open it (lost passphrase, damaged file), or its file or token is gone')
      .addHelpText(
        'after',
        '\nOpens the key again, so that no other key is destroyed, and asks for a typed sentence. If it is interrupted, run it again.',
      );
  },
  run: async (context, args, options) => {
    const wanted = {
      key: first(args),
      endOfService: options.flag('endOfService'),
      unproved: options.flag('unproved'),
    };
    const { uri, how, file } = await runOperation(context, 'key destroy', (operation) => destroyKey(operation, wanted));
    result(
      context.options,
      { key: uri, how, file: resolve(context.dir, file) },
      () =>
        `${uri}: ${how}. It is on record as destroyed.\nDestroy its backups too, and passphrases or PINs that were for it alone.\n`,
    );
  },
};
