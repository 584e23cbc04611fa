/**
 * Makes text from outside safe to show on a terminal or on paper: nothing in it may be invisible, or move what is
 * beside it.
 */

/** Characters that show as nothing, as blank, or on top of their neighbour, except for the space itself. */
const INVISIBLE = /[\p{C}\p{M}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu;

/**
 * Characters that no text for people needs: control and format characters, and line and paragraph separators, except
 * for the line end.
 */
const UNWANTED = /(?!\n)[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/**
 * Returns text that is safe on a terminal: control, format and other invisible characters are written out, line ends
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

/**
 * Returns text in which control and format characters are written out. Accents and other marks, and line ends, are
 * kept.
 */
export function visible(text: string): string {
  return text.replace(EVERY_UNWANTED, printable);
}

/** Returns JSON of the same value, in which control and format characters are escaped. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(EVERY_UNWANTED, (c) =>
    Array.from({ length: c.length }, (_, i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );
}

/** A colour, or a part of a QR code (ECMA-48 SGR). */
const STYLE = '\u001b\\[\\d{1,2}(?:;\\d{1,2})?m';
const UNWANTED_OR_STYLE = new RegExp(`${STYLE}|\r\n|${UNWANTED.source}`, 'gu');

/**
 * The last safety net before a terminal: it writes out any control or format character that is left, except for colours
 * and line ends (also CRLF, which calendars have).
 */
export function harmless(text: string): string {
  return text.replace(UNWANTED_OR_STYLE, (found) => (found.length > 2 || found === '\r\n' ? found : printable(found)));
}

/** Returns the first control or format character of a text, as `U+202E`, or undefined if it has none but line ends. */
export function controlCharacterIn(text: string): string | undefined {
  const found = UNWANTED.exec(text)?.[0];
  return found === undefined ? undefined : codePoint(found);
}

/** Returns what in a secret nobody sees, such as `U+200B, which nobody sees`; undefined if there is nothing like it. */
export function unseenIn(secret: string): string | undefined {
  if (secret.startsWith('\u{FEFF}')) return 'a byte-order mark (U+FEFF) at its beginning, which nobody sees';
  if (secret.startsWith(' ') || secret.endsWith(' ')) return 'a space at one of its ends, which nobody sees';
  const unseen = new RegExp(INVISIBLE.source, 'u').exec(secret)?.[0];
  return unseen === undefined ? undefined : `${codePoint(unseen)}, which nobody sees`;
}

const HANGUL = /^[\uAC00-\uD7A3]$/;

/**
 * Returns what in a new secret nobody sees, or what keyboards make in two ways, one of which would not open what the
 * other sealed; undefined if there is nothing of the kind.
 */
export function untypeableIn(secret: string): string | undefined {
  const twofold = Array.from(secret).find(
    (one) => !HANGUL.test(one) && (one.normalize('NFD') !== one || one.normalize('NFKC') !== one),
  );
  const named =
    twofold === undefined ? undefined : `${codePoint(twofold)} (${twofold}), which keyboards make in two ways`;
  return unseenIn(secret) ?? named;
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
