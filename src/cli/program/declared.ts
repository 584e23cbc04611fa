/** Gives a command the arguments and options that its operation declares. */
import { operationSpec, type SharedOperation } from '../../operations/registry/operations.js';
import type { OptionSpec } from '../../operations/registry/option.js';
import { collect, type Command } from './command.js';

/** Adds everything that an operation declares for the command line. */
export function declare(command: Command, name: SharedOperation): Command {
  const { arguments: placed = [], options, remark } = operationSpec(name);
  for (const { name: argument, value = argument, help } of placed) command.argument(`<${value}>`, help);
  if (remark !== undefined) command.addHelpText('after', `\n${remark}`);
  return addOptions(command, options);
}

export function addOptions(command: Command, options: readonly OptionSpec[]): Command {
  for (const { name, value, help, repeats, only } of options) {
    if (only === 'script') continue;
    const flags = value === undefined ? `--${name}` : `--${name} <${value}>`;
    if (repeats === true) command.option(flags, help, collect);
    else command.option(flags, help);
  }
  return command;
}
