/** Remedies in words: options as they are written, and commands as lines that can be copied into a shell. */
import { basename } from 'node:path';
import type { CommandRemedy, ModuleRemedy, OptionRemedy, Remark, Remedy } from '../../common/remedy.js';
import { shellWord } from '../../common/shell.js';

/** The word by which the program was called; a file of JavaScript that was called by its path has none. */
export function programName(called = process.argv[1] ?? ''): string {
  const name = basename(called);
  return name === '' || /\.[cm]?js$/.test(name) ? 'as-ceremony' : name;
}

/** Without the program's name. */
export function wordsOf(
  { command, args = [], options = {} }: CommandRemedy,
  quoted = (word: string): string => word,
): readonly string[] {
  const given = Object.entries<true | string | readonly string[]>(options).flatMap(([name, value]) =>
    value === true ? [`--${name}`] : [value].flat().flatMap((one) => [`--${name}`, quoted(one)]),
  );
  return [...command.split(' '), ...args.map(quoted), ...given];
}

/** As a process takes them, the program's name first. */
export function argumentsOf(remedy: CommandRemedy, dir: string): readonly string[] {
  return [programName(), '-C', dir, ...wordsOf(remedy)];
}

/** As a shell takes it; `dir` as -C has it, undefined where there is none. */
export function commandLine(remedy: CommandRemedy, dir: string | undefined, program = programName()): string {
  // The folder that `init` makes is an argument.
  const where = dir === undefined || remedy.command === 'init' ? [] : ['-C', shellWord(dir)];
  return [shellWord(program), ...where, ...wordsOf(remedy, shellWord)].join(' ');
}

function optionText({ option, value }: OptionRemedy): string {
  return value === undefined ? `--${option}` : `--${option} ${shellWord(value)}`;
}

/** A word of this command line, for a shell: options stay options. */
function asGiven(word: string): string {
  const [hyphens = ''] = /^-*/.exec(word) ?? [];
  const rest = word.slice(hyphens.length);
  return rest === '' && hyphens !== '' ? hyphens : `${hyphens}${shellWord(rest)}`;
}

/** Behind the program's name, where no option of the command can be torn from its value. */
function againWith({ module }: ModuleRemedy): string {
  return [programName(), '--module', module, ...process.argv.slice(2)].map(asGiven).join(' ');
}

/** A sentence with its remedies: `Name one (--serial).`, `Resume it: as-ceremony resume`. */
export function worded(text: string, remedies: readonly Remedy[], { dir }: { readonly dir?: string }): string {
  const options = remedies.flatMap((one) => ('option' in one ? [optionText(one)] : []));
  const commands = remedies.flatMap((one) =>
    'command' in one ? [commandLine(one, dir)] : 'module' in one ? [againWith(one)] : [],
  );
  const [, sentence = '', end = ''] = /^(.*?)(\.?)$/s.exec(text) ?? [];
  const named = options.length === 0 ? '' : ` (${options.join(', ')})`;
  return `${sentence}${named}${commands.length === 0 ? end : `: ${commands.join('; or: ')}`}`;
}

/** As `worded`, of a remark. */
export function remarkText(remark: Remark, options: { readonly dir?: string }): string {
  return typeof remark === 'string' ? remark : worded(remark.text, remark.remedies, options);
}
