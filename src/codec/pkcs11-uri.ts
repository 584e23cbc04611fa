/** PKCS#11 URIs (RFC 7512), parsed strictly and written in one canonical form, since keys are compared by their URI. */
import { fromUtf8, toHex, utf8 } from '../common/bytes.js';
import { usage } from '../common/errors.js';

/**
 * The text attributes of the path, by their names in the URI. An object must match all that are given (RFC 7512 §2.3).
 */
interface Pkcs11Attributes {
  readonly token?: string;
  readonly manufacturer?: string;
  readonly serial?: string;
  readonly model?: string;
  readonly 'library-manufacturer'?: string;
  readonly 'library-description'?: string;
  /** `2` or `2.6`. */
  readonly 'library-version'?: string;
  readonly 'slot-manufacturer'?: string;
  readonly 'slot-description'?: string;
  /** Decimal; it narrows a search, but is never enough by itself. */
  readonly 'slot-id'?: string;
  readonly object?: string;
  readonly type?: string;
}

export interface Pkcs11KeyUri extends Pkcs11Attributes {
  readonly kind: 'pkcs11';
  /** Canonical: attributes in a fixed order, and one way of escaping. */
  readonly uri: string;
  /** The name in the key record, by which a person may refer to the key: the object's label, or `id-HEX`. */
  readonly name: string;
  /** CKA_ID. */
  readonly id?: Uint8Array;
  readonly modulePath?: string;
  readonly moduleName?: string;
  /** The absolute path of a file that holds the PIN. */
  readonly pinFile?: string;
}

const TEXTS = [
  'token',
  'manufacturer',
  'serial',
  'model',
  'library-manufacturer',
  'library-description',
  'library-version',
  'slot-manufacturer',
  'slot-description',
  'slot-id',
  'object',
  'type',
] as const satisfies readonly (keyof Pkcs11Attributes)[];
const TYPES = ['private', 'public', 'cert', 'secret-key', 'data'];
const QUERIES = ['module-name', 'module-path', 'pin-source'] as const;
const TOKEN_ATTRIBUTES = ['token', 'manufacturer', 'serial', 'model'] as const;
/** pk11-pchar and pk11-qchar of RFC 7512 §2.3; percent signs are checked separately. */
const PATH_CHARACTERS = /^[A-Za-z0-9\-._~:[\]@!$'()*+,=&%]*$/;
const QUERY_CHARACTERS = /^[A-Za-z0-9\-._~:[\]@!$'()*+,=/?|%]*$/;
const EXAMPLE = 'Write pkcs11:token=LABEL;object=NAME?module-path=/PATH/MODULE.so, with %20 for a space.';

export const PKCS11 = 'pkcs11:';

/** Parses a PKCS#11 URI. Error: `usage`, which never repeats a PIN. */
export function parsePkcs11Uri(uri: string): Pkcs11KeyUri {
  // Whatever else is wrong, a PIN isn't shown again.
  if (/(^|[?&;])pin-value=/i.test(uri) || uri.toLowerCase().includes('pin-value')) {
    throw usage('the key URI holds a PIN (pin-value)', {
      hint: 'Change that PIN, since others may have seen it, and give the new one at the prompt, or from a file.',
      remedies: [{ option: 'pin-file' }],
    });
  }
  // Without the query, which may hold a PIN under some other name.
  const shown = JSON.stringify(uri.split('?')[0]);
  const bad = (what: string): Error => usage(`key URI ${shown} ${what}`, { hint: EXAMPLE });
  if (!uri.startsWith(PKCS11)) throw bad('does not begin with pkcs11:');
  const rest = uri.slice(PKCS11.length);
  const question = rest.indexOf('?');
  const path = question < 0 ? rest : rest.slice(0, question);
  const query = question < 0 ? undefined : rest.slice(question + 1);
  const given = attributes(path, ';', PATH_CHARACTERS, [...TEXTS, 'id'], bad);
  const queries =
    query === undefined ? new Map<string, Uint8Array>() : attributes(query, '&', QUERY_CHARACTERS, QUERIES, bad);
  const texts = textsOf(given, bad);
  const id = given.get('id');
  checkValues(texts, id, bad);
  const pathValue = textOf(queries.get('module-path'), 'module-path', bad);
  const moduleName = textOf(queries.get('module-name'), 'module-name', bad);
  const pinFile = pinFileOf(textOf(queries.get('pin-source'), 'pin-source', bad), bad);
  if (pathValue !== undefined && !/^\/[^/]/.test(pathValue)) throw bad('has a module-path that is not absolute');
  if (pathValue !== undefined && moduleName !== undefined) throw bad('has both module-path and module-name');
  if (moduleName !== undefined && (moduleName === '' || moduleName.includes('/'))) {
    throw bad('has a module-name that is a path');
  }
  const parts = {
    ...texts,
    ...(id === undefined ? {} : { id }),
    ...(pathValue === undefined ? {} : { modulePath: pathValue }),
    ...(moduleName === undefined ? {} : { moduleName }),
    ...(pinFile === undefined ? {} : { pinFile }),
  };
  return { kind: 'pkcs11', uri: formatPkcs11Uri(parts), name: nameOf(parts), ...parts };
}

type Parts = Omit<Pkcs11KeyUri, 'kind' | 'uri' | 'name'>;

/**
 * Returns the canonical URI: everything but unreserved characters (and `/` in the query) is escaped, and an ID is
 * escaped entirely.
 */
export function formatPkcs11Uri(parts: Parts): string {
  const path = TEXTS.flatMap((name) => {
    const value = parts[name];
    return value === undefined ? [] : [`${name}=${escaped(value)}`];
  });
  if (parts.id !== undefined) path.push(`id=${toHex(parts.id).replace(/../g, (hex) => `%${hex.toUpperCase()}`)}`);
  const query: string[] = [];
  if (parts.moduleName !== undefined) query.push(`module-name=${escaped(parts.moduleName)}`);
  if (parts.modulePath !== undefined) query.push(`module-path=${escaped(parts.modulePath, '/')}`);
  if (parts.pinFile !== undefined) query.push(`pin-source=file:${escaped(parts.pinFile, '/')}`);
  return `${PKCS11}${path.join(';')}${query.length === 0 ? '' : `?${query.join('&')}`}`;
}

function escaped(text: string, alsoPlain = ''): string {
  return [...utf8(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      const plain = /^[A-Za-z0-9\-._~]$/.test(character) || (byte < 0x80 && alsoPlain.includes(character));
      return plain ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

type Bad = (what: string) => Error;

function attributes(
  text: string,
  separator: string,
  characters: RegExp,
  known: readonly string[],
  bad: Bad,
): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (const part of text === '' ? [] : text.split(separator)) {
    const equals = part.indexOf('=');
    if (equals <= 0) throw bad(`has a part without a name and a value (${JSON.stringify(part)})`);
    const name = part.slice(0, equals);
    const value = part.slice(equals + 1);
    if (!known.includes(name)) throw bad(`has the unknown attribute ${JSON.stringify(name)}`);
    if (found.has(name)) throw bad(`has ${name} twice`);
    if (!characters.test(value)) throw bad(`has a character in ${name} that must be escaped`);
    found.set(
      name,
      decoded(value, () => bad(`has a % in ${name} that two hex digits do not follow`)),
    );
  }
  return found;
}

function decoded(value: string, bad: () => Error): Uint8Array {
  if (/%(?![0-9A-Fa-f]{2})/.test(value)) throw bad();
  const bytes: number[] = [];
  for (let i = 0; i < value.length; i++) {
    if (value[i] === '%') {
      bytes.push(Number.parseInt(value.slice(i + 1, i + 3), 16));
      i += 2;
    } else bytes.push(value.charCodeAt(i));
  }
  return Uint8Array.from(bytes);
}

function textOf(bytes: Uint8Array | undefined, name: string, bad: Bad): string | undefined {
  if (bytes === undefined) return undefined;
  const text = fromUtf8(bytes);
  // Control and format characters would hide from the operator what is named.
  if (text === undefined || /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)) {
    throw bad(`has a ${name} that is not plain text in UTF-8`);
  }
  return text;
}

function textsOf(given: ReadonlyMap<string, Uint8Array>, bad: Bad): Pkcs11Attributes {
  const texts: Partial<Record<(typeof TEXTS)[number], string>> = {};
  for (const name of TEXTS) {
    const value = textOf(given.get(name), name, bad);
    if (value !== undefined) texts[name] = value;
  }
  return texts;
}

/** PKCS#11's own limits on its fixed fields, and the forms of RFC 7512 §2.3. */
const LENGTHS: Readonly<Record<string, number>> = { token: 32, manufacturer: 32, serial: 16, model: 16 };

function checkValues(texts: Pkcs11Attributes, id: Uint8Array | undefined, bad: Bad): void {
  for (const name of TOKEN_ATTRIBUTES) {
    const limit = LENGTHS[name] ?? 32;
    const length = utf8(texts[name] ?? '').length;
    if (length > limit) throw bad(`has a ${name} of ${String(length)} bytes; it has at most ${String(limit)}`);
  }
  if (texts.object === '' || id?.length === 0) throw bad('has an empty object or id');
  if (texts.type !== undefined && !TYPES.includes(texts.type))
    throw bad(`has the unknown type ${JSON.stringify(texts.type)}`);
  if (texts.type !== undefined && texts.type !== 'private')
    throw bad(`names something of type ${texts.type}, not a private key`);
  if (!/^\d{1,19}$/.test(texts['slot-id'] ?? '0')) throw bad('has a slot-id that is not a number');
  if (!/^\d{1,3}(\.\d{1,3})?$/.test(texts['library-version'] ?? '0'))
    throw bad('has a library-version that is not N or N.N');
  if (TOKEN_ATTRIBUTES.every((name) => texts[name] === undefined)) {
    throw bad('names no token: slots move, so it needs token, serial, manufacturer or model');
  }
}

/** Returns the PIN file (RFC 7512 §2.4). A program that would be run is refused. */
function pinFileOf(source: string | undefined, bad: Bad): string | undefined {
  if (source === undefined) return undefined;
  const path = /^file:(?:\/\/)?(\/[^/].*)$/.exec(source)?.[1];
  if (path === undefined) throw bad('has a pin-source that is not file:/PATH');
  return path;
}

/** Returns what the file of the key record may be called; see the authority's layout. */
function nameOf({ object, id }: Parts): string {
  if (object === undefined) return id === undefined ? 'key' : `id-${toHex(id).slice(0, 64)}`;
  const plain = object
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._@+-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 80);
  return plain === '' ? 'key' : plain;
}
