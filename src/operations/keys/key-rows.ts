/** What previews show about keys. */
import type { Authority } from '../../authority/authority.js';
import { type KeyUri, parseKeyUri, type Pkcs11KeyUri } from '../../codec/key-uri.js';
import { CeremonyError } from '../../common/errors.js';
import { DEFAULT_WORK_FACTOR } from '../../signer/age-header.js';
import { lookAtModule, type ModuleTrust } from '../../signer/pkcs11/module-trust.js';
import { modulesFor } from '../../signer/pkcs11/modules.js';
import { UNDER_WRAP } from '../../signer/pkcs11/use.js';
import type { OperationContext, Row } from '../context/operation-context.js';
import type { KeyOptions } from '../signing/ready-key.js';

/** Returns what a person should know about the settings before a key is made by them. */
export function keyWarnings({ settings }: Authority, { kind }: KeyUri): string[] {
  const { keyWorkFactor } = settings;
  if (kind !== 'file' || keyWorkFactor >= DEFAULT_WORK_FACTOR) return [];
  const faster = String(2 ** (DEFAULT_WORK_FACTOR - keyWorkFactor));
  return [
    `key_work_factor is ${String(keyWorkFactor)}: a passphrase is guessed ${faster} times as fast as with ${String(DEFAULT_WORK_FACTOR)}`,
  ];
}

/** Returns how previews name a key that is to be made, and what will be done with it. */
export function newKeyRow({ uri, kind }: KeyUri, { existing, backup }: KeyOptions = {}): string {
  const what = existing === 'adopt' ? 'adopted' : 'new';
  return kind === 'pkcs11' && backup === 'wrapped' ? `${uri} (${what}, ${UNDER_WRAP})` : `${uri} (${what})`;
}

/** Returns the same row for a preview's `asNew`. */
export function rowAsNew(key: KeyUri, { backup }: KeyOptions = {}): string {
  return newKeyRow(key, backup === undefined ? {} : { backup });
}

export function newKeyChange({ uri, kind }: KeyUri, { existing }: KeyOptions = {}): string {
  if (kind === 'file') return `${uri} is made, under a passphrase`;
  return existing === 'adopt'
    ? `${uri} is adopted, after a check in its token`
    : `${uri} is made in its token, after a test of the token`;
}

/**
 * Returns rows for previews: the key that will sign, and the module through which it does. Empty if no record here
 * knows the key.
 */
export function signingKeyRows(authority: Authority, publicKey: Uint8Array): readonly Row[] {
  const record = authority.keyRecordFor(publicKey);
  const name = recordedKey(authority, publicKey);
  if (record === undefined || name === undefined) return [];
  return [['signing key', name], ...rowsOfModule(parseKeyUri(record.uri), { named: [], dataFolder: authority.dir })];
}

/** Whether a row's label is about the machine: a plan is made on another machine than it is run on. */
export const isOfMachine = (label: string): boolean => label.endsWith(MODULE);
const MODULE = 'module';

/**
 * Returns rows for previews: the real path of the library that will be loaded for a key in a token, and who could have
 * put it there. Empty for key files.
 */
export function moduleRows({ hsm }: Pick<OperationContext, 'hsm'>, key: KeyUri, label = MODULE): readonly Row[] {
  return rowsOfModule(key, hsm.trust, label);
}

type Known = Pick<ModuleTrust, 'named' | 'dataFolder'>;

function rowsOfModule(key: KeyUri, known: Known, label = MODULE): readonly Row[] {
  return key.kind === 'file' ? [] : [[label, modulesOf(key, known)]];
}

function modulesOf(key: Pkcs11KeyUri, { named, dataFolder }: Known): string {
  try {
    return modulesFor(key, named)
      .map(({ path }) => {
        const { real, others } = lookAtModule(path, dataFolder);
        return others.length === 0 ? real : `${real} (${others[0] ?? ''})`;
      })
      .join(', or ');
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    return `unknown: ${error.message}`;
  }
}

/** Returns how previews name a key that is on record: by its URI, and with what people should know about it. */
export function recordedKey(authority: Authority, publicKey: Uint8Array): string | undefined {
  const record = authority.keyRecordFor(publicKey);
  if (record === undefined) return undefined;
  return record.hsm?.backup === 'wrapped' ? `${record.uri} (${UNDER_WRAP})` : record.uri;
}
