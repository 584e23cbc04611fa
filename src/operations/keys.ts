/** Keys by URI: made, opened, and recorded. Software keys only, so far. */
import { exists, fileError, readFile } from '../common/files.js';
import { checkCreatable, createFile, removeFile } from '../common/new-files.js';
import { wipe } from '../common/bytes.js';
import { CeremonyError, couldNot, refused } from '../common/errors.js';
import type { Authority } from '../authority/authority.js';
import { inAuthority } from '../authority/layout.js';
import { encodeKeyRecord, keyRecordPath } from '../authority/records.js';
import type { ChangeFile } from '../authority/store.js';
import type { SchemeInfo } from '../crypto/ciphersuite.js';
import { DEFAULT_WORK_FACTOR, MAX_KEY_FILE } from '../signer/age-header.js';
import { parseKeyUri, type KeyUri } from '../signer/key-uri.js';
import { createSoftwareKey, openSoftwareKey } from '../signer/software-key.js';
import type { Signer } from '../signer/signer.js';
import type { Desk } from './desk.js';

/** A key that was made or is there, ready to sign, and the files that go with it into the transaction. */
export interface ReadyKey {
  readonly signer: Signer;
  readonly files: readonly ChangeFile[];
  /** Takes back what lies outside the transaction, where the transaction did not happen. */
  readonly discard: () => void;
}

const nothing = (): void => undefined;

/** Works with a key, and closes it in every ending. Where the change was not recorded, a key made for it is taken back. */
export async function usingKey<T>(key: ReadyKey, action: (key: ReadyKey) => Promise<T>): Promise<T> {
  try {
    return await action(key);
  } catch (error) {
    if (!(error instanceof CeremonyError && error.code === 'authority-unfinished')) key.discard();
    throw error;
  } finally {
    await key.signer.close();
  }
}

/** What a person should know of the settings before a key is made by them. */
export function keyWarnings({ settings }: Authority): string[] {
  const { keyWorkFactor } = settings;
  if (keyWorkFactor >= DEFAULT_WORK_FACTOR) return [];
  const faster = String(2 ** (DEFAULT_WORK_FACTOR - keyWorkFactor));
  return [
    `key_work_factor is ${String(keyWorkFactor)}: a passphrase is guessed ${faster} times as fast as with ${String(DEFAULT_WORK_FACTOR)}`,
  ];
}

/** Where a key's file lies: below the authority, or at an absolute path (a removable medium). */
export function keyFilePath(authority: Authority, { path }: KeyUri): string {
  return path.startsWith('/') ? path : inAuthority(authority.dir, path);
}

/** Refuses a name that a key file or a key record has already; before anybody is asked for anything. Error: `file-exists`. */
export function checkKeyIsNew(authority: Authority, uri: string): KeyUri {
  const key = parseKeyUri(uri);
  if (!key.path.startsWith('/') && !/^keys\/[^/]+$/.test(key.path)) {
    throw couldNot('bad-key-path', `${uri}: software keys of the authority lie in its folder keys/`, {
      hint: `Write file:keys/${key.name}.age, or an absolute path on another medium.`,
    });
  }
  for (const path of [keyFilePath(authority, key), inAuthority(authority.dir, keyRecordPath(key.name))]) {
    if (exists(path)) throw fileError(path, { code: 'EEXIST' });
  }
  if (key.path.startsWith('/')) checkCreatable(key.path);
  return key;
}

/** Makes a key under a passphrase. Its file is part of the transaction, except on another medium, where it is written now. */
export async function makeKey(desk: Desk, key: KeyUri, scheme: SchemeInfo): Promise<ReadyKey> {
  const { authority, random, secrets, atSeconds } = desk;
  const passphrase = await secrets.passphrase(key, 'new');
  try {
    const workFactor = authority.settings.keyWorkFactor;
    const { ageFile, publicKey, signer } = await createSoftwareKey({
      uri: key.uri,
      scheme,
      random,
      passphrase,
      workFactor,
    });
    const record: ChangeFile = {
      path: keyRecordPath(key.name),
      bytes: encodeKeyRecord({ uri: key.uri, scheme, publicKey, madeAtSeconds: atSeconds }),
    };
    if (!key.path.startsWith('/')) {
      return {
        signer,
        files: [{ path: key.path, bytes: ageFile, mode: 0o600, secret: true }, record],
        discard: nothing,
      };
    }
    createFile(key.path, ageFile, 0o600);
    const discard = (): void => {
      removeFile(key.path);
    };
    return { signer, files: [record], discard };
  } finally {
    wipe(passphrase);
  }
}

/** A key of the authority that has no credential yet, opened. */
export async function reuseKey(desk: Desk, uri: string, publicKey: Uint8Array): Promise<ReadyKey> {
  return { signer: await openKeyAt(desk, uri, publicKey), files: [], discard: nothing };
}

/** Opens the key whose public key this is, by its record. Errors: `unknown-key`, and those of `openSoftwareKey`. */
export async function openKeyOf(
  desk: Pick<Desk, 'authority' | 'secrets'>,
  publicKey: Uint8Array,
  holder: string,
): Promise<Signer> {
  const record = desk.authority.keyRecordFor(publicKey);
  if (record === undefined) {
    throw refused('unknown-key', `the authority has no record of the key of ${holder}`, {
      hint: 'Its key record (keys/NAME.json) is missing here; bring it back from a backup.',
    });
  }
  return openKeyAt(desk, record.uri, publicKey);
}

export async function openKeyAt(
  { authority, secrets }: Pick<Desk, 'authority' | 'secrets'>,
  uri: string,
  publicKey?: Uint8Array,
): Promise<Signer> {
  const key = parseKeyUri(uri);
  // Read before the passphrase is asked for: a missing file is said at once.
  const ageFile = readFile(keyFilePath(authority, key), MAX_KEY_FILE);
  const passphrase = await secrets.passphrase(key, 'open');
  try {
    return await openSoftwareKey({
      uri,
      ageFile,
      passphrase,
      ...(publicKey === undefined ? {} : { expectedPublicKey: publicKey }),
    });
  } finally {
    wipe(passphrase);
  }
}
