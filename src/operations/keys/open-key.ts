/** Makes, adopts, opens and records keys by URI: software keys here, keys in an HSM in authority-hsm-keys.ts. */
import { basename, dirname, join } from 'node:path';
import type { Authority } from '../../authority/authority.js';
import { encodeKeyRecord, type KeyMark, keyRecordPath } from '../../authority/formats/small-files.js';
import { readInside, readUncachedInside } from '../../authority/ground/inside.js';
import { shownPath } from '../../authority/ground/layout.js';
import type { ChangeFile } from '../../authority/store.js';
import { canonicalKeyUri, type FileKeyUri, type KeyUri, parseKeyUri } from '../../codec/key-uri.js';
import { wipe } from '../../common/bytes.js';
import { CeremonyError, refused } from '../../common/errors.js';
import { listFolder } from '../../common/files.js';
import { removeFile, TEMPORARY_NAME } from '../../common/new-files.js';
import { formatTime } from '../../common/time.js';
import { isRehearsalDomain } from '../../credential/fqdn.js';
import type { SchemeInfo } from '../../crypto/ciphersuite.js';
import { MAX_KEY_FILE } from '../../signer/age-header.js';
import type { Signer } from '../../signer/signer.js';
import { createSoftwareKey, openSoftwareKey } from '../../signer/software-key.js';
import type { KeyContext, OperationContext } from '../context/operation-context.js';
import { type KeyOptions, keyUsed, type ReadyKey } from '../signing/ready-key.js';

const nothing = (): void => undefined;

/** Returns where a key's file is: below the authority, or at an absolute path (on a removable medium). */
export function keyFilePath(authority: Authority, { path }: FileKeyUri): string {
  return shownPath(authority.dir, path);
}

/**
 * Makes a key: either under a passphrase, in a file that is part of the transaction, even on another medium, or in its
 * token.
 */
export async function makeKey(
  context: OperationContext,
  key: KeyUri,
  scheme: SchemeInfo,
  wanted: KeyOptions = {},
): Promise<ReadyKey> {
  if (context.keys !== undefined)
    return context.keys.make(key, scheme, () => reallyMake(context, key, scheme, wanted), wanted);
  return reallyMake(context, key, scheme, wanted);
}

/**
 * Makes a key that is tried but not kept: closing its signer destroys it in its token, and its files are never written.
 */
export async function makeKeyForTrial(context: OperationContext, key: KeyUri, scheme: SchemeInfo): Promise<ReadyKey> {
  const make = (): Promise<ReadyKey> => reallyMake(context, key, scheme, {});
  return context.keys === undefined ? make() : context.keys.makeForTrial(key, scheme, make);
}

async function reallyMake(
  context: OperationContext,
  key: KeyUri,
  scheme: SchemeInfo,
  wanted: KeyOptions,
): Promise<ReadyKey> {
  if (key.kind === 'pkcs11') return (await import('./authority-hsm-keys.js')).makeHsmKey(context, key, scheme, wanted);
  const { authority, random, secrets, atSeconds } = context;
  const passphrase = await secrets.passphrase(key, 'new');
  try {
    const workFactor = authority.settings.keyWorkFactor;
    const { ageFile, publicKey, signer } = await createSoftwareKey({
      uri: key.uri,
      scheme,
      random,
      passphrase,
      workFactor,
      rehearsal: isRehearsalDomain(authority.settings.domain),
    });
    const record: ChangeFile = {
      path: keyRecordPath(key.name),
      bytes: encodeKeyRecord({ uri: key.uri, scheme, publicKey, madeAtSeconds: atSeconds }),
    };
    sweepBeside(context, key);
    const file: ChangeFile = { path: key.path, bytes: ageFile, mode: 0o600, secret: true };
    return { signer, files: [file, record], events: [], keep: nothing };
  } finally {
    wipe(passphrase);
  }
}

/**
 * Removes what a crash left beside a key file on another medium before the transaction was on record, since nobody else
 * does. Call it under the lock, when anything on record has been completed.
 */
export function sweepBeside({ secrets }: Pick<OperationContext, 'secrets'>, { path }: FileKeyUri): void {
  if (!path.startsWith('/')) return;
  for (const name of listFolder(dirname(path))) {
    if (!TEMPORARY_NAME.test(name) || !name.startsWith(`.${basename(path)}.`)) continue;
    removeFile(join(dirname(path), name));
    secrets.announce(`note: an interrupted command was undone (${join(dirname(path), name)})`);
  }
}

/** Opens the key with this public key, by its record. Errors: `unknown-key`, and those of the key. */
export async function openKeyOf(context: KeyContext, publicKey: Uint8Array, holder: string): Promise<Signer> {
  const record = context.authority.keyRecordFor(publicKey);
  if (record === undefined) {
    throw refused('unknown-key', `the authority has no record of the key of ${holder}`, {
      hint: 'Put the key on record, by its file or its token.',
      remedies: [{ command: 'key attach', args: ['KEY-URI'] }],
    });
  }
  return openKeyAt(context, record.uri, publicKey);
}

/**
 * Opens a key. `anew` means that the opening itself must be shown: a key file that was opened before, or that only the
 * page cache holds, does not count.
 */
export async function openKeyAt(
  context: KeyContext,
  uri: string,
  publicKey?: Uint8Array,
  { anew = false }: { readonly anew?: boolean } = {},
): Promise<Signer> {
  const { authority, keys } = context;
  const record = authority.keyRecords.find((one) => one.uri === uri);
  const byKey = publicKey === undefined ? undefined : authority.keyRecordFor(publicKey);
  checkKeyLives(uri, (byKey ?? record)?.end);
  if (keys === undefined) return reallyOpen(context, uri, publicKey, anew);
  const known = publicKey === undefined ? {} : { publicKey };
  const scheme = (record ?? byKey)?.scheme;
  const key = { uri, ...known, ...(scheme === undefined ? {} : { scheme }) };
  const open = (): Promise<Signer> => reallyOpen(context, uri, publicKey, anew);
  return anew ? keys.openAnew(key, open) : keys.open(key, open);
}

async function reallyOpen(
  context: KeyContext,
  uri: string,
  publicKey: Uint8Array | undefined,
  anew: boolean,
): Promise<Signer> {
  const { authority } = context;
  const key = parseKeyUri(uri);
  if (key.kind === 'pkcs11')
    return (await import('./authority-hsm-keys.js')).openRecordedHsmKey(context, key, publicKey);
  // Read before the passphrase is asked for, so that a missing file is reported at once.
  const read = anew ? readUncachedInside(authority.dir, key.path, MAX_KEY_FILE).bytes : undefined;
  const ageFile = read ?? readInside(authority.dir, key.path, MAX_KEY_FILE);
  const { signer, passphrase } = await openWithPassphrase(context, key, ageFile, publicKey);
  wipe(passphrase);
  return signer;
}

/** Checks that a key has not been destroyed. Error: `key-destroyed`. */
export function checkKeyLives(uri: string, end: KeyMark | undefined): void {
  if (end === undefined) return;
  const what = end.state === 'destroyed' ? 'was destroyed' : 'was to be destroyed';
  throw refused('key-destroyed', `${uri} ${what}: recorded ${formatTime(end.atSeconds)}`, {
    ...(end.state === 'destroyed'
      ? {
          hint: 'It signs nothing more. Have the bundle do without a root whose key is gone.',
          remedies: [{ option: 'retire' }, { option: 'lost' }],
        }
      : { hint: 'It signs nothing more. Finish it.', remedies: [{ command: 'key destroy', args: [uri] }] }),
  });
}

const ATTEMPTS = 3;

/**
 * Opens a key file. A person who mistypes may try again; a passphrase from a file is tried once. The caller wipes the
 * passphrase.
 */
export async function openWithPassphrase(
  { secrets, authority }: Pick<KeyContext, 'secrets' | 'authority'>,
  key: FileKeyUri,
  ageFile: Uint8Array,
  publicKey: Uint8Array | undefined,
): Promise<{ readonly signer: Signer; readonly passphrase: Uint8Array }> {
  const rehearsal = isRehearsalDomain(authority.settings.domain);
  const expected = { rehearsal, ...(publicKey === undefined ? {} : { expectedPublicKey: publicKey }) };
  for (let attempt = 1; ; attempt++) {
    const passphrase = await secrets.passphrase(key, 'open');
    try {
      return { signer: await openSoftwareKey({ uri: key.uri, ageFile, passphrase, ...expected }), passphrase };
    } catch (error) {
      wipe(passphrase);
      const wrong = error instanceof CeremonyError && error.code === 'wrong-passphrase';
      if (!wrong || attempt === ATTEMPTS || !secrets.mayAskAgain(key)) throw error;
      secrets.announce(`That is not the passphrase of ${key.uri}. Try again.`);
    }
  }
}

/** Returns a key that is already on record, ready to sign. */
export async function readyKeyAt(context: KeyContext, uri: string, publicKey?: Uint8Array): Promise<ReadyKey> {
  const signer = await openKeyAt(context, uri, publicKey);
  return { signer, files: [], events: keyUsed(signer), keep: nothing };
}

/** Returns the record that a person or a command line names, by its URI in any spelling or by its name. */
export function recordNamed(authority: Authority, text: string): Authority['keyRecords'][number] | undefined {
  const canonical = canonicalKeyUri(text);
  return authority.keyRecords.find(({ uri, name }) => canonical === uri || text === name);
}
