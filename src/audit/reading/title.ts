import type { Proceedings } from './proceedings.js';

/** What was done, in few words: the script's title, else the command. */
export function titleOf({ script, start }: Pick<Proceedings, 'script' | 'start'>): string {
  return script?.fields.title ?? start.fields.command;
}
