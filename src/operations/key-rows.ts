/** What previews say of keys. */
import type { Authority } from '../authority/authority.js';
import { DEFAULT_WORK_FACTOR } from '../signer/age-header.js';
import type { KeyUri } from '../signer/key-uri.js';
import { UNDER_WRAP } from '../signer/pkcs11/use.js';
import type { Row } from './desk.js';
import type { KeyWish } from './ready-key.js';

/** What a person should know of the settings before a key is made by them. */
export function keyWarnings({ settings }: Authority, { kind }: KeyUri): string[] {
  const { keyWorkFactor } = settings;
  if (kind !== 'file' || keyWorkFactor >= DEFAULT_WORK_FACTOR) return [];
  const faster = String(2 ** (DEFAULT_WORK_FACTOR - keyWorkFactor));
  return [
    `key_work_factor is ${String(keyWorkFactor)}: a passphrase is guessed ${faster} times as fast as with ${String(DEFAULT_WORK_FACTOR)}`,
  ];
}

/** How previews name a key that is to be made, and what will become of it. */
export function newKeyRow({ uri, kind }: KeyUri, { existing, backup }: KeyWish = {}): string {
  const what = existing === 'adopt' ? 'adopted' : 'new';
  return kind === 'pkcs11' && backup === 'wrapped' ? `${uri} (${what}, ${UNDER_WRAP})` : `${uri} (${what})`;
}

/** The same row for a preview's `asNew`. */
export function rowAsNew(key: KeyUri, { backup }: KeyWish = {}): string {
  return newKeyRow(key, backup === undefined ? {} : { backup });
}

export function newKeyChange({ uri, kind }: KeyUri, { existing }: KeyWish = {}): string {
  if (kind === 'file') return `${uri} is made, under a passphrase`;
  return existing === 'adopt'
    ? `${uri} is adopted, after it was looked at in its token`
    : `${uri} is made in its token, after the token was tried`;
}

/** For previews: where the key is that will sign, where that is an HSM. */
export function signingKeyRows(authority: Authority, publicKey: Uint8Array): readonly Row[] {
  const hsm = authority.keyRecordFor(publicKey)?.hsm;
  const name = recordedKey(authority, publicKey);
  return hsm === undefined || name === undefined ? [] : [['signing key', name]];
}

/** How previews name a key that is on record: by its URI, and with what is to be known of it. */
export function recordedKey(authority: Authority, publicKey: Uint8Array): string | undefined {
  const record = authority.keyRecordFor(publicKey);
  if (record === undefined) return undefined;
  return record.hsm?.backup === 'wrapped' ? `${record.uri} (${UNDER_WRAP})` : record.uri;
}
