/** Keys by URI: made, adopted, opened, and recorded; software keys here, keys in an HSM next door. */
import { basename, dirname, join } from 'node:path';
import { fileError, listFolder } from '../../common/files.js';
import { removeFile, TEMPORARY_NAME } from '../../common/new-files.js';
import { wipe } from '../../common/bytes.js';
import { CeremonyError, couldNot, refused, usage } from '../../common/errors.js';
import { formatTime } from '../../common/time.js';
import type { Authority } from '../../authority/authority.js';
import { checkCreatableInside, existsInside, readInside, readUncachedInside } from '../../authority/ground/inside.js';
import { elsewhereFault } from '../../authority/ground/elsewhere.js';
import { inAuthority, isElsewhere, shownPath } from '../../authority/ground/layout.js';
import { encodeKeyRecord, isMarkName, keyRecordPath, type KeyMark } from '../../authority/formats/records.js';
import type { ChangeFile } from '../../authority/store.js';
import { isRehearsalDomain } from '../../credential/fqdn.js';
import type { SchemeInfo } from '../../crypto/ciphersuite.js';
import { MAX_KEY_FILE } from '../../signer/age-header.js';
import { canonicalKeyUri, parseKeyUri, type FileKeyUri, type KeyUri, type Pkcs11KeyUri } from '../../codec/key-uri.js';
import { createSoftwareKey, openSoftwareKey } from '../../signer/software-key.js';
import type { Signer } from '../../signer/signer.js';
import type { OperationContext, KeyContext } from '../context/operation-context.js';
import { keyUsed, type KeyOptions, type ReadyKey } from '../signing/ready-key.js';
import { shellWord } from '../../common/shell.js';

const nothing = (): void => undefined;

/** Where a key's file lies: below the authority, or at an absolute path (a removable medium). */
export function keyFilePath(authority: Authority, { path }: FileKeyUri): string {
  return shownPath(authority.dir, path);
}

/**
 * Refuses a name that a key file or a key record has already, or one of the keys that are made together with it; before
 * anybody is asked for anything. What the token holds is looked at when the key is made. Errors: `file-exists`,
 * `bad-key-path`, `usage`.
 */
export function checkKeyIsNew(
  authority: Authority,
  uri: string,
  wanted: KeyOptions = {},
  others: readonly KeyUri[] = [],
): KeyUri {
  const key = parseKeyUri(uri);
  if (key.kind === 'pkcs11') return newHsmKeyUri(authority, key, others);
  if (others.some(({ name }) => name === key.name)) {
    throw usage(`two keys would be named ${key.name}`, { hint: 'Give one of them another name.' });
  }
  if (wanted.existing !== undefined || wanted.backup !== undefined) {
    throw usage(`--adopt, --destroy-orphan and --backup are for keys in an HSM, not for ${uri}`, {
      hint: 'A software key is backed up by copying its file.',
    });
  }
  checkKeyPath(authority, key);
  const alike = authority.keyRecords.find(({ name }) => name.toLowerCase() === key.name.toLowerCase());
  if (alike !== undefined && alike.name !== key.name)
    throw usage(`${uri} and the key ${alike.name} differ in upper and lower case alone`, {
      hint: 'Give it another name: a medium may not tell the two apart, and its copy would hold one of them.',
    });
  for (const path of [key.path, keyRecordPath(key.name)]) {
    if (existsInside(authority.dir, path)) throw fileError(shownPath(authority.dir, path), { code: 'EEXIST' });
  }
  if (key.path.startsWith('/')) checkCreatableInside(authority.dir, key.path);
  return key;
}

/** Error: `bad-key-path`. */
export function checkKeyPath({ dir }: Authority, { uri, path, name }: FileKeyUri): void {
  if (isMarkName(name))
    throw usage(`${uri}: names of keys do not end like that; such files say how a key ends`, {
      hint: 'Choose another name.',
    });
  const fault = isElsewhere(path) ? elsewhereFault(dir, path) : undefined;
  if (fault !== undefined)
    throw couldNot('bad-key-path', `${uri}: ${fault}`, {
      hint: `Write file:keys/${name}.age for a key in the authority, or the path to another medium without links.`,
    });
  if (isElsewhere(path) || /^keys\/[^/]+$/.test(path)) return;
  throw couldNot('bad-key-path', `${uri}: software keys of the authority lie in its folder keys/`, {
    hint: `Write file:keys/${name}.age, or an absolute path on another medium.`,
  });
}

/** With a name that no other key has: its own, or with its token's behind it. */
export function newHsmKeyUri(authority: Authority, key: Pkcs11KeyUri, others: readonly KeyUri[] = []): Pkcs11KeyUri {
  if (key.object === undefined && key.id === undefined) {
    throw usage(`key URI ${key.uri} names no key in the token`, { hint: 'Give the new key a label: object=NAME.' });
  }
  const taken = authority.keyRecords.find(({ uri }) => uri === key.uri);
  if (others.some(({ uri }) => uri === key.uri)) throw usage(`${key.uri} is named for two keys`, { hint: 'Name two.' });
  if (taken !== undefined) throw fileError(inAuthority(authority.dir, taken.file), { code: 'EEXIST' });
  const token = (key.token ?? key.serial ?? 'token').replace(/[^A-Za-z0-9._-]+/g, '-');
  const names = [key.name, `${key.name}@${token}`];
  const free = names.find(
    (name) =>
      !isMarkName(name) &&
      !others.some((other) => other.name === name) &&
      !['json', 'age'].some((type) => existsInside(authority.dir, `keys/${name}.${type}`)),
  );
  if (free === undefined) {
    throw fileError(inAuthority(authority.dir, keyRecordPath(names.at(-1) ?? '')), { code: 'EEXIST' });
  }
  return { ...key, name: free };
}

/**
 * Makes a key: under a passphrase, in a file that is part of the transaction, on another medium too; or in its token.
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
 * A key that is made, tried and not kept: closing its signer destroys it in its token, and its files are written
 * nowhere.
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
 * On another medium nobody else takes away what a crash left beside a key file before the transaction was on record.
 * Call it under the lock: what is on record was completed by then.
 */
export function sweepBeside({ secrets }: Pick<OperationContext, 'secrets'>, { path }: FileKeyUri): void {
  if (!path.startsWith('/')) return;
  for (const name of listFolder(dirname(path))) {
    if (!TEMPORARY_NAME.test(name) || !name.startsWith(`.${basename(path)}.`)) continue;
    removeFile(join(dirname(path), name));
    secrets.announce(`note: an interrupted command was undone (${join(dirname(path), name)})`);
  }
}

/** Opens the key whose public key this is, by its record. Errors: `unknown-key`, and those of the key. */
export async function openKeyOf(context: KeyContext, publicKey: Uint8Array, holder: string): Promise<Signer> {
  const record = context.authority.keyRecordFor(publicKey);
  if (record === undefined) {
    throw refused('unknown-key', `the authority has no record of the key of ${holder}`, {
      hint: 'Put the key on record, by its file or its token: as-ceremony key attach URI.',
    });
  }
  return openKeyAt(context, record.uri, publicKey);
}

/**
 * `anew`: the opening itself is to be seen, so that no key file counts that was opened before, or that only the page
 * cache holds.
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
  // Read before the passphrase is asked for: a missing file is said at once.
  const read = anew ? readUncachedInside(authority.dir, key.path, MAX_KEY_FILE).bytes : undefined;
  const ageFile = read ?? readInside(authority.dir, key.path, MAX_KEY_FILE);
  const { signer, passphrase } = await openWithPassphrase(context, key, ageFile, publicKey);
  wipe(passphrase);
  return signer;
}

/** Error: `key-destroyed`. */
export function checkKeyLives(uri: string, end: KeyMark | undefined): void {
  if (end === undefined) return;
  const what = end.state === 'destroyed' ? 'was destroyed' : 'was to be destroyed';
  throw refused('key-destroyed', `${uri} ${what}: recorded ${formatTime(end.atSeconds)}`, {
    hint:
      end.state === 'destroyed'
        ? 'It signs nothing more. A bundle does without a root whose key is gone with --retire or --lost.'
        : `It signs nothing more. Finish it: as-ceremony key destroy ${shellWord(uri)}`,
  });
}

const ATTEMPTS = 3;

/**
 * Opens a key file. A person who mistypes may try again, a file's passphrase is tried once. The caller wipes the
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

/** A key that is on record already, ready to sign. */
export async function readyKeyAt(context: KeyContext, uri: string, publicKey?: Uint8Array): Promise<ReadyKey> {
  const signer = await openKeyAt(context, uri, publicKey);
  return { signer, files: [], events: keyUsed(signer), keep: nothing };
}

/** The record that a person or a command line names by its URI, in any spelling, or by its name. */
export function recordNamed(authority: Authority, text: string): Authority['keyRecords'][number] | undefined {
  const canonical = canonicalKeyUri(text);
  return authority.keyRecords.find(({ uri, name }) => canonical === uri || text === name);
}
