/** What a `run` step can do: the tool's operations by the names of their commands, with options as those have them. */
import { resolve } from 'node:path';
import { toHex } from '../../common/bytes.js';
import { refused } from '../../common/errors.js';
import { readFile } from '../../common/files.js';
import { checkCreatable } from '../../common/new-files.js';
import { inAuthority } from '../../authority/ground/layout.js';
import { MAX_PREPARED_FILE } from '../../bundle/prepared.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import type { IntermediateAsCredentialRequest } from '../../credential/intermediate-as-credential.js';
import { bundleWishIn, seriesIn } from '../../operations/bundles/bundle-wish.js';
import {
  againIn,
  intermediateKeyIn,
  reasonIn,
  rootWishIn,
  signerIn,
} from '../../operations/credentials/credential-wishes.js';
import { chooseCiphersuite } from '../../operations/desk/desk.js';
import { exportSeries } from '../../operations/bundles/export-bundle.js';
import { generateRoot } from '../../operations/credentials/generate-root.js';
import { issueIntermediate } from '../../operations/credentials/issue-intermediate.js';
import { readCredential } from '../../operations/desk/read-credential.js';
import { requestIntermediate } from '../../operations/credentials/request-intermediate.js';
import { revoke } from '../../operations/credentials/revoke-credential.js';
import { signPrepared } from '../../operations/stages/sign-prepared.js';
import { signAgain } from '../../operations/credentials/signed-again.js';
import { lastIntermediate, predecessorOf } from '../../operations/credentials/succession.js';
import { keyWishIn, validityIn } from '../../operations/desk/text-options.js';
import { KEY_OPERATIONS } from './key-operations.js';
import type { Operation } from './operation.js';
import { needed, ScriptOptions } from './script-options.js';

export type { Operation, OptionValues, StepResult } from './operation.js';

const VALIDITY = ['lifetime', 'not-before', 'not-after'];
const KEY = ['key', 'adopt', 'backup'];
const NEXT_BUNDLE = ['last', 'lifetime', 'series', 'threshold', 'next-root', 'list', 'retire', 'lost', 'repin'];

const root = (succeeds: boolean): Operation => ({
  name: succeeds ? 'root rotate' : 'root generate',
  signs: true,
  gives: 'fingerprint',
  options: [...KEY, ...VALIDITY, 'ciphersuite', ...(succeeds ? ['reserve', 'again'] : ['twin', 'twin-listed'])],
  run: async (desk, values) => {
    const options = new ScriptOptions(values);
    const again = againIn(options);
    if (again !== undefined) {
      const { credential, file } = await signAgain(desk, again);
      return { fingerprint: toHex(fingerprintOf(credential)), files: [file] };
    }
    const { credential, file, twin } = await generateRoot(desk, {
      ...rootWishIn(options, succeeds),
      ciphersuite: chooseCiphersuite(desk.authority, values.ciphersuite),
    });
    return {
      fingerprint: toHex(fingerprintOf(credential)),
      files: twin === undefined ? [file] : [file, twin.file],
    };
  },
});

export const OPERATIONS: readonly Operation[] = [
  root(false),
  root(true),
  {
    name: 'intermediate request',
    signs: true,
    gives: 'files',
    options: [...KEY, ...VALIDITY, 'ciphersuite', 'signer', 'succeeds'],
    run: async (desk, values) => {
      const { authority, atSeconds } = desk;
      const options = new ScriptOptions(values);
      const { file } = await requestIntermediate(desk, {
        ...validityIn(options),
        ...keyWishIn(options),
        keyUri: intermediateKeyIn(authority, options),
        ciphersuite: chooseCiphersuite(authority, values.ciphersuite),
        signer: signerIn(authority, options, atSeconds),
        ...(options.flag('succeeds')
          ? { predecessor: predecessorOf(authority, lastIntermediate(authority, atSeconds)) }
          : {}),
      });
      return { files: [file] };
    },
  },
  {
    name: 'intermediate issue',
    signs: true,
    gives: 'fingerprint',
    options: ['request', 'succeeds'],
    run: async (desk, values, earlier) => {
      const { authority, atSeconds } = desk;
      const options = new ScriptOptions(values);
      const predecessor = options.flag('succeeds') ? lastIntermediate(authority, atSeconds) : undefined;
      const { credential, file } = await issueIntermediate(
        desk,
        requestIn(authority.dir, values.request, earlier),
        predecessor,
      );
      return { fingerprint: toHex(fingerprintOf(credential)), files: [file] };
    },
  },
  {
    name: 'revoke',
    signs: false,
    gives: 'files',
    options: ['credential', 'reason', 'unknown'],
    run: async (desk, values) => {
      const options = new ScriptOptions(values);
      const wish = { name: needed(options, 'credential'), reason: reasonIn(options), unknown: options.flag('unknown') };
      return { files: (await revoke(desk, wish)).map(({ file }) => file) };
    },
  },
  {
    name: 'bundle export',
    signs: true,
    gives: 'files',
    options: NEXT_BUNDLE,
    run: async (desk, values) => {
      const options = new ScriptOptions(values);
      const made = await exportSeries(desk, bundleWishIn(desk.authority, options), seriesIn(options) ?? 1);
      return { files: made.map(({ file }) => file) };
    },
  },
  {
    name: 'bundle sign',
    signs: true,
    gives: 'nothing',
    options: ['prepared', 'root', 'out'],
    writesTo: 'out',
    run: async (desk, values) => {
      const options = new ScriptOptions(values);
      const out = resolve(needed(options, 'out'));
      checkCreatable(out);
      const { signatures } = await signPrepared(desk, {
        prepared: readFile(resolve(needed(options, 'prepared')), MAX_PREPARED_FILE),
        root: needed(options, 'root'),
        last: [],
        anew: false,
        out: () => out,
      });
      return { files: [], outside: { path: out, bytes: signatures } };
    },
  },
  ...KEY_OPERATIONS,
];

export const OPERATION_NAMES: readonly string[] = OPERATIONS.map(({ name }) => name);

export function operationNamed(name: string): Operation | undefined {
  return OPERATIONS.find((one) => one.name === name);
}

export function isOperation(name: string): boolean {
  return operationNamed(name) !== undefined;
}

/**
 * The request that is named (in the authority's requests/, or at a path of the machine), or the one that this ceremony
 * made last.
 */
function requestIn(dir: string, name: string | undefined, earlier: readonly string[]): IntermediateAsCredentialRequest {
  const made = earlier.filter((file) => file.startsWith('requests/')).at(-1);
  const file = name ?? made;
  if (file === undefined) {
    throw refused('no-request', 'no request is named, and this ceremony made none', {
      hint: 'Name it: --set request=requests/NAME.pem, or the path of a file.',
    });
  }
  const path = file.startsWith('requests/') ? inAuthority(dir, file) : resolve(file);
  return readCredential(path, ['intermediate_as_credential_request']);
}
