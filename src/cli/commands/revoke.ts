import { resolve } from 'node:path';
import { usage } from '../../common/errors.js';
import { REVOCATION_REASONS, type RevocationReason } from '../../bundle/revocation.js';
import { revoke } from '../../operations/revoke.js';
import type { CommandModule } from '../command.js';
import { atDesk } from '../desk.js';
import { first } from '../files.js';
import { result } from '../output.js';

function reasonOf(text: string | undefined): RevocationReason {
  const reason = REVOCATION_REASONS.find((known) => known === text);
  if (reason !== undefined) return reason;
  throw usage(text === undefined ? '--reason is missing' : `--reason ${JSON.stringify(text)} is not a reason`, {
    hint: `Choose one of ${REVOCATION_REASONS.join(', ')}.`,
  });
}

export const { define, run }: CommandModule = {
  define: (command) => {
    command
      .argument('<credential>', 'a root or an intermediate: its file, its fingerprint, or 8 or more digits of that')
      .option('--reason <reason>', REVOCATION_REASONS.join(', '))
      .option('--unknown', 'the authority does not hold it; then a whole fingerprint is needed')
      .addHelpText('after', '\nWith key-compromise every credential with the same key is revoked.');
  },
  run: async (context, args, options) => {
    const wish = { name: first(args), reason: reasonOf(options.text('reason')), unknown: options.flag('unknown') };
    const revoked = await atDesk(context, 'revoke', (desk) => revoke(desk, wish));
    const json = {
      revoked: revoked.map(({ fingerprint, credential, file }) => ({
        fingerprint,
        reason: wish.reason,
        ...(credential === undefined ? {} : { credential: resolve(context.dir, credential) }),
        file: resolve(context.dir, file),
      })),
    };
    result(
      context.options,
      json,
      () =>
        `${revoked.map(({ fingerprint }) => `Revoked: ${fingerprint}\n`).join('')}\nClients know it once a bundle that says so is published: as-ceremony bundle export\n`,
    );
  },
};
