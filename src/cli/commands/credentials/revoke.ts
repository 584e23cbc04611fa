import { resolve } from 'node:path';
import { reasonIn } from '../../../operations/credentials/parse-credential-options.js';
import { revoke } from '../../../operations/credentials/revoke-credential.js';
import { runOperation } from '../../operation/run-operation.js';
import { first } from '../../options/file-arguments.js';
import type { CommandModule } from '../../program/command.js';
import { declare } from '../../program/declared.js';
import { result } from '../../terminal/output.js';
import { commandLine } from '../../terminal/remedy-text.js';

export const { define, run }: CommandModule = {
  define: (command) => {
    declare(command, 'revoke');
  },
  run: async (context, args, options) => {
    const wanted = { name: first(args), reason: reasonIn(options), unknown: options.flag('unknown') };
    const revoked = await runOperation(context, 'revoke', (operation) => revoke(operation, wanted));
    const json = {
      revoked: revoked.map(({ fingerprint, credential, file }) => ({
        fingerprint,
        reason: wanted.reason,
        ...(credential === undefined ? {} : { credential: resolve(context.dir, credential) }),
        file: resolve(context.dir, file),
      })),
    };
    result(
      context.options,
      json,
      () =>
        `${revoked.map(({ fingerprint }) => `Revoked: ${fingerprint}\n`).join('')}\nClients learn of it from the next bundle that is published: ${commandLine({ command: 'bundle export' }, context.options.dir)}\n`,
    );
  },
};
