/** Quoting for commands that people copy into a shell. */
import { utf8 } from './bytes.js';
import { printable } from './printable.js';

/**
 * Returns a path, a URI or a name as one word for every POSIX shell. A text that cannot be shown as it is becomes
 * `$'…'`, which bash, zsh and ksh read, since its shown form would be a different word. A path that begins with a
 * hyphen gets `./`, so that it is not taken for an option.
 */
export function shellWord(text: string): string {
  const word = text.startsWith('-') ? `./${text}` : text;
  if (printable(word) !== word) return `$'${Array.from(utf8(word), inDollar).join('')}'`;
  // zsh replaces `=word` by the path of a program.
  return /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/.test(word)
    ? word
    : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function inDollar(byte: number): string {
  const character = String.fromCharCode(byte);
  return /[ -&(-[\]-~]/.test(character) ? character : `\\x${byte.toString(16).padStart(2, '0')}`;
}
