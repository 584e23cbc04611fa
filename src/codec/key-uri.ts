/** Key URIs: `file:keys/root-1.age` for software keys; `pkcs11:…` (RFC 7512) for keys in an HSM. */
import { usage } from '../common/errors.js';
import { parsePkcs11Uri, PKCS11, type Pkcs11KeyUri } from './pkcs11-uri.js';

export type { Pkcs11KeyUri } from './pkcs11-uri.js';

export interface FileKeyUri {
  readonly kind: 'file';
  readonly uri: string;
  /** Relative to the authority unless it begins with `/`; folders are always separated by `/`. */
  readonly path: string;
  /** The file's name without `.age`, by which a person may refer to the key. */
  readonly name: string;
}

export type KeyUri = FileKeyUri | Pkcs11KeyUri;

const SUFFIX = '.age';
const EXAMPLE = 'Write file:keys/NAME.age, with a path below the authority, or file:/PATH/NAME.age.';

/**
 * Parses a key URI strictly. The `uri` of the result is canonical, since keys are compared by it: one path has one
 * spelling, and a PKCS#11 URI is rewritten. Error: `usage`.
 */
export function parseKeyUri(uri: string): KeyUri {
  if (uri.startsWith(PKCS11)) return parsePkcs11Uri(uri);
  const bad = (what: string): Error => usage(`key URI ${JSON.stringify(uri)} ${what}`, { hint: EXAMPLE });
  if (!uri.startsWith('file:')) throw bad('begins with neither file: nor pkcs11:');
  const path = uri.slice('file:'.length);
  // Control and format characters would hide from the operator what is named; % ? # have a meaning in other URIs.
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\\%?#]/u.test(path)) throw bad('has a character that key paths do not have');
  const segments = (path.startsWith('/') ? path.slice(1) : path).split('/');
  if (segments.includes('')) throw bad('has an empty part');
  if (segments.some((segment) => segment === '.' || segment === '..')) throw bad('goes through . or ..');
  const file = segments[segments.length - 1] ?? '';
  if (!file.endsWith(SUFFIX)) throw bad(`does not end in ${SUFFIX}`);
  const name = file.slice(0, -SUFFIX.length);
  if (name === '' || name.startsWith('.')) throw bad('names a hidden file');
  return { kind: 'file', uri, path, name };
}

/** Returns the canonical spelling of a key URI, or the text itself if it is a key's name. */
export function canonicalKeyUri(text: string): string {
  return text.startsWith(PKCS11) ? parsePkcs11Uri(text).uri : text;
}
