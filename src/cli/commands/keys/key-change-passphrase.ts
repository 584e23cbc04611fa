import { readSecretFile } from '../../../common/descriptors.js';
import { usage } from '../../../common/errors.js';
import { changePassphrase } from '../../../operations/keys/verify-key.js';
import { runOperation } from '../../operation/run-operation.js';
import { first } from '../../options/file-arguments.js';
import type { CommandModule } from '../../program/command.js';
import { result } from '../../terminal/output.js';
import { parseSecretFile } from '../../terminal/secret-file.js';
import { remarkStrength } from '../../terminal/secrets.js';

/** Parses `[KEY=]FILE`, in which KEY can only be the key itself. Error: `usage`. */
function newPassphraseFile(argument: string | undefined, key: string): string | undefined {
  if (argument === undefined) return undefined;
  const given = parseSecretFile(argument);
  if (given.key !== undefined && given.key !== key) {
    throw usage(`--new-passphrase-file is for ${given.key}, but the command is for ${key}`, {
      hint: 'Give only the file, or begin a path that contains = with ./',
    });
  }
  return given.path;
}

export const { define, run }: CommandModule = {
  define: (command) => {
    command
      .argument('<key>', "the key's URI or name, such as root-1")
      .option('--new-passphrase-file <[key=]file>', 'the new passphrase, from a file or /dev/fd/N')
      .addHelpText('after', '\nCopies and backups of the key file keep the old passphrase.');
  },
  run: async (context, args, options) => {
    const file = newPassphraseFile(options.text('newPassphraseFile'), first(args));
    const uri = await runOperation(context, 'key change-passphrase', (operation) => {
      const { secrets } = operation;
      const given: typeof secrets =
        file === undefined
          ? secrets
          : {
              ...secrets,
              passphrase: async (key, use) => {
                if (use === 'open') return secrets.passphrase(key, use);
                const passphrase = await readSecretFile(file);
                remarkStrength(context, passphrase, key.uri);
                return passphrase;
              },
            };
      return changePassphrase({ ...operation, secrets: given }, first(args));
    });
    result(
      context.options,
      { key: uri },
      () => `${uri} has its new passphrase. Backups of the old file keep the old one: replace or destroy them.\n`,
    );
  },
};
