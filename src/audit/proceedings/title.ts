import type { Proceedings } from './proceedings.js';

/** Returns in a few words what was done: the script's title, or else the command. */
export function titleOf({ script, start }: Pick<Proceedings, 'script' | 'start'>): string {
  return script?.fields.title ?? start.fields.command;
}
