/** What a new key may be called, and where its file may be. */
import type { Authority } from '../../authority/authority.js';
import { isMarkName, keyRecordPath } from '../../authority/formats/small-files.js';
import { elsewhereFault } from '../../authority/ground/elsewhere.js';
import { checkCreatableInside, existsInside } from '../../authority/ground/inside.js';
import { inAuthority, isElsewhere, shownPath } from '../../authority/ground/layout.js';
import { type FileKeyUri, type KeyUri, parseKeyUri, type Pkcs11KeyUri } from '../../codec/key-uri.js';
import { couldNot, usage } from '../../common/errors.js';
import { fileError } from '../../common/files.js';
import type { KeyOptions } from '../signing/ready-key.js';

/**
 * Refuses a name that a key file, a key record, or another of the keys made at the same time already has, before
 * anybody is asked for anything. The contents of a token are checked when the key is made. Errors: `file-exists`,
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
    throw usage(`only keys in an HSM can be adopted, destroyed or backed up by the token, and ${uri} is not one`, {
      hint: 'A software key is backed up by copying its file. Leave out what is for an HSM.',
      remedies: [{ option: 'adopt' }, { option: 'destroy-orphan' }, { option: 'backup' }],
    });
  }
  checkKeyPath(authority, key);
  const alike = authority.keyRecords.find(({ name }) => name.toLowerCase() === key.name.toLowerCase());
  if (alike !== undefined && alike.name !== key.name)
    throw usage(`${uri} and the key ${alike.name} differ only in case`, {
      hint: 'Give it another name: a medium may not tell the two apart, and its copy would hold one of them.',
    });
  for (const path of [key.path, keyRecordPath(key.name)]) {
    if (existsInside(authority.dir, path)) throw fileError(shownPath(authority.dir, path), { code: 'EEXIST' });
  }
  if (key.path.startsWith('/')) checkCreatableInside(authority.dir, key.path);
  return key;
}

/** Checks the path of a key file. Error: `bad-key-path`. */
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

/** Returns the key with a name that no other key has: its own, or its own followed by its token's. */
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
