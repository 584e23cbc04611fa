/** The command that does what is due, for scripts as a list of arguments and for people as a line to copy. */
import { relative, resolve } from 'node:path';
import type { DueCommand } from '../../operations/status/due.js';
import { shellWord } from '../../common/shell.js';

/** Absolute, as a process takes it; undefined where there is no command. */
export function argumentsFor(command: DueCommand | undefined, dir: string): readonly string[] | undefined {
  if (command === undefined) return undefined;
  const { words, file } = command;
  return ['as-ceremony', '-C', dir, ...words, ...(file === undefined ? [] : [resolve(dir, file)])];
}

/** As a shell takes it; with paths from `folder` where it is inside, and absolute ones where no folder is named. */
export function commandLine(command: DueCommand | undefined, dir: string, folder?: string): string | undefined {
  const all = argumentsFor(command, dir);
  if (all === undefined) return undefined;
  const near = (path: string): string => {
    const way = folder === undefined ? '' : relative(folder, path);
    return way === '' || way.startsWith('..') ? path : way;
  };
  const [program = '', , , ...rest] = all;
  const file = command?.file === undefined ? [] : [shellWord(near(rest.pop() ?? ''))];
  const where = dir === folder ? [] : ['-C', shellWord(near(dir))];
  // What begins with a hyphen there is an option of ours, and no path.
  const words = rest.map((word) => (word.startsWith('-') ? word : shellWord(word)));
  return [program, ...where, ...words, ...file].join(' ');
}
