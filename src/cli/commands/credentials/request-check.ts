import { openAuthority } from '../../../authority/authority.js';
import { readCredential } from '../../../operations/context/read-credential.js';
import { checkRequest } from '../../../operations/credentials/issue-intermediate.js';
import { first } from '../../options/file-arguments.js';
import { validityJson } from '../../options/times.js';
import type { CommandModule } from '../../program/command.js';
import { paint, result } from '../../terminal/output.js';

export const { define, run }: CommandModule = {
  define: (command) => {
    command
      .argument('<request>', 'the request (PEM)')
      .addHelpText('after', '\nRuns every rule, and a dry run with a throw-away key. Signs and changes nothing.');
  },
  run: async (context, args) => {
    const request = readCredential(first(args), ['intermediate_as_credential_request']);
    const { root } = checkRequest(
      { ...context, engines: await context.engines(), authority: await openAuthority(context.dir) },
      request,
    );
    result(
      context.options,
      { signer_fingerprint: root.fingerprint, ...validityJson(request.payload.expirationData) },
      () => `${paint(context.options)('green', 'This request would be issued')} by the root ${root.fingerprint}.\n`,
    );
  },
};
