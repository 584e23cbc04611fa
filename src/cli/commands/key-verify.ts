import { toHex } from '../../common/bytes.js';
import { verifyKey } from '../../operations/key.js';
import type { CommandModule } from '../command.js';
import { openAuthority } from '../../authority/authority.js';
import { first } from '../files.js';
import { result } from '../output.js';
import { fields } from '../render.js';
import { hsmMeans, hsmRows } from '../hsm.js';
import { secretsOf } from '../secrets.js';

export const { define, run }: CommandModule = {
  define: (command) => {
    command
      .argument('<key>', "the key's URI or name, such as root-1")
      .addHelpText(
        'after',
        '\nOpens the key, compares its public key with the record and the credential, and lets it sign a random test message.',
      );
  },
  run: async (context, args) => {
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
        `The key is right, and signs.\n\n${fields([
          ['key', uri],
          ['public key', toHex(publicKey)],
          ['credential', credential === undefined ? 'none yet' : `${credential.file} (${credential.fingerprint})`],
          ...(hsm === undefined ? [] : hsmRows(hsm)),
        ])}`,
    );
  },
};
