/** Collects the commands as they are declared, for completion scripts and manual pages. */
import { collect, type Command, type CommandEntry } from '../program/command.js';
import { program } from '../program/program.js';
import { type ValueKind, valueKind } from './value-kinds.js';

export interface DescribedOption {
  /** With dashes, the long one last. */
  readonly names: readonly string[];
  /** As help shows it. */
  readonly flags: string;
  readonly help: string;
  /** Nothing for a switch. */
  readonly value?: ValueKind;
  readonly repeats: boolean;
}

export interface DescribedArgument {
  readonly name: string;
  readonly help: string;
  readonly value: ValueKind;
  readonly required: boolean;
  readonly repeats: boolean;
}

export interface DescribedCommand {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly DescribedOption[];
  readonly arguments: readonly DescribedArgument[];
  /** What its help says at the end, as it stands there. */
  readonly remark: string;
}

export interface DescribedProgram {
  readonly summary: string;
  /** The options of every command. */
  readonly options: readonly DescribedOption[];
  /** All options with a value, by all their names; no name has a value in one command and none in another. */
  readonly valued: readonly string[];
  /** What stands first, under '', and what may follow each group: words with their summaries. */
  readonly names: ReadonlyMap<string, readonly (readonly [string, string])[]>;
  readonly commands: readonly DescribedCommand[];
}

export interface Declared {
  readonly commands: readonly CommandEntry[];
  readonly groups: Readonly<Record<string, string>>;
}

const HELP: DescribedOption = { names: ['-h', '--help'], flags: '-h, --help', help: 'show help', repeats: false };

export async function describe({ commands, groups }: Declared): Promise<DescribedProgram> {
  const top = program('');
  const options = [...optionsOf(top), HELP];
  const described = await Promise.all(commands.map((entry) => describedCommand(top, entry)));
  const all = [...options, ...described.flatMap((command) => command.options)];
  const words = (parent: string): readonly (readonly [string, string])[] =>
    commands
      .map(({ name, summary }) => [name.split(' '), summary] as const)
      .filter(([parts]) => parts.slice(0, -1).join(' ') === parent)
      .map(([parts, summary]) => [parts.at(-1) ?? '', summary]);
  return {
    summary: top.description(),
    options,
    valued: [...new Set(all.filter(({ value }) => value !== undefined).flatMap(({ names }) => names))],
    names: new Map([
      ['', [['help', 'show the help of a command'], ...Object.entries(groups), ...words('')]],
      ...Object.keys(groups).map((group) => [group, words(group)] as const),
    ]),
    commands: described,
  };
}

async function describedCommand(top: Command, { name, summary, load }: CommandEntry): Promise<DescribedCommand> {
  const command = top.createCommand(name);
  (await load()).define(command);
  const shown: string[] = [];
  command.configureOutput({ writeOut: (text) => shown.push(text) }).outputHelp();
  return {
    name,
    summary,
    options: optionsOf(command),
    arguments: command.registeredArguments.map((one) => ({
      name: one.name(),
      help: one.description,
      value: valueKind(one.name()),
      required: one.required,
      repeats: one.variadic,
    })),
    remark: shown.slice(1).join('').trim(),
  };
}

function optionsOf(command: Command): readonly DescribedOption[] {
  return command.options
    .filter(({ hidden }) => !hidden)
    .map(({ short, long, flags, description, parseArg }) => {
      const word = / <(.*)>$/.exec(flags)?.[1];
      return {
        names: [short, long].filter((name) => name !== undefined),
        flags,
        help: description,
        ...(word === undefined ? {} : { value: valueKind(word) }),
        repeats: parseArg === collect,
      };
    });
}
