/** Where an authority signs by plans only, what is due is done by a ceremony that ships: the command that plans it. */
import type { Authority } from '../../authority/authority.js';
import type { CommandRemedy } from '../../common/remedy.js';
import { rootsInUse } from '../credentials/roots.js';
import type { DueAction, DueCommand } from './due.js';

/** The same thing to do, by a plan where a single command would be refused. */
export function byPlan(authority: Authority, due: DueAction, atSeconds: number): DueAction {
  const { settings } = authority;
  const { command, ...rest } = due;
  if (command === undefined || (!settings.requirePlan && settings.approvals === 0)) return due;
  if (!SIGNING.includes(command.command)) return due;
  // The ceremony of the first root signs the first bundle, too; the others are for an authority that has a root.
  if (authority.roots.length === 0 && command.command !== 'root generate' && command.command !== 'root rotate')
    return { ...rest, action: `${due.action}: the ceremony of the root comes first` };
  const planned = ceremonyFor(authority, due.kind, command, atSeconds);
  if (planned !== undefined) return { ...rest, command: planned };
  const options = Object.entries(command.options ?? {}).map(([name, value]) => `${name}: ${String(value)}`);
  const step = [command.command, ...(command.args ?? []), ...options].join(' ');
  return { ...rest, action: `${due.action}; no ceremony that ships does it: plan a script that has the step ${step}` };
}

/** Ceremonies that ship and make a key, by the command whose place they take. */
const WITH_NEW_KEY: Partial<Record<CommandRemedy['command'], readonly [string, 'root' | 'intermediate']>> = {
  'root generate': ['root-generation', 'root'],
  'root rotate': ['root-rotation', 'root'],
  'intermediate request': ['intermediate-issuance', 'intermediate'],
  'intermediate rotate': ['intermediate-rotation', 'intermediate'],
};

/** What is refused without a plan. */
const SIGNING: readonly string[] = [...Object.keys(WITH_NEW_KEY), 'intermediate issue', 'bundle export'];

function ceremonyFor(
  authority: Authority,
  kind: DueAction['kind'],
  command: DueCommand,
  atSeconds: number,
): DueCommand | undefined {
  if (command.command === 'bundle export') {
    return plan('bundle-series', {
      key: signingKey(authority, atSeconds),
      // Ahead, where bundles for the time to come are due; else the one that is wanted now.
      count: kind === 'next-bundle' || kind === 'gap' ? undefined : '1',
      // As the script has them: apart by spaces.
      list: [command.options?.list ?? []].flat().join(' '),
      retire: [command.options?.retire ?? []].flat().join(' '),
    });
  }
  // In reserve, or again with the same key: no ceremony that ships does that.
  if (command.command === 'root rotate' && command.options !== undefined) return undefined;
  const [script, of = 'root'] = WITH_NEW_KEY[command.command] ?? [];
  return script === undefined
    ? undefined
    : plan(script, { key: `file:keys/${of}-${String(authority.nextNumber(of))}.age` });
}

function plan(script: string, parameters: Readonly<Record<string, string | undefined>>): DueCommand {
  const set = Object.entries(parameters).flatMap(([name, value = '']) => (value === '' ? [] : [`${name}=${value}`]));
  return { command: 'plan', args: [script], options: { set } };
}

/** Of the newest root in use, as it is on record; undefined where none is here. */
function signingKey(authority: Authority, atSeconds: number): string | undefined {
  return rootsInUse(authority, atSeconds)
    .map(({ credential }) => authority.keyRecordFor(credential.payload.publicKey)?.uri)
    .findLast((uri) => uri !== undefined);
}
