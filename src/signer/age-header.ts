/**
 * The header of a software key, checked before anything is computed: an armored age file (age-encryption.org/v1) with
 * exactly one recipient, a passphrase, at a work factor that this machine is willing to compute.
 */
import { fromBase64, fromUtf8 } from '../common/bytes.js';
import { couldNot } from '../common/errors.js';

export const MIN_WORK_FACTOR = 14;
export const MAX_WORK_FACTOR = 22;
export const DEFAULT_WORK_FACTOR = 18;
/**
 * The largest key file that is read. A key file has about 800 bytes. This also bounds the plaintext, which is smaller.
 */
export const MAX_KEY_FILE = 64 * 1024;

const BEGIN = '-----BEGIN AGE ENCRYPTED FILE-----';
const END = '-----END AGE ENCRYPTED FILE-----';
const VERSION = 'age-encryption.org/v1';
const LINE = 64;
const NONCE_AND_TAG = 16 + 16;

export interface AgeFile {
  /** The file without its armor. */
  readonly binary: Uint8Array;
  readonly workFactor: number;
}

/**
 * Checks the armor and header of a key file that messages call `name`. Error: `bad-key-file`, which says what the file
 * is.
 */
export function readAgeFile(file: Uint8Array, name: string): AgeFile {
  const bad = (what: string, hint = 'Check that this is the key file, whole, as it was written.'): Error =>
    couldNot('bad-key-file', `${name} ${what}`, { hint });
  if (file.length > MAX_KEY_FILE)
    throw bad(`has ${String(file.length)} bytes, and a key file at most ${String(MAX_KEY_FILE)}`);
  const armored = dearmor(file);
  if (typeof armored === 'string') throw bad(armored);
  const header = splitHeader(armored);
  if (header === undefined) throw bad('has no whole age header: it is cut short, or damaged');
  const [version, ...lines] = header.lines;
  if (version !== VERSION) throw bad(`is not of format ${VERSION}`);
  const stanzas = lines.filter((line) => line.startsWith('-> ')).map((line) => line.slice(3).split(' '));
  const [stanza] = stanzas;
  if (stanza?.[0] !== 'scrypt' || stanzas.length !== 1) {
    const kinds = stanzas.map(([kind = '']) => (/^[\w./-]{1,40}$/.test(kind) ? kind : 'unknown')).slice(0, 5);
    throw bad(
      `is encrypted to ${String(stanzas.length)} recipients (${kinds.join(', ')}), not to one passphrase alone`,
      'Decrypt it with age and its identity, and encrypt it again with: age -p -a',
    );
  }
  const [, salt = '', factor = '', ...more] = stanza;
  const [, body = '', mac = ''] = lines;
  const formed = lines.length === 3 && more.length === 0 && isBase64(salt, 16) && isBase64(body, 32);
  if (!formed || !/^[1-9][0-9]{0,9}$/.test(factor) || !mac.startsWith('--- ') || !isBase64(mac.slice(4), 32))
    throw bad('has a damaged age header');
  const workFactor = Number(factor);
  if (workFactor < MIN_WORK_FACTOR || workFactor > MAX_WORK_FACTOR) {
    const range = `${String(MIN_WORK_FACTOR)} to ${String(MAX_WORK_FACTOR)}`;
    throw bad(`has scrypt work factor ${String(workFactor)}; ${range} are accepted`);
  }
  if (armored.length < header.length + NONCE_AND_TAG) throw bad('is cut short');
  return { binary: armored, workFactor };
}

/**
 * Returns the bytes in the armor, or what is wrong with it. The form is age's own strict one, LF or CRLF, with nothing
 * before or after it.
 */
function dearmor(file: Uint8Array): Uint8Array | string {
  const text = fromUtf8(file)?.replaceAll('\r\n', '\n');
  if (fromUtf8(file.slice(0, VERSION.length)) === VERSION) return 'is an age file without armor';
  if (text === undefined) return 'is not an armored age file';
  if (text.trim() === '') return 'is empty';
  if (!text.startsWith(`${BEGIN}\n`)) {
    return text.includes(BEGIN) ? 'has text before its armor' : 'is not an armored age file';
  }
  const body = text.slice(BEGIN.length + 1);
  const end = body.indexOf(END);
  if (end < 0) return 'is cut short: its armor has no END line';
  if (body.slice(end + END.length).replace(/^\n/, '') !== '') return 'has text after its armor';
  const lines = body.slice(0, end).split('\n');
  const digits = lines.join('');
  const whole =
    lines.pop() === '' && lines.every((line, i) => line.length === LINE || (i === lines.length - 1 && line !== ''));
  return (whole && lines.every((line) => line.length <= LINE) ? fromBase64(digits) : undefined) ?? 'has damaged armor';
}

/** Returns the lines of the header without the payload, and the header's length with its last newline. */
function splitHeader(binary: Uint8Array): { lines: string[]; length: number } | undefined {
  const lines: string[] = [];
  let start = 0;
  for (let newline = binary.indexOf(0x0a); newline >= 0; newline = binary.indexOf(0x0a, start)) {
    const line = fromUtf8(binary.subarray(start, newline));
    if (line === undefined) return undefined;
    lines.push(line);
    start = newline + 1;
    if (line.startsWith('---')) return { lines, length: start };
  }
  return undefined;
}

function isBase64(text: string, length: number): boolean {
  return !text.includes('=') && fromBase64(text.padEnd(Math.ceil(text.length / 4) * 4, '='))?.length === length;
}
