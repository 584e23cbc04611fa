/**
 * The command line: global options, the command that was called, and the only place where an error becomes an exit
 * code.
 */
import { Command, CommanderError } from 'commander';
import { attemptQuietly, CeremonyError, couldNot, messageOf, systemCode, usage } from '../common/errors.js';
import { COMMANDS, GROUPS } from './commands/command-list.js';
import { build } from './program/build-info.js';
import { type CommandEntry, Options, takeOnce } from './program/command.js';
import { contextOf, type GlobalOptions } from './program/context.js';
import { EXIT } from './program/exit-status.js';
import { HSM_WORKER } from './program/hsm-worker.js';
import { program } from './program/program.js';
import { printError } from './terminal/output.js';
import { programName } from './terminal/remedy-text.js';
import { printableLines } from './terminal/render.js';
import { err, out } from './terminal/streams.js';

/** Returns the words before the first possible argument of a command, wherever global options are, including `help`. */
function firstWords(top: Command, argv: readonly string[]): readonly string[] {
  const withValue = new Set(top.options.filter(({ required }) => required).flatMap(({ short, long }) => [short, long]));
  const words: string[] = [];
  for (let i = 0; i < argv.length && words.length < 3; i++) {
    const word = argv[i] ?? '';
    if (withValue.has(word)) i++;
    else if (word === '--') break;
    else if (!word.startsWith('-')) words.push(word);
  }
  return words;
}

function commandNamed([first, second]: readonly string[]): CommandEntry | undefined {
  return (
    COMMANDS.find(({ name }) => name === `${first ?? ''} ${second ?? ''}`) ??
    COMMANDS.find(({ name }) => name === first)
  );
}

/** Turns `help root generate` into `root generate --help`, since commander's own help command takes only one word. */
function withoutHelpCommand(top: Command, argv: readonly string[]): readonly string[] {
  const [help, ...words] = firstWords(top, argv);
  return help === 'help' && words.length > 0 ? [...words, '--help'] : argv;
}

/** Defines only the command that was called, or all of them by name if it is unknown or help is needed. */
async function define(top: Command, called: CommandEntry | undefined, needsHelp: boolean): Promise<void> {
  const groups = new Map<string, Command>();
  for (const entry of called === undefined || needsHelp ? COMMANDS : [called]) {
    const [first = '', second] = entry.name.split(' ');
    let parent = top;
    if (second !== undefined) {
      parent =
        groups.get(first) ??
        top
          .command(first)
          .description(GROUPS[first] ?? '')
          .copyInheritedSettings(top);
      groups.set(first, parent);
    }
    const command = parent
      .command(second ?? first)
      .summary(entry.summary)
      .description(entry.summary)
      .copyInheritedSettings(top);
    if (entry !== called) continue;
    const module = await entry.load();
    module.define(command);
    takeOnce(command);
    command.addHelpText(
      'after',
      '\nOptions of every command (-C, --json, --yes, --passphrase-file …): as-ceremony --help',
    );
    command.action(async () => {
      await module.run(contextOf(top.opts<GlobalOptions>()), command.args, new Options(command.opts()));
    });
  }
}

/** Returns what commander found wrong, in this program's words; undefined for help and --version. */
function usageError(error: CommanderError): CeremonyError | undefined {
  if (error.exitCode === 0) return undefined;
  if (error.code === 'commander.help') return missingCommand(undefined);
  const message = error.message.replace(/^error: /, '').replace(/\n\(Did you mean (.*)\?\)/, '; did you mean $1?');
  return usage(message, { hint: 'Run the command with --help.' });
}

function missingCommand(group: Command | undefined): CeremonyError {
  if (group === undefined) return usage('a command is missing', { hint: `Run: ${programName()} --help` });
  const names = group.commands.map((command) => command.name()).join(', ');
  return usage(`${group.name()} needs a command: ${names}`, { hint: `Run: ${programName()} ${group.name()} --help` });
}

/** Returns the group that was called without one of its commands. */
function calledGroup(top: Command, argv: readonly string[]): Command | undefined {
  const [first] = firstWords(top, argv);
  return top.commands.find((command) => command.name() === first && command.commands.length > 0);
}

function asCeremonyError(error: unknown): CeremonyError | undefined {
  if (error instanceof CeremonyError) return error;
  if (error instanceof CommanderError) return usageError(error);
  const code = systemCode(error);
  return couldNot(
    'internal',
    `this should not have happened: ${messageOf(error)}${code === undefined ? '' : ` (${code})`}`,
    {
      hint: 'Nothing more was written. Run it again with AS_CEREMONY_DEBUG=1 and report what it shows.',
      cause: error,
    },
  );
}

/** Returns the options as far as they are known when parsing itself has failed. */
function optionsOf(top: Command, argv: readonly string[]): GlobalOptions {
  return { ...top.opts<GlobalOptions>(), ...(argv.includes('--json') ? { json: true } : {}) };
}

/** Returns the stack, and those of its causes. */
function debugText(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const stack = thrown.stack ?? String(thrown);
  return thrown.cause === undefined ? stack : `${stack}\ncaused by: ${debugText(thrown.cause)}`;
}

/** Prints what went wrong. If that fails, only the exit status is left to say so. */
function tell(top: Command, argv: readonly string[], thrown: unknown, error: CeremonyError): void {
  const lacking = thrown instanceof CommanderError && thrown.code === 'commander.help';
  if (lacking) err.write((calledGroup(top, argv) ?? top).helpInformation());
  printError(optionsOf(top, argv), lacking ? missingCommand(calledGroup(top, argv)) : error);
  if (process.env.AS_CEREMONY_DEBUG === '1') err.write(`${printableLines(debugText(thrown))}\n`);
}

async function main(given: readonly string[]): Promise<void> {
  let top: Command | undefined;
  let argv = given;
  try {
    if (given.length === 1 && (given[0] === '--version' || given[0] === '-V')) {
      out.write(`${build.version}\n`);
      return;
    }
    top = program(build.version);
    argv = withoutHelpCommand(top, given);
    await define(top, commandNamed(firstWords(top, argv)), argv.includes('--help') || argv.includes('-h'));
    await top.parseAsync(argv, { from: 'user' });
  } catch (thrown) {
    const error = asCeremonyError(thrown);
    if (error === undefined) return;
    process.exitCode = EXIT[error.kind].status;
    attemptQuietly(() => {
      tell(top ?? program(build.version), argv, thrown, error);
    });
    // Whatever was interrupted must not continue after the error.
    if (error.kind === 'interrupted' || error.code === 'internal') process.exit();
  }
}

async function serveModule(): Promise<void> {
  const worker = await import('../signer/pkcs11/worker.js');
  worker.serveModule();
}

void (process.argv[2] === HSM_WORKER ? serveModule() : main(process.argv.slice(2)));
