import { resolve } from 'node:path';
import { usage } from '../../common/errors.js';
import { exists } from '../../common/files.js';
import type { Authority } from '../../authority/authority.js';
import { findCredential } from '../../authority/find-credential.js';
import type { AsCredential } from '../../credential/as-credential.js';
import { chooseCiphersuite } from '../../operations/desk.js';
import { requestIntermediate } from '../../operations/request-intermediate.js';
import { newestRoot } from '../../operations/roots.js';
import type { CommandModule } from '../command.js';
import { atDesk } from '../desk.js';
import { readCredential } from '../files.js';
import { checkOut, copyChange, copyOut, withOutput } from '../out-file.js';
import { result } from '../output.js';
import { validityJson } from '../times.js';
import { addKeyOptions, addValidityOptions, wantedKey, wantedValidity } from '../wishes.js';

/** The root that --signer names: of the authority, or a file from elsewhere; the newest usable one if not given. */
function signerOf(authority: Authority, name: string | undefined, atSeconds: number): AsCredential {
  if (name === undefined) return newestRoot(authority, atSeconds).credential;
  if (name.includes('.') && exists(resolve(name))) return readCredential(name, ['as_credential']);
  const { credential } = findCredential(authority, name);
  if (credential.kind !== 'as_credential') throw usage(`--signer ${name} is an intermediate`, { hint: 'Name a root.' });
  return credential;
}

export const { define, run }: CommandModule = {
  define: (command) => {
    addKeyOptions(
      addValidityOptions(
        command
          .option('--key <uri>', 'the key to make, or one without a credential yet: file:keys/NAME.age, or pkcs11:…')
          .option(
            '--signer <root>',
            'the root that is asked: its fingerprint, or its file (the newest usable one if not given)',
          ),
      ),
    )
      .option('--ciphersuite <name>', "such as ed25519-sha256 (the authority's if not given)")
      .option('--out <file>', 'a copy of the request here too');
  },
  run: async (context, _args, options) => {
    const validity = wantedValidity(options);
    const keyUri = options.text('key');
    const keyWish = wantedKey(options);
    if (keyUri === undefined)
      throw usage('--key is missing', { hint: 'Name the key to make, such as file:keys/intermediate-1.age.' });
    const out = checkOut(context, options.text('out'));
    const { request, file } = await atDesk(context, 'intermediate request', (desk) =>
      requestIntermediate(withOutput(desk, ...copyChange(out)), {
        ...validity,
        ...keyWish,
        keyUri,
        ciphersuite: chooseCiphersuite(desk.authority, options.text('ciphersuite')),
        signer: signerOf(desk.authority, options.text('signer'), desk.atSeconds),
      }),
    );
    const path = copyOut(resolve(context.dir, file), out);
    result(
      context.options,
      { file: path, ...validityJson(request.payload.expirationData) },
      () => `The request is made: ${path}\nNext, where the root is: as-ceremony intermediate issue ${path}\n`,
    );
  },
};
