/**
 * If an authority signs only by plans, what is due is done by one of the ceremonies that ship, and this gives the
 * command that plans it.
 */
import type { Authority } from '../../authority/authority.js';
import type { CommandRemedy } from '../../common/remedy.js';
import { rootsInUse } from '../credentials/roots.js';
import type { DueAction, DueCommand } from './due.js';

/** Returns the same action by way of a plan if a single command would be refused. */
export function byPlan(authority: Authority, due: DueAction, atSeconds: number): DueAction {
  const { settings } = authority;
  const { command, ...rest } = due;
  if (command === undefined || (!settings.requirePlan && settings.approvals === 0)) return due;
  if (!SIGNING.includes(command.command)) return due;
  // The ceremony of the first root signs the first bundle too; the others are for an authority that has a root.
  if (authority.roots.length === 0 && command.command !== 'root generate' && command.command !== 'root rotate')
    return { ...rest, action: `${due.action}: the ceremony of the root comes first` };
  const planned = ceremonyFor(authority, due.kind, command, atSeconds);
  if (planned !== undefined) return { ...rest, command: planned };
  const options = Object.entries(command.options ?? {}).map(([name, value]) => `${name}: ${String(value)}`);
  const step = [command.command, ...(command.args ?? []), ...options].join(' ');
  return { ...rest, action: `${due.action}; no ceremony that ships does it: plan a script that has the step ${step}` };
}

/** The ceremonies that ship and make a key, by the command that they replace. */
const WITH_NEW_KEY: Partial<Record<CommandRemedy['command'], readonly [string, 'root' | 'intermediate']>> = {
  'root generate': ['root-generation', 'root'],
  'root rotate': ['root-rotation', 'root'],
  'intermediate request': ['intermediate-issuance', 'intermediate'],
  'intermediate rotate': ['intermediate-rotation', 'intermediate'],
};

/** Commands that are refused without a plan. */
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
      // Several ahead if bundles for the future are due, or else the one that is needed now.
      count: kind === 'next-bundle' || kind === 'gap' ? undefined : '1',
      // In the script's form, separated by spaces.
      list: [command.options?.list ?? []].flat().join(' '),
      retire: [command.options?.retire ?? []].flat().join(' '),
    });
  }
  // A root in reserve, or again with the same key: no ceremony that ships does that.
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

/** Returns the key of the newest root in use, as it is on record; undefined if none is here. */
function signingKey(authority: Authority, atSeconds: number): string | undefined {
  return rootsInUse(authority, atSeconds)
    .map(({ credential }) => authority.keyRecordFor(credential.payload.publicKey)?.uri)
    .findLast((uri) => uri !== undefined);
}
