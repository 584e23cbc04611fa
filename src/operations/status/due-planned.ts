/** Where an authority signs by plans only, what is due is done by a ceremony that ships: the command that plans it. */
import type { Authority } from '../../authority/authority.js';
import type { DueAction, DueCommand } from './due.js';
import { rootsInUse } from '../credentials/roots.js';

/** The same thing to do, by a plan where a single command would be refused. */
export function byPlan(authority: Authority, due: DueAction, atSeconds: number): DueAction {
  const { settings } = authority;
  const { command, ...rest } = due;
  if (command === undefined || (!settings.requirePlan && settings.approvals === 0)) return due;
  if (!SIGNING.has(command.words.slice(0, 2).join(' '))) return due;
  // The ceremony of the first root signs the first bundle, too; the others are for an authority that has a root.
  if (authority.roots.length === 0 && command.words[0] !== 'root')
    return { ...rest, action: `${due.action}: the ceremony of the root comes first` };
  const planned = ceremonyFor(authority, due.kind, command, atSeconds);
  if (planned !== undefined) return { ...rest, command: planned };
  const step = [...command.words, ...(command.file === undefined ? [] : [command.file])].join(' ');
  return { ...rest, action: `${due.action}; no ceremony that ships does it: plan a script that has the step ${step}` };
}

/** What is refused without a plan. */
const SIGNING = new Set([
  'root generate',
  'root rotate',
  'intermediate request',
  'intermediate rotate',
  'intermediate issue',
  'bundle export',
]);

function ceremonyFor(
  authority: Authority,
  kind: DueAction['kind'],
  { words }: DueCommand,
  atSeconds: number,
): DueCommand | undefined {
  const newKey = (of: 'root' | 'intermediate') => ({
    key: `file:keys/${of}-${String(authority.nextNumber(of))}.age`,
  });
  switch (words.slice(0, 2).join(' ')) {
    case 'root generate':
      return plan('root-generation', newKey('root'));
    case 'root rotate':
      return words.includes('--reserve') || words.includes('--again')
        ? undefined
        : plan('root-rotation', newKey('root'));
    case 'intermediate request':
      return plan('intermediate-issuance', newKey('intermediate'));
    case 'intermediate rotate':
      return plan('intermediate-rotation', newKey('intermediate'));
    case 'bundle export':
      return plan('bundle-series', {
        key: signingKey(authority, atSeconds),
        // Ahead, where bundles for the time to come are due; else the one that is wanted now.
        count: kind === 'next-bundle' || kind === 'gap' ? undefined : '1',
        list: listOf(words, '--list'),
        retire: listOf(words, '--retire'),
      });
    default:
      return undefined;
  }
}

function plan(script: string, parameters: Readonly<Record<string, string | undefined>>): DueCommand {
  const set = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : ['--set', `${name}=${value}`],
  );
  return { words: ['plan', script, ...set] };
}

/** As the script has it: apart by spaces. */
function listOf(words: readonly string[], option: string): string | undefined {
  const values = words.flatMap((word, i) => (word === option ? [words[i + 1] ?? ''] : []));
  return values.length === 0 ? undefined : values.join(' ');
}

/** Of the newest root in use, as it is on record; undefined where none is here. */
function signingKey(authority: Authority, atSeconds: number): string | undefined {
  return rootsInUse(authority, atSeconds)
    .map(({ credential }) => authority.keyRecordFor(credential.payload.publicKey)?.uri)
    .findLast((uri) => uri !== undefined);
}
