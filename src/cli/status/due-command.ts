/** The command that does what is due, for scripts as a list of arguments and for people as a line to copy. */
import { relative, resolve } from 'node:path';
import type { CommandRemedy } from '../../common/remedy.js';
import type { DueCommand } from '../../operations/status/due.js';
import { argumentsOf, commandLine } from '../terminal/remedy-text.js';

/** Absolute, as a process takes it; undefined where there is no command. */
export function dueArguments(command: DueCommand | undefined, dir: string): readonly string[] | undefined {
  return command && argumentsOf(withPath(command, dir), dir);
}

/** As a shell takes it; with paths from `folder` where it is inside, and absolute ones where no folder is given. */
export function dueLine(command: DueCommand | undefined, dir: string, folder?: string): string | undefined {
  const near = (path: string): string => {
    const way = folder === undefined ? '' : relative(folder, path);
    return way === '' || way.startsWith('..') ? path : way;
  };
  return command && commandLine(withPath(command, dir, near), dir === folder ? undefined : near(dir));
}

function withPath(
  { inFolder, ...command }: DueCommand,
  dir: string,
  near = (path: string): string => path,
): CommandRemedy {
  const [file] = command.args ?? [];
  return inFolder === undefined || file === undefined ? command : { ...command, args: [near(resolve(dir, file))] };
}
