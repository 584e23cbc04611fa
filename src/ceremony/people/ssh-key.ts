/**
 * Public keys as SSH encodes them (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4; OpenSSH, PROTOCOL.u2f), and which of them
 * can stand for a person.
 */
import { fromUtf8, toHex } from '../../common/bytes.js';
import { CeremonyError } from '../../common/errors.js';
import { schemeByName, type SchemeName } from '../../crypto/ciphersuite.js';
import { checkPublicKey } from '../../crypto/public-key.js';

export interface SshKey {
  /** Such as `ssh-ed25519` or `sk-ssh-ed25519@openssh.com`. */
  readonly type: string;
  /** A point, or an RSA modulus, in hex. It identifies the key, whatever its encoding. */
  readonly material: string;
}

const MIN_RSA_BITS = 2048;

/** What follows the type; of several strings the point is the first that is not the curve's name. */
const POINTS: ReadonlyMap<string, { readonly scheme: SchemeName; readonly curve?: string; readonly strings: number }> =
  new Map([
    ['ssh-ed25519', { scheme: 'ed25519', strings: 1 }],
    ['sk-ssh-ed25519@openssh.com', { scheme: 'ed25519', strings: 2 }],
    ['ecdsa-sha2-nistp256', { scheme: 'p256', curve: 'nistp256', strings: 2 }],
    ['ecdsa-sha2-nistp384', { scheme: 'p384', curve: 'nistp384', strings: 2 }],
    ['ecdsa-sha2-nistp521', { scheme: 'p521', curve: 'nistp521', strings: 2 }],
    ['sk-ecdsa-sha2-nistp256@openssh.com', { scheme: 'p256', curve: 'nistp256', strings: 3 }],
  ]);

const MALFORMED = 'is not encoded as SSH encodes keys';

/**
 * Returns the key, or why it cannot stand for a person: a sentence without its subject. Only one encoding of a key is
 * accepted.
 */
export function readSshKey(blob: Uint8Array): SshKey | string {
  const head = splitStrings(blob, 1);
  const type = fromUtf8(head?.strings[0] ?? new Uint8Array()) ?? '';
  if (head === undefined || !/^[a-z0-9@.-]{1,100}$/.test(type)) return MALFORMED;
  if (type.includes('-cert-')) return 'is a certificate, and whoever issues those can make up any number';
  if (type === 'ssh-rsa') return rsaKey(type, head.rest);
  const form = POINTS.get(type);
  if (form === undefined) return `is of the type ${type}, which cannot identify a person`;
  const body = splitStrings(head.rest, form.strings);
  if (body === undefined || body.rest.length > 0) return MALFORMED;
  const none = new Uint8Array();
  const [first = none, second = none] = body.strings;
  if (form.curve !== undefined && fromUtf8(first) !== form.curve) return MALFORMED;
  const point = form.curve === undefined ? first : second;
  return isPublicKey(form.scheme, point)
    ? { type, material: toHex(point) }
    : 'is not a key that a key generator would make';
}

function rsaKey(type: string, body: Uint8Array): SshKey | string {
  const parts = splitStrings(body, 2);
  const [exponent, modulus] = parts?.strings.map(integerOf) ?? [];
  if (exponent === undefined || modulus === undefined || parts?.rest.length !== 0) return MALFORMED;
  const bits = modulus.toString(2).length;
  if (bits < MIN_RSA_BITS)
    return `has ${String(bits)} bits; an RSA key of fewer than ${String(MIN_RSA_BITS)} does not count`;
  if (exponent < 3n || exponent % 2n === 0n || modulus % 2n === 0n)
    return 'is not a key that a key generator would make';
  return { type, material: modulus.toString(16) };
}

/** Reads a positive mpint in its shortest form (RFC 4251 §5). */
function integerOf(bytes: Uint8Array): bigint | undefined {
  const [first = 0, second = 0] = bytes;
  if (bytes.length === 0 || first >= 0x80 || (first === 0 && second < 0x80)) return undefined;
  return BigInt(`0x${toHex(bytes)}`);
}

function isPublicKey(name: SchemeName, key: Uint8Array): boolean {
  const scheme = schemeByName(name);
  try {
    if (scheme !== undefined) checkPublicKey(scheme, key);
    return scheme !== undefined;
  } catch (error) {
    if (error instanceof CeremonyError) return false;
    throw error;
  }
}

/**
 * Returns the first `count` strings (RFC 4251 §5: a length in four bytes, and as many bytes) and the rest, or undefined
 * if the data is cut short.
 */
export function splitStrings(
  bytes: Uint8Array,
  count: number,
): { readonly strings: readonly Uint8Array[]; readonly rest: Uint8Array } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const strings: Uint8Array[] = [];
  let offset = 0;
  while (strings.length < count) {
    const length = offset + 4 <= bytes.length ? view.getUint32(offset) : Infinity;
    if (offset + 4 + length > bytes.length) return undefined;
    strings.push(bytes.subarray(offset + 4, offset + 4 + length));
    offset += 4 + length;
  }
  return { strings, rest: bytes.subarray(offset) };
}
