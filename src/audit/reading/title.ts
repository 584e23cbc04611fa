import type { Proceedings } from './proceedings.js';
import { shown } from './fields.js';

/** What was done, in few words: the script's title, else the command. */
export function titleOf({ script, start }: Pick<Proceedings, 'script' | 'start'>): string {
  const title = script === undefined ? '' : shown(script.fields, 'title') || shown(script.fields, 'name');
  return title === '' ? shown(start.fields, 'command') || 'a command' : title;
}
