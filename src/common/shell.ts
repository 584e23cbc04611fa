/** Words of commands that people copy into a shell. */
import { utf8 } from './bytes.js';
import { controlCharacterIn } from './printable.js';

/**
 * A path, a URI or a name as one word, for every POSIX shell; one with control or other invisible characters for those that know `$'…'` (bash, zsh, ksh),
 * since no terminal may be shown such a word as it is. A path that begins with a hyphen is no option.
 */
export function shellWord(text: string): string {
  const word = text.startsWith('-') ? `./${text}` : text;
  if (controlCharacterIn(word) !== undefined || word.includes('\n'))
    return `$'${Array.from(utf8(word), inDollar).join('')}'`;
  return /^[A-Za-z0-9_@%+=:,./<>-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function inDollar(byte: number): string {
  const character = String.fromCharCode(byte);
  return /[ -&(-[\]-~]/.test(character) ? character : `\\x${byte.toString(16).padStart(2, '0')}`;
}
