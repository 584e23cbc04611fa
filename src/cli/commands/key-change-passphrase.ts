import { changePassphrase } from '../../operations/key.js';
import { parseSecretFile } from '../secret-file.js';
import type { CommandModule } from '../command.js';
import { atDesk } from '../desk.js';
import { first } from '../files.js';
import { result } from '../output.js';
import { readSecretFile } from '../../common/descriptors.js';
import { remarkStrength } from '../secrets.js';

export const { define, run }: CommandModule = {
  define: (command) => {
    command
      .argument('<key>', "the key's URI or name, such as root-1")
      .option('--new-passphrase-file <file>', 'the new passphrase, from a file or /dev/fd/N')
      .addHelpText('after', '\nCopies and backups of the key file keep the old passphrase.');
  },
  run: async (context, args, options) => {
    const file = options.text('newPassphraseFile');
    const uri = await atDesk(context, 'key change-passphrase', (desk) => {
      const { secrets } = desk;
      const given: typeof secrets =
        file === undefined
          ? secrets
          : {
              ...secrets,
              passphrase: async (key, use) => {
                if (use === 'open') return secrets.passphrase(key, use);
                const passphrase = readSecretFile(parseSecretFile(file).path);
                remarkStrength(context, passphrase, key.uri);
                return passphrase;
              },
            };
      return changePassphrase({ ...desk, secrets: given }, first(args));
    });
    result(
      context.options,
      { key: uri },
      () => `${uri} is under its new passphrase. Backups of the old file keep the old one: replace or destroy them.\n`,
    );
  },
};
