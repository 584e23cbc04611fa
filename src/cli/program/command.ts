import type { Command } from 'commander';
import { usage } from '../../common/errors.js';
import type { TextOptions } from '../../operations/context/text-options.js';
import type { CommandContext } from './context.js';

export type { Command };

/** What one file in `commands/` exports: the arguments and options of its command, and what it does with them. */
export interface CommandModule {
  /** Adds arguments, options and help to a command that already has its name. */
  readonly define: (command: Command) => void;
  /** Runs it, and throws a CeremonyError. `args` are the positional arguments, `options` the command's own. */
  readonly run: (context: CommandContext, args: readonly string[], options: Options) => void | Promise<void>;
}

/** A command before its file is loaded. */
export interface CommandEntry {
  /** `verify`, or `root generate` within the group `root`. */
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

/** Options as commander parsed them; named as it does (`notAfter`) or as people do (`not-after`). */
export class Options implements TextOptions {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  text(name: string): string | undefined {
    const value = this.value(name);
    return typeof value === 'string' ? value : undefined;
  }

  texts(name: string): readonly string[] {
    const value = this.value(name);
    return Array.isArray(value) ? value.map(String) : [];
  }

  /** Returns the value from commander: for `--no-X` false, and true if it isn't given. */
  value(name: string): unknown {
    return this.#values[name.replace(/-./g, ([, letter = '']) => letter.toUpperCase())];
  }

  flag(name: string): boolean {
    return this.value(name) === true;
  }

  written(name: string): string {
    return `--${name}`;
  }
}

/** Collects the values of an option that may be repeated. */
export function collect(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value];
}

/** Refuses two values for an option that takes one: commander would silently use the last. Error: `usage`. */
export function takeOnce(command: Command): void {
  for (const { long, required, parseArg } of command.options) {
    if (!required || parseArg !== undefined || long === undefined) continue;
    let isGiven = false;
    command.on(`option:${long.slice(2)}`, () => {
      if (isGiven)
        throw usage(`${long} is given twice, and takes one value`, { hint: 'Say which of the two is meant.' });
      isGiven = true;
    });
  }
}
