/** What the ceremony commands share: scripts by name or file, people, the window, and what a ceremony works with. */
import { join, resolve } from 'node:path';
import type { Authority } from '../../authority/authority.js';
import type { Dialogue } from '../../ceremony/people/dialogue.js';
import { parsePerson } from '../../ceremony/people/people.js';
import { MAX_PLAN_FILE } from '../../ceremony/plan/ceremony-plan.js';
import type { PlanOptions } from '../../ceremony/plan/make-plan.js';
import { preflight } from '../../ceremony/preflight/preflight.js';
import { hashesOf } from '../../ceremony/preflight/program-hashes.js';
import type { CeremonyContext } from '../../ceremony/run/begin-ceremony.js';
import { rehearsalSecrets } from '../../ceremony/run/rehearsal.js';
import { parseAssignments } from '../../ceremony/script/parameters.js';
import { readScript } from '../../ceremony/script/read-script.js';
import type { Script } from '../../ceremony/script/script.js';
import { couldNot, usage } from '../../common/errors.js';
import { exists, isFolder, listFolder, readFile } from '../../common/files.js';
import { addDuration, parseDuration, parseTime } from '../../common/time.js';
import { hsmMeans } from '../operation/hsm-means.js';
import { collect, type Command, type Options } from '../program/command.js';
import type { CommandContext } from '../program/context.js';
import { note } from '../terminal/output.js';
import { secretsOf } from '../terminal/secrets.js';
import { terminalDialogue } from '../terminal/terminal-dialogue.js';
import { addPreflightOptions, preflightMeans, thisProgram } from './preflight-options.js';

const DAY = { months: 0, days: 1, seconds: 0 };

export function addPlanOptions(command: Command): Command {
  return command
    .option('--set <name=value>', 'a parameter of the script (repeatable)', collect)
    .option(
      '--person <role=name>',
      'who takes part, such as "witness=Anna Ames <anna@example.org>" (repeatable)',
      collect,
    )
    .option('--from <time>', 'when the ceremony may begin, and what its validities are measured from (default: now)')
    .option('--until <time>', 'until when it may run (default: a day after its start)')
    .option('--window <duration>', 'how long it may run, instead of --until');
}

export function addRunOptions(command: Command): Command {
  return addPreflightOptions(addPlanOptions(command));
}

function shippedFolder(): string {
  return join(thisProgram().root, 'ceremonies');
}

/** Returns the names of the scripts that come with the program. */
export function shippedScripts(): readonly string[] {
  const folder = shippedFolder();
  if (!isFolder(folder)) return [];
  return listFolder(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort();
}

/**
 * Reads a script by its name, or a script or a plan by its path. Returns its bytes, and the name that goes on record.
 */
export function readNamed(text: string): { readonly name: string; readonly path: string; readonly bytes: Uint8Array } {
  const isName = /^[a-z0-9-]+$/.test(text);
  const path = isName && shippedScripts().includes(text) ? join(shippedFolder(), `${text}.yaml`) : resolve(text);
  if (isName && !exists(path)) {
    throw couldNot('file-not-found', `${text} is not a shipped ceremony, and there is no file ${path}`, {
      hint: `Shipped ceremonies: ${shippedScripts().join(', ')}.`,
    });
  }
  const bytes = readFile(path, MAX_PLAN_FILE);
  const name =
    path
      .split(/[\\/]/)
      .at(-1)
      ?.replace(/\.ya?ml$/, '') ?? text;
  return { name, path, bytes };
}

/** Returns whether a file is a plan: a plan is JSON, while a script is YAML. */
export function isPlan(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7b;
}

export function planOptions(options: Options, script: Script, nowSeconds: number): PlanOptions {
  const [from, until, window] = [options.text('from'), options.text('until'), options.text('window')];
  if (until !== undefined && window !== undefined)
    throw usage('--until and --window are both given', { hint: 'Give one of them.' });
  const begin = from === undefined ? nowSeconds : parseTime(from);
  const end =
    until === undefined ? addDuration(begin, window === undefined ? DAY : parseDuration(window)) : parseTime(until);
  return {
    script,
    given: parseAssignments(options.texts('set'), '--set'),
    people: options.texts('person').map((person) => parsePerson(person, [...script.roles.keys()])),
    madeAt: nowSeconds,
    window: { from: begin, until: end },
  };
}

/** Refuses options that a plan has already: parameters, people and the window. Error: `usage`. */
export function refusePlanOptions(options: Options): void {
  const given = [
    ...(['set', 'person'] as const).filter((name) => options.texts(name).length > 0),
    ...(['from', 'until', 'window'] as const).filter((name) => options.text(name) !== undefined),
  ];
  const [one] = given;
  if (one === undefined) return;
  throw usage(`--${one} is for making a plan, and this one is made`, {
    hint: 'Leave it out, or make another plan. Substitutes are named at the roll-call.',
  });
}

export async function scriptIn(named: ReturnType<typeof readNamed>): Promise<Script> {
  return readScript(named.name, named.bytes);
}

/** Runs a ceremony at the terminal. */
export async function atTerminal<T>(
  context: CommandContext,
  options: Options,
  about: { readonly settings: Authority['settings']; readonly rehearsal: boolean },
  action: (ceremony: CeremonyContext) => Promise<T>,
): Promise<T> {
  const dialogue = terminalDialogue(context, about.rehearsal);
  try {
    return await action(await ceremonyContext(context, options, about, dialogue));
  } finally {
    dialogue.close();
  }
}

async function ceremonyContext(
  context: CommandContext,
  options: Options,
  { settings, rehearsal }: { readonly settings: Authority['settings']; readonly rehearsal: boolean },
  dialogue: Dialogue,
): Promise<CeremonyContext> {
  const { random, buildSeconds, writer } = context;
  const now = (): number => Math.floor(Date.now() / 1000);
  return {
    random,
    buildSeconds,
    writer,
    dialogue,
    engines: await context.engines(),
    secrets: rehearsal
      ? rehearsalSecrets((text) => {
          note({}, text);
        })
      : secretsOf(context),
    hsm: hsmMeans(context, settings),
    rehearsal,
    now,
    // A ceremony takes hours, so each check uses the current clock.
    preflight: async (authority) =>
      preflight(await preflightMeans({ ...context, atSeconds: now() }, options, authority, rehearsal)),
    programHashes: () => hashesOf(thisProgram()),
    nodeVersion: process.version,
  };
}
