/** Strict PEM: one block of RFC 7468 §3 in the form that generators must write, with nothing before or after it. */
import { fromBase64, fromUtf8, toBase64 } from '../common/bytes.js';
import { refused } from '../common/errors.js';

const FIRST = '-----BEGIN ';
const LINE = 64;
/** In bytes; as much as is read of a credential's file. */
export const MAX_PEM = 64 * 1024;

export interface PemBlock {
  readonly label: string;
  readonly bytes: Uint8Array;
}

/** Returns whether a file is meant to be PEM. No encoded credential begins with a hyphen, since no domain does. */
export function looksLikePem(file: Uint8Array): boolean {
  return fromUtf8(file.slice(0, FIRST.length)) === FIRST;
}

export function encodePem(label: string, bytes: Uint8Array): string {
  const lines = toBase64(bytes).match(new RegExp(`.{1,${String(LINE)}}`, 'g')) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** Decodes the one block of a PEM file, which has LF or CRLF, with or without a final newline. Error: `bad-pem`. */
export function decodePem(file: Uint8Array): PemBlock {
  const bad = (what: string): Error =>
    refused('bad-pem', `not one strict PEM block: ${what}`, {
      hint: 'Give a file with a single block, just as it was written, without any other text.',
    });
  if (file.length > MAX_PEM)
    throw bad(`it has ${String(file.length)} bytes, and no such file has more than ${String(MAX_PEM)}`);
  const text = fromUtf8(file)?.replaceAll('\r\n', '\n');
  const label = /^-----BEGIN ([A-Z0-9][A-Z0-9 ]*)-----\n/.exec(text ?? '')?.[1];
  if (text === undefined || label === undefined) throw bad('it does not begin with a BEGIN line');
  const begin = `-----BEGIN ${label}-----\n`;
  const rest = text.slice(begin.length);
  const endsAt = rest.indexOf('-----END ');
  if (endsAt < 0) throw bad('it has no END line');
  const end = rest.slice(endsAt).replace(/\n$/, '');
  if (end !== `-----END ${label}-----`) {
    throw bad(
      end.includes('-----BEGIN ') ? 'it has more than one block' : 'its END line does not fit, or text follows it',
    );
  }
  const bytes = fromBase64(rest.slice(0, endsAt).replaceAll('\n', ''));
  if (bytes === undefined || bytes.length === 0) throw bad('its base64 is damaged or missing');
  if (encodePem(label, bytes) !== `${begin}${rest.slice(0, endsAt)}-----END ${label}-----\n`) {
    throw bad(`its lines are not ${String(LINE)} characters each`);
  }
  return { label, bytes };
}
