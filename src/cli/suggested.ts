/** Commands that a text suggests, so that a copied line works from the folder in which the program was called. */
import { COMMANDS } from './commands/index.js';
import type { GlobalOptions } from './context.js';

/** All but the one that makes a folder, and takes its own name for it. */
const FIRST_WORDS = [...new Set(COMMANDS.map(({ name }) => name.split(' ')[0] ?? ''))].filter((one) => one !== 'init');
const SUGGESTED = new RegExp(String.raw`\bas-ceremony (?=(?:${FIRST_WORDS.join('|')})\b)`, 'g');

/** The same text with `-C DIR` in each suggested command, as the person gave it; without -C as it is. */
export function suggested(text: string, { dir }: Pick<GlobalOptions, 'dir'>): string {
  return dir === undefined ? text : text.replace(SUGGESTED, () => `as-ceremony -C ${quoted(dir)} `);
}

/** One word as a shell takes it. */
export function quoted(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./<>-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
