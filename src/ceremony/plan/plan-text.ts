/**
 * A plan as people follow it on paper: the step numbers of the screen, and blanks for initials, time and exceptions.
 */
import { hexGroups } from '../../common/groups.js';
import { wrapped } from '../../common/groups.js';
import { printable } from '../../common/printable.js';
import type { Plan, PlannedStep } from './ceremony-plan.js';

const WIDTH = 78;
const BLANKS = '    initials: ________   time (UTC): __:__   exceptions: ____________________';

/**
 * Returns plain text, with the plan's SHA-256 (hex), in lines of at most 78 characters. Characters that would be
 * invisible, or would move the cursor, are written out.
 */
export function planText(plan: Plan, sha256: string): string {
  const { title, purpose, domain, window, people, parameters, steps } = plan;
  return [
    ...wrap(title.toUpperCase(), ''),
    '='.repeat(Math.min(title.length, WIDTH)),
    '',
    ...wrap(purpose, ''),
    '',
    ...labelled('Domain:  ', domain),
    'SHA-256 of the plan:',
    ...hexGroups(sha256).map((line) => `         ${line}`),
    ...labelled('Window:  ', `${window.from} until ${window.until}`),
    ...labelled('Script:  ', plan.ceremony),
    ...labelled('         ', `SHA-256 ${plan.script.sha256}`),
    ...Object.entries(parameters).flatMap(([name, value]) =>
      labelled('         ', `${name} = ${value === '' ? '(left out)' : value}`),
    ),
    '',
    'People:',
    ...(people.length === 0
      ? ['  ______________________________  role: ____________________']
      : people.flatMap(({ name, role }) => personLines(role, name))),
    '',
    ...steps.flatMap((step) => [...stepLines(step, steps.length), '']),
    'End of the ceremony. Time (UTC): __:__',
    'Head of the transcript (first and last group): ____ ____',
    '',
  ].join('\n');
}

/** Returns a name with a line for ink: beside it, or under it if the name is long. */
function personLines(role: string, name: string): string[] {
  const who = labelled(`  ${printable(role).padEnd(15)} `, name);
  const ink = 'signature: ____________________';
  const beside = `${who[0] ?? ''}   ${ink}`;
  return who.length === 1 && beside.length <= WIDTH ? [beside] : [...who, `${' '.repeat(18)}${ink}`];
}

function stepLines(step: PlannedStep, of: number): string[] {
  const { n, id, kind, by, text, no, previews = [], signs = [], writes = [] } = step;
  return [
    ...labelled(`Step ${String(n)} of ${String(of)}  `, `[${kind}: ${id}]  ${by}`),
    ...wrap(text, '    '),
    ...previews.flatMap(({ title, rows, changes, warnings, words }) => [
      '',
      ...wrap(title, '    | '),
      ...rows.flatMap(([label, value]) =>
        wrap(`${label}: ${value ?? '________________ (known on the day)'}`, '    |   '),
      ),
      ...changes.flatMap((change) => wrap(`then: ${change}`, '    |   ')),
      ...warnings.flatMap((warning) => wrap(`WARNING: ${warning}`, '    |   ')),
      ...(words === null ? [] : wrap(`to be typed: ${words}`, '    |   ')),
    ]),
    ...signs.flatMap(({ what, signed_sha256 }) =>
      wrap(`signs: ${what}, SHA-256 of the signed bytes ${signed_sha256 ?? '(known on the day)'}`, '    '),
    ),
    ...writes.flatMap((path) => wrap(`writes: ${path}`, '    ')),
    `    on No: ${no.join(', or ')}`,
    BLANKS,
  ];
}

/** Returns a text beside its label; several lines are aligned under one another. */
function labelled(label: string, text: string): string[] {
  const whole = label + printable(text);
  if (whole.length <= WIDTH) return [whole];
  if (label.length > WIDTH / 2) return wrap(`${label}${text}`, '  ');
  return wrap(text, ' '.repeat(label.length)).map((line, i) => (i === 0 ? label + line.slice(label.length) : line));
}

/** Wraps words into lines, and breaks a word that is too long for one, since on paper its end would be lost. */
function wrap(text: string, indent: string): string[] {
  return text
    .split('\n')
    .flatMap((paragraph) => wrapped(printable(paragraph.replace(/\s+/g, ' ')), WIDTH - indent.length, pieces))
    .map((line) => indent + line);
}

function pieces(word: string, room: number): readonly string[] {
  const all: string[] = [];
  for (let at = 0; at < word.length; at += room) all.push(word.slice(at, at + room));
  return all;
}
