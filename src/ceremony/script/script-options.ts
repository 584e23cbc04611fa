/** The options of a `run` step, in the form that operations read. */
import { usage } from '../../common/errors.js';
import type { TextOptions } from '../../operations/context/text-options.js';
import type { OptionValues } from './operation.js';

/** A script's texts: `yes` and `no` for flags, and values separated by spaces if an option may be repeated. */
export class ScriptOptions implements TextOptions {
  constructor(private readonly values: OptionValues) {}

  text(name: string): string | undefined {
    return this.values[name];
  }

  texts(name: string): readonly string[] {
    return (
      this.text(name)
        ?.split(/\s+/)
        .filter((one) => one !== '') ?? []
    );
  }

  flag(name: string): boolean {
    const text = this.text(name);
    if (text === undefined || text === 'no') return false;
    if (text === 'yes') return true;
    throw usage(`${name}: ${JSON.stringify(text)} is neither yes nor no`, { hint: 'Write yes or no.' });
  }

  written(name: string): string {
    return name;
  }
}

export function needed(options: TextOptions, name: string): string {
  const text = options.text(name);
  if (text !== undefined) return text;
  throw usage(`${options.written(name)} is missing`, {
    hint: 'Write it in the script, or give the parameter that it comes from.',
  });
}
