import { resolve } from 'node:path';
import { usage } from '../../../common/errors.js';
import { chooseCiphersuite } from '../../../operations/context/operation-context.js';
import { keyOptionsIn, validityIn } from '../../../operations/context/text-options.js';
import { signerIn } from '../../../operations/credentials/parse-credential-options.js';
import { requestIntermediate } from '../../../operations/credentials/request-intermediate.js';
import { runOperation } from '../../operation/run-operation.js';
import { validityJson } from '../../options/times.js';
import type { CommandModule } from '../../program/command.js';
import { declare } from '../../program/declared.js';
import { result } from '../../terminal/output.js';
import { commandLine } from '../../terminal/remedy-text.js';
import { checkOut, copyChange, copyOut, withOutput } from '../../written/out-file.js';

export const { define, run }: CommandModule = {
  define: (command) => {
    declare(command, 'intermediate request');
  },
  run: async (context, _args, options) => {
    const wanted = { ...validityIn(options), ...keyOptionsIn(options) };
    const keyUri = options.text('key');
    if (keyUri === undefined)
      throw usage('--key is missing', { hint: 'Name the key to make, such as file:keys/intermediate-1.age.' });
    const out = checkOut(context, options.text('out'));
    const { request, file } = await runOperation(context, 'intermediate request', (operation) =>
      requestIntermediate(withOutput(operation, ...copyChange(out)), {
        ...wanted,
        keyUri,
        ciphersuite: chooseCiphersuite(operation.authority, options.text('ciphersuite')),
        signer: signerIn(operation.authority, options, operation.atSeconds),
      }),
    );
    const path = copyOut(resolve(context.dir, file), out);
    result(
      context.options,
      { file: path, ...validityJson(request.payload.expirationData) },
      () =>
        `The request is made: ${path}\nNext, where the root is: ${commandLine({ command: 'intermediate issue', args: [path] }, undefined)}\n`,
    );
  },
};
