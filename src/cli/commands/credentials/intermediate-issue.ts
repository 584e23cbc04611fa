import { resolve } from 'node:path';
import { toHex } from '../../../common/bytes.js';
import { fingerprintOf } from '../../../credential/fingerprint-of.js';
import { readCredential } from '../../../operations/context/read-credential.js';
import { issueIntermediate } from '../../../operations/credentials/issue-intermediate.js';
import { runOperation } from '../../operation/run-operation.js';
import { first } from '../../options/file-arguments.js';
import { validityJson } from '../../options/times.js';
import type { CommandModule } from '../../program/command.js';
import { declare } from '../../program/declared.js';
import { result } from '../../terminal/output.js';
import { commandLine } from '../../terminal/remedy-text.js';
import { fields } from '../../terminal/render.js';
import { checkOut, copyChange, copyOut, withOutput } from '../../written/out-file.js';

export const { define, run }: CommandModule = {
  define: (command) => {
    declare(command, 'intermediate issue');
  },
  run: async (context, args, options) => {
    const request = readCredential(first(args), ['intermediate_as_credential_request']);
    const out = checkOut(context, options.text('out'));
    const { credential, file } = await runOperation(context, 'intermediate issue', (operation) =>
      issueIntermediate(withOutput(operation, ...copyChange(out)), request),
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
        ])}\nClients learn of it from the next bundle that is published: ${commandLine({ command: 'bundle export' }, context.options.dir)}\n`,
    );
  },
};
