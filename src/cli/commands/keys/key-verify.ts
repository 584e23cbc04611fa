import { openAuthority } from '../../../authority/authority.js';
import { diskWarning, mediumText } from '../../../authority/ground/medium.js';
import { toHex } from '../../../common/bytes.js';
import { proveFromBackup } from '../../../operations/keys/prove-backup.js';
import { verifyKey } from '../../../operations/keys/verify-key.js';
import { hsmMeans, hsmRows } from '../../operation/hsm-means.js';
import { runOperation } from '../../operation/run-operation.js';
import { first } from '../../options/file-arguments.js';
import type { CommandModule } from '../../program/command.js';
import type { CommandContext } from '../../program/context.js';
import { declare } from '../../program/declared.js';
import { result } from '../../terminal/output.js';
import { fields } from '../../terminal/render.js';
import { secretsOf } from '../../terminal/secrets.js';

async function proveBackup(context: CommandContext, key: string, from: string): Promise<void> {
  const proven = await runOperation(context, 'key verify', (operation) => proveFromBackup(operation, key, from));
  const { uri, publicKey, hsm, medium } = proven;
  const warning = hsm === undefined ? diskWarning(medium ?? {}) : undefined;
  const json = {
    key: uri,
    from: proven.from,
    public_key: toHex(publicKey),
    ...(medium === undefined ? {} : { medium: { ...medium } }),
    ...(hsm === undefined ? {} : { hsm: { ...hsm, attributes: { ...hsm.attributes } } }),
  };
  result(
    context.options,
    json,
    () =>
      `The backup contains the key.\n\n${fields([
        ['key', uri],
        ['backup', proven.from],
        ...(medium === undefined ? [] : ([['it is on', mediumText(medium)]] as const)),
        ['public key', toHex(publicKey)],
        ...(hsm === undefined ? [] : hsmRows(hsm)),
      ])}${warning === undefined ? '' : `\n\n${warning}`}`,
  );
}

export const { define, run }: CommandModule = {
  define: (command) => {
    declare(command, 'key verify');
  },
  run: async (context, args, options) => {
    const from = options.text('from');
    if (from !== undefined) {
      await proveBackup(context, first(args), from);
      return;
    }
    const authority = await openAuthority(context.dir);
    const { uri, publicKey, credential, hsm } = await verifyKey(
      { authority, secrets: secretsOf(context), random: context.random, hsm: hsmMeans(context, authority.settings) },
      first(args),
    );
    const json = {
      key: uri,
      public_key: toHex(publicKey),
      ...(credential === undefined ? {} : { fingerprint: credential.fingerprint }),
      ...(hsm === undefined ? {} : { hsm: { ...hsm, attributes: { ...hsm.attributes } } }),
    };
    result(
      context.options,
      json,
      () =>
        `The key matches its record, and signs.\n\n${fields([
          ['key', uri],
          ['public key', toHex(publicKey)],
          ['credential', credential === undefined ? 'none yet' : `${credential.file} (${credential.fingerprint})`],
          ...(hsm === undefined ? [] : hsmRows(hsm)),
        ])}`,
    );
  },
};
