/** What a `run` step can do: the tool's operations by the names of their commands, with the same options. */
import { resolve } from 'node:path';
import { inAuthority } from '../../authority/ground/layout.js';
import { MAX_PREPARED_FILE } from '../../bundle/prepared.js';
import { toHex } from '../../common/bytes.js';
import { refused } from '../../common/errors.js';
import { readFile } from '../../common/files.js';
import { checkCreatable } from '../../common/new-files.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import type { IntermediateAsCredentialRequest } from '../../credential/intermediate-as-credential.js';
import { exportSeries } from '../../operations/bundles/export-bundle.js';
import { bundleOptionsIn, seriesIn } from '../../operations/bundles/parse-bundle-options.js';
import { chooseCiphersuite } from '../../operations/context/operation-context.js';
import { readCredential } from '../../operations/context/read-credential.js';
import { keyOptionsIn, validityIn } from '../../operations/context/text-options.js';
import { generateRoot } from '../../operations/credentials/generate-root.js';
import { issueIntermediate } from '../../operations/credentials/issue-intermediate.js';
import {
  againIn,
  intermediateKeyIn,
  reasonIn,
  rootOptionsIn,
  signerIn,
} from '../../operations/credentials/parse-credential-options.js';
import { requestIntermediate } from '../../operations/credentials/request-intermediate.js';
import { revoke } from '../../operations/credentials/revoke-credential.js';
import { signAgain } from '../../operations/credentials/signed-again.js';
import { lastIntermediate, predecessorOf } from '../../operations/credentials/succession.js';
import { OPERATION_SPECS, operationSpec, type SharedOperation } from '../../operations/registry/operations.js';
import { signPrepared } from '../../operations/stages/sign-prepared.js';
import { KEY_OPERATIONS } from './key-operations.js';
import type { Operation, RunOperation } from './operation.js';
import { needed, ScriptOptions } from './script-options.js';

export type { Operation, OptionValues, StepResult } from './operation.js';

const root =
  (succeeds: boolean): RunOperation =>
  async (context, values) => {
    const options = new ScriptOptions(values);
    const again = againIn(options);
    if (again !== undefined) {
      const { credential, file } = await signAgain(context, again);
      return { fingerprint: toHex(fingerprintOf(credential)), files: [file] };
    }
    const { credential, file, twin } = await generateRoot(context, {
      ...rootOptionsIn(options, succeeds),
      ciphersuite: chooseCiphersuite(context.authority, values.ciphersuite),
    });
    return {
      fingerprint: toHex(fingerprintOf(credential)),
      files: twin === undefined ? [file] : [file, twin.file],
    };
  };

const RUNS: Readonly<Record<SharedOperation, RunOperation>> = {
  'root generate': root(false),
  'root rotate': root(true),
  'intermediate request': async (context, values) => {
    const { authority, atSeconds } = context;
    const options = new ScriptOptions(values);
    const { file } = await requestIntermediate(context, {
      ...validityIn(options),
      ...keyOptionsIn(options),
      keyUri: intermediateKeyIn(authority, options),
      ciphersuite: chooseCiphersuite(authority, values.ciphersuite),
      signer: signerIn(authority, options, atSeconds),
      ...(options.flag('succeeds')
        ? { predecessor: predecessorOf(authority, lastIntermediate(authority, atSeconds)) }
        : {}),
    });
    return { files: [file] };
  },
  'intermediate issue': async (context, values, earlier) => {
    const { authority, atSeconds } = context;
    const options = new ScriptOptions(values);
    const predecessor = options.flag('succeeds') ? lastIntermediate(authority, atSeconds) : undefined;
    const request = requestIn(authority.dir, values.request, earlier);
    const { credential, file } = await issueIntermediate(context, request, predecessor);
    return { fingerprint: toHex(fingerprintOf(credential)), files: [file] };
  },
  revoke: async (context, values) => {
    const options = new ScriptOptions(values);
    const wanted = { name: needed(options, 'credential'), reason: reasonIn(options), unknown: options.flag('unknown') };
    return { files: (await revoke(context, wanted)).map(({ file }) => file) };
  },
  'bundle export': async (context, values) => {
    const options = new ScriptOptions(values);
    const made = await exportSeries(context, bundleOptionsIn(context.authority, options), seriesIn(options) ?? 1);
    return { files: made.map(({ file }) => file) };
  },
  'bundle sign': async (context, values) => {
    const options = new ScriptOptions(values);
    const out = resolve(needed(options, 'out'));
    checkCreatable(out);
    const { signatures } = await signPrepared(context, {
      prepared: readFile(resolve(needed(options, 'prepared')), MAX_PREPARED_FILE),
      root: needed(options, 'root'),
      last: [],
      anew: false,
      out: () => out,
    });
    return { files: [], outside: { path: out, bytes: signatures } };
  },
  ...KEY_OPERATIONS,
};

export const OPERATION_NAMES = Object.keys(OPERATION_SPECS) as readonly SharedOperation[];

export function operationNamed(name: string): Operation | undefined {
  const known = OPERATION_NAMES.find((one) => one === name);
  return known === undefined ? undefined : { name: known, ...operationSpec(known), run: RUNS[known] };
}

/**
 * Returns the request that is named (in the authority's requests/, or at a path of the machine), or else the last one
 * that this ceremony made.
 */
function requestIn(dir: string, name: string | undefined, earlier: readonly string[]): IntermediateAsCredentialRequest {
  const made = earlier.filter((file) => file.startsWith('requests/')).at(-1);
  const file = name ?? made;
  if (file === undefined) {
    throw refused('no-request', 'no request is named, and this ceremony made none', {
      hint: 'Name it, by its place in the authority or as the path of a file.',
      remedies: [{ option: 'set', value: 'request=requests/NAME.pem' }],
    });
  }
  const path = file.startsWith('requests/') ? inAuthority(dir, file) : resolve(file);
  return readCredential(path, ['intermediate_as_credential_request']);
}
