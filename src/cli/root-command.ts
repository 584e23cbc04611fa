/** `root generate` and `root rotate`: one making, with or without a root before it. */
import { resolve } from 'node:path';
import { toHex } from '../common/bytes.js';
import { fingerprintOf } from '../credential/fingerprint.js';
import { chooseCiphersuite } from '../operations/desk.js';
import { generateRoot } from '../operations/generate-root.js';
import type { CommandModule } from './command.js';
import { atDesk } from './desk.js';
import { result } from './output.js';
import { fields, hexGroups } from './render.js';
import { validityJson } from './times.js';
import { addKeyOptions, addValidityOptions, wantedKey, wantedValidity } from './wishes.js';

export function rootCommand(name: 'root generate' | 'root rotate'): CommandModule {
  const succeeds = name === 'root rotate';
  return {
    define: (command) => {
      addKeyOptions(
        addValidityOptions(
          command.option('--key <uri>', 'the key to make: file:keys/NAME.age (root-N if not given), or pkcs11:…'),
        ),
      ).option('--ciphersuite <name>', "such as ed25519-sha256 (the authority's if not given)");
    },
    run: async (context, _args, options) => {
      const validity = wantedValidity(options);
      const keyUri = options.text('key');
      const keyWish = wantedKey(options);
      const { credential, file } = await atDesk(context, name, (desk) =>
        generateRoot(desk, {
          ...validity,
          ...keyWish,
          ...(keyUri === undefined ? {} : { keyUri }),
          ciphersuite: chooseCiphersuite(desk.authority, options.text('ciphersuite')),
          succeeds,
        }),
      );
      const inHsm = keyUri?.startsWith('pkcs11:') === true;
      const fingerprint = toHex(fingerprintOf(credential));
      const path = resolve(context.dir, file);
      result(context.options, { fingerprint, file: path, ...validityJson(credential.payload.expirationData) }, () =>
        [
          'The AS root credential is made.',
          '',
          fields([
            ['file', path],
            ['fingerprint', fingerprint],
          ]),
          ...hexGroups(fingerprint).map((line) => `    ${line}`),
          '',
          `Write the fingerprint down: it is what clients and witnesses trust. ${inHsm ? 'The key is in its token alone.' : 'Back up the key file, and keep its passphrase apart from it.'}`,
          ...(succeeds
            ? ['Clients know it once a bundle with it is published, which the roots before it sign too: bundle export']
            : []),
          '',
        ].join('\n'),
      );
    },
  };
}
