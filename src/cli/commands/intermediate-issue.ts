import { resolve } from 'node:path';
import { toHex } from '../../common/bytes.js';
import { fingerprintOf } from '../../credential/fingerprint.js';
import { issueIntermediate } from '../../operations/issue-intermediate.js';
import { readCredential } from '../../operations/read-credential.js';
import type { CommandModule } from '../command.js';
import { atDesk } from '../desk.js';
import { first } from '../files.js';
import { checkOut, copyChange, copyOut, withOutput } from '../out-file.js';
import { result } from '../output.js';
import { fields } from '../render.js';
import { validityJson } from '../times.js';
import { suggested } from '../suggested.js';

export const { define, run }: CommandModule = {
  define: (command) => {
    command.argument('<request>', 'the request, PEM').option('--out <file>', 'a copy of the credential here too');
  },
  run: async (context, args, options) => {
    const request = readCredential(first(args), ['intermediate_as_credential_request']);
    const out = checkOut(context, options.text('out'));
    const { credential, file } = await atDesk(context, 'intermediate issue', (desk) =>
      issueIntermediate(withOutput(desk, ...copyChange(out)), request),
    );
    const fingerprint = toHex(fingerprintOf(credential));
    const path = copyOut(resolve(context.dir, file), out);
    result(
      context.options,
      { fingerprint, file: path, ...validityJson(credential.payload.expirationData) },
      () =>
        `The intermediate AS credential is issued.\n\n${fields([
          ['file', path],
          ['fingerprint', fingerprint],
        ])}\nClients know it once a bundle with it is published: ${suggested('as-ceremony bundle export', context.options)}\n`,
    );
  },
};
