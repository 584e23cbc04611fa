/** Words of commands that people copy into a shell. */
import { utf8 } from './bytes.js';
import { printable } from './printable.js';

/**
 * A path, a URI or a name as one word, for every POSIX shell; one of which anything is shown written out, for those
 * that know `$'…'` (bash, zsh, ksh), since what is shown instead would be another word. A path that begins with a
 * hyphen is no option.
 */
export function shellWord(text: string): string {
  const word = text.startsWith('-') ? `./${text}` : text;
  if (printable(word) !== word) return `$'${Array.from(utf8(word), inDollar).join('')}'`;
  // A shell may take `=word` for the path of a program (zsh).
  return /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/.test(word)
    ? word
    : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function inDollar(byte: number): string {
  const character = String.fromCharCode(byte);
  return /[ -&(-[\]-~]/.test(character) ? character : `\\x${byte.toString(16).padStart(2, '0')}`;
}
