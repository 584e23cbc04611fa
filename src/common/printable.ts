/**
 * Text from outside, before a terminal or paper shows it: nothing in it may be invisible, or move what stands beside
 * it.
 */

/** What shows as nothing, as blank, or on top of its neighbour; the space itself excepted. */
const INVISIBLE = /[\p{C}\p{M}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu;

/**
 * What no text for people needs: control and format characters, line and paragraph separators; the line end excepted.
 */
const UNWANTED = /(?!\n)[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/**
 * Text that a terminal can be trusted with: control, format and other invisible characters are written out, line ends
 * too.
 */
export function printable(text: string): string {
  return text.replace(INVISIBLE, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
}

/** As `printable`, for text of several lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

const EVERY_UNWANTED = new RegExp(UNWANTED.source, 'gu');

/** Text in which control and format characters are written out; marks stay on their letters, and lines end. */
export function visible(text: string): string {
  return text.replace(EVERY_UNWANTED, printable);
}

/** As JSON: the same value, in which control and format characters are escapes. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(EVERY_UNWANTED, (c) =>
    Array.from({ length: c.length }, (_, i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );
}

/** A colour, or a part of a QR code (ECMA-48 SGR). */
const STYLE = '\u001b\\[\\d{1,2}(?:;\\d{1,2})?m';
const UNWANTED_OR_STYLE = new RegExp(`${STYLE}|\r\n|${UNWANTED.source}`, 'gu');

/**
 * The last net before a terminal: what still has control or format characters is written out, but for colours and line
 * ends (CRLF, as calendars have them, too).
 */
export function harmless(text: string): string {
  return text.replace(UNWANTED_OR_STYLE, (found) => (found.length > 2 || found === '\r\n' ? found : printable(found)));
}

/** The first control or format character of a text, as `U+202E`; undefined where it has none but line ends. */
export function controlCharacterIn(text: string): string | undefined {
  const found = UNWANTED.exec(text)?.[0].codePointAt(0);
  return found === undefined ? undefined : `U+${found.toString(16).toUpperCase().padStart(4, '0')}`;
}
