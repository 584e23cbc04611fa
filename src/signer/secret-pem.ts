/**
 * PEM (RFC 7468 §3) for secrets, from bytes to bytes: a JavaScript string cannot be wiped, so the base64 of a private
 * key never becomes one. `PRIVATE KEY` blocks only.
 */
import { concatBytes, equalBytes, fromUtf8, utf8, wipe } from '../common/bytes.js';
import { couldNot } from '../common/errors.js';

const BEGIN = '-----BEGIN PRIVATE KEY-----';
const END = '-----END PRIVATE KEY-----';
const LINE = 64;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const PAD = 0x3d;
const ALPHABET = utf8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');

/** Returns the PEM file of a DER private key. The caller wipes both. */
export function encodeSecretPem(der: Uint8Array): Uint8Array {
  const digits = new Uint8Array(Math.ceil(der.length / 3) * 4).fill(PAD);
  for (let from = 0, to = 0; from < der.length; from += 3, to += 4) {
    const group = ((der[from] ?? 0) << 16) | ((der[from + 1] ?? 0) << 8) | (der[from + 2] ?? 0);
    const used = Math.min(der.length - from, 3) + 1;
    for (let i = 0; i < used; i++) digits[to + i] = ALPHABET[(group >> (18 - 6 * i)) & 63] ?? 0;
  }
  const lines: Uint8Array[] = [];
  for (let i = 0; i < digits.length; i += LINE) lines.push(digits.subarray(i, i + LINE), Uint8Array.of(NEWLINE));
  const pem = concatBytes(utf8(`${BEGIN}\n`), ...lines, utf8(`${END}\n`));
  wipe(digits);
  return pem;
}

/**
 * Returns the DER inside a PEM file, strictly in the form that `encodeSecretPem` and OpenSSL write (LF or CRLF). The
 * caller wipes both. Error: `bad-key-file`.
 */
export function decodeSecretPem(pem: Uint8Array): Uint8Array {
  const bad = (what: string, hint = 'Give a PKCS#8 private key in PEM, alone in its file.'): Error =>
    couldNot('bad-key-file', `the private key is not a strict PEM block: ${what}`, { hint });
  const unix = withoutCarriageReturns(pem);
  const begin = utf8(`${BEGIN}\n`);
  const end = utf8(`${END}\n`);
  if (!equalBytes(unix.subarray(0, begin.length), begin)) {
    wipe(unix);
    throw bad(...firstLineProblem(pem));
  }
  const endsWell = equalBytes(unix.subarray(-end.length), end);
  const digits = endsWell ? withoutNewlines(unix.subarray(begin.length, unix.length - end.length)) : undefined;
  const der = digits === undefined ? undefined : decodeBase64(digits);
  // Only one form is accepted: anything but what the encoder writes (line length, padding, stray bits) is refused.
  const again = der === undefined ? undefined : encodeSecretPem(der);
  const same = again !== undefined && equalBytes(again, unix);
  wipe(unix, digits, again);
  if (der === undefined || !same) {
    wipe(der);
    throw bad(endsWell ? 'its base64 is damaged' : 'it has no END line, or text follows it');
  }
  return der;
}

/** Returns what the first line is instead, which is not secret. */
function firstLineProblem(pem: Uint8Array): [string, string?] {
  const newline = pem.indexOf(NEWLINE);
  const line = fromUtf8(pem.slice(0, newline < 0 ? 0 : newline))?.trimEnd() ?? '';
  const label = /^-----BEGIN ([A-Z0-9 ]{1,40})-----$/.exec(line)?.[1];
  if (label === undefined) return ['it does not begin with a BEGIN line'];
  const found = `it is a block of ${label}`;
  if (label === 'EC PRIVATE KEY') return [found, 'Convert it: openssl pkcs8 -topk8 -nocrypt'];
  if (label === 'ENCRYPTED PRIVATE KEY') return [found, 'Remove the inner encryption: openssl pkcs8 -topk8 -nocrypt'];
  return [found];
}

/** Returns a copy with LF for CRLF, and with a newline at its end. */
function withoutCarriageReturns(pem: Uint8Array): Uint8Array {
  const copy = new Uint8Array(pem.length + 1);
  let length = 0;
  for (const [i, byte] of pem.entries()) {
    if (byte !== CARRIAGE_RETURN || pem[i + 1] !== NEWLINE) copy[length++] = byte;
  }
  if (copy[length - 1] !== NEWLINE) copy[length++] = NEWLINE;
  const exact = copy.slice(0, length);
  wipe(copy);
  return exact;
}

function withoutNewlines(lines: Uint8Array): Uint8Array {
  return lines.filter((byte) => byte !== NEWLINE);
}

function decodeBase64(digits: Uint8Array): Uint8Array | undefined {
  const padding = digits.length - trimmedLength(digits);
  if (digits.length % 4 !== 0 || padding > 2) return undefined;
  const der = new Uint8Array((digits.length / 4) * 3 - padding);
  let group = 0;
  for (const [i, digit] of digits.entries()) {
    const value = i < digits.length - padding ? ALPHABET.indexOf(digit) : 0;
    if (value < 0) {
      wipe(der);
      return undefined;
    }
    group = (group << 6) | value;
    if (i % 4 !== 3) continue;
    const at = ((i - 3) / 4) * 3;
    for (let k = 0; k < 3; k++) if (at + k < der.length) der[at + k] = (group >> (16 - 8 * k)) & 0xff;
    group = 0;
  }
  return der;
}

function trimmedLength(digits: Uint8Array): number {
  let length = digits.length;
  while (length > 0 && digits[length - 1] === PAD) length--;
  return length;
}
