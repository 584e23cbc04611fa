/** A fingerprint for those who compare by ear, by eye or by camera; never more of it than the screen holds. */
import { fromHex } from '../../common/bytes.js';
import { hexGroups, lines } from '../../common/groups.js';
import { toPgpWords } from '../../common/pgp-words.js';
import type { GlobalOptions } from '../program/context.js';
import { terminalQr } from './qr.js';
import { commandLine } from './remedy-text.js';
import { coloured, columnsOf, speaksUtf8 } from './render.js';
import type { OutStream } from './streams.js';

const WORDS_A_LINE = 4;
/** Rows of a step's heading and text above, and of a question of two lines below. */
const HEADING = 9;
const QUESTION = 3;

/**
 * The hex digits stand last, right above the question; without them where they are to be typed from elsewhere. What
 * there is no room for is left out, the QR code first.
 */
export async function fingerprintScreen(
  options: GlobalOptions,
  screen: OutStream,
  hex: string,
  withDigits: boolean,
): Promise<string> {
  const rows = (screen.rows ?? Infinity) - HEADING - QUESTION;
  const columns = columnsOf(screen) ?? Infinity;
  const digits = withDigits ? hexGroups(hex).map((line) => `    ${line}`) : [];
  const words = lines(toPgpWords(fromHex(hex) ?? new Uint8Array()), WORDS_A_LINE).map((line) => `    ${line}`);
  const unicode = speaksUtf8();
  const plain = (await terminalQr(hex, { unicode, colour: false })).trimEnd().split('\n');
  const all = [...words, ...(withDigits ? ['', ...digits] : [])];
  if (plain.length + all.length <= rows && Math.max(...plain.map((line) => line.length)) <= columns) {
    const colour = coloured(screen, options.color !== false);
    return [(await terminalQr(hex, { unicode, colour })).trimEnd(), ...all].join('\n');
  }
  if (1 + all.length <= rows)
    return [
      `This screen has no room for the QR code: ${commandLine({ command: 'fingerprint', args: ['FILE'], options: { qr: true } }, undefined)}`,
      ...all,
    ].join('\n');
  return ['This screen has no room for the QR code and the words.', ...digits].join('\n');
}
