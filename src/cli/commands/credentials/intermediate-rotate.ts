import { resolve } from 'node:path';
import { toHex } from '../../../common/bytes.js';
import { usage } from '../../../common/errors.js';
import { formatTime } from '../../../common/time.js';
import { fingerprintOf } from '../../../credential/fingerprint-of.js';
import type { IntermediateAsCredentialRequest } from '../../../credential/intermediate-as-credential.js';
import { chooseCiphersuite } from '../../../operations/context/operation-context.js';
import { readCredential } from '../../../operations/context/read-credential.js';
import { keyOptionsIn, validityIn } from '../../../operations/context/text-options.js';
import { issueIntermediate } from '../../../operations/credentials/issue-intermediate.js';
import { intermediateKeyIn } from '../../../operations/credentials/parse-credential-options.js';
import { requestIntermediate } from '../../../operations/credentials/request-intermediate.js';
import { newestRoot } from '../../../operations/credentials/roots.js';
import { lastIntermediate, predecessorOf } from '../../../operations/credentials/succession.js';
import { CIPHERSUITE, copyTo, NEW_KEY, VALIDITY } from '../../../operations/registry/option.js';
import { runOperation } from '../../operation/run-operation.js';
import { validityJson } from '../../options/times.js';
import type { CommandModule, Options } from '../../program/command.js';
import type { CommandContext } from '../../program/context.js';
import { addOptions } from '../../program/declared.js';
import { note, result } from '../../terminal/output.js';
import { commandLine } from '../../terminal/remedy-text.js';
import { fields } from '../../terminal/render.js';
import { checkOut, copyChange, copyOut, withOutput } from '../../written/out-file.js';

/** Returns the request that --request names, or makes one with a new key, which is the first half of the rotation. */
async function requestFor(context: CommandContext, options: Options): Promise<IntermediateAsCredentialRequest> {
  const file = options.text('request');
  const wanted = { ...validityIn(options), ...keyOptionsIn(options) };
  if (file !== undefined) {
    const others = ['key', 'ciphersuite', 'notBefore', 'notAfter', 'lifetime', 'backup'].filter(
      (name) => options.text(name) !== undefined,
    );
    if (others.length > 0 || wanted.existing !== undefined) {
      throw usage('--request is given together with an option for a key or a validity', {
        hint: 'A request already has its key and its validity. Give one or the other.',
      });
    }
    return readCredential(file, ['intermediate_as_credential_request']);
  }
  const { request, path } = await runOperation(context, 'intermediate rotate', async (operation) => {
    const { authority, atSeconds } = operation;
    const made = await requestIntermediate(operation, {
      ...wanted,
      keyUri: intermediateKeyIn(authority, options),
      ciphersuite: chooseCiphersuite(authority, options.text('ciphersuite')),
      signer: newestRoot(authority, atSeconds).credential,
      predecessor: predecessorOf(authority, lastIntermediate(authority, atSeconds)),
    });
    return { request: made.request, path: resolve(context.dir, made.file) };
  });
  note(
    context.options,
    `The request is made: ${path}\nIf the rest fails, continue with: ${commandLine({ command: 'intermediate rotate', options: { request: path } }, context.options.dir)}`,
  );
  return request;
}

export const { define, run }: CommandModule = {
  define: (command) => {
    addOptions(command, [
      {
        name: 'key',
        value: 'uri',
        help: 'the key to make: file:keys/NAME.age (default: intermediate-N), or pkcs11:…',
      },
      { name: 'request', value: 'file', help: 'a request made elsewhere, instead of a key here' },
      ...VALIDITY,
      ...NEW_KEY,
      CIPHERSUITE,
      copyTo('credential'),
    ]);
  },
  run: async (context, _args, options) => {
    const out = checkOut(context, options.text('out'));
    const request = await requestFor(context, options);
    const { credential, file, predecessor } = await runOperation(context, 'intermediate rotate', async (operation) => {
      const succeeded = lastIntermediate(operation.authority, operation.atSeconds);
      const issued = await issueIntermediate(withOutput(operation, ...copyChange(out)), request, succeeded);
      return { ...issued, predecessor: { ...predecessorOf(operation.authority, succeeded), held: succeeded } };
    });
    const fingerprint = toHex(fingerprintOf(credential));
    const path = copyOut(resolve(context.dir, file), out);
    result(
      context.options,
      {
        fingerprint,
        file: path,
        ...validityJson(credential.payload.expirationData),
        predecessor: predecessor.held.fingerprint,
      },
      () =>
        `The successor is issued.\n\n${fields([
          ['file', path],
          ['fingerprint', fingerprint],
          ['succeeds', predecessor.held.fingerprint],
          ['which can issue until', formatTime(predecessor.issuingDeadline)],
          ['and stays published until', formatTime(predecessor.notAfter)],
        ])}\nClients learn of it from the next bundle that is published: ${commandLine({ command: 'bundle export' }, context.options.dir)}\nThe AS may sign with it from then on, not before.\n`,
    );
  },
};
