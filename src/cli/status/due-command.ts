/** The command that does what is due, as a list of arguments for scripts and as a line to copy for people. */
import { relative, resolve } from 'node:path';
import type { CommandRemedy } from '../../common/remedy.js';
import type { DueCommand } from '../../operations/status/due.js';
import { argumentsOf, commandLine } from '../terminal/remedy-text.js';

/** Returns the absolute arguments, as a process receives them, or undefined if there is no command. */
export function dueArguments(command: DueCommand | undefined, dir: string): readonly string[] | undefined {
  return command && argumentsOf(withPath(command, dir), dir);
}

/** Returns the shell command. Paths inside `folder` are relative to it; without a folder they are absolute. */
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
