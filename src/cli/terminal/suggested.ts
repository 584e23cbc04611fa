/** Commands that a text suggests, so that a copied line works from the folder in which the program was called. */
import { shellWord } from '../../common/shell.js';
import type { GlobalOptions } from '../program/context.js';

/**
 * The first word of every command but `init`, which makes a folder and takes its name; here, as commands import what
 * imports this.
 */
export const FIRST_WORDS: readonly string[] = [
  ...['root', 'intermediate', 'request', 'revoke', 'bundle', 'client', 'leaf', 'identity', 'audit', 'verify'],
  ...['verify-message', 'fingerprint', 'inspect', 'status', 'plan', 'run', 'rehearse', 'resume', 'transcript'],
  ...['ledger', 'hsm', 'key', 'clock', 'doctor', 'completion'],
];
const SUGGESTED = new RegExp(String.raw`\bas-ceremony (?=(?:${FIRST_WORDS.join('|')})\b)`, 'g');

/** The same text with `-C DIR` in each suggested command, as the person gave it; without -C as it is. */
export function suggested(text: string, { dir }: Pick<GlobalOptions, 'dir'>): string {
  return dir === undefined ? text : text.replace(SUGGESTED, () => `as-ceremony -C ${shellWord(dir)} `);
}
