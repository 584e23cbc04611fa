/** A plan as people follow it on paper: the step numbers of the screen, and blanks for initials, time and exceptions. */
import { printableLines } from '../common/printable.js';
import type { Plan, PlannedStep } from './plan.js';

const WIDTH = 78;
const BLANKS = '    initials: ________   time (UTC): __:__   exceptions: ____________________';

/** Plain text, lines of at most 78 characters but for long words; what would not show, or would move the cursor, is written out. */
export function planText(plan: Plan): string {
  const { title, purpose, domain, window, people, parameters, steps } = plan;
  const lines = [
    title.toUpperCase(),
    '='.repeat(Math.min(title.length, WIDTH)),
    '',
    ...wrap(purpose, ''),
    '',
    `Domain:  ${domain}`,
    `Window:  ${window.from} until ${window.until}`,
    `Script:  ${plan.ceremony}, SHA-256 ${plan.script.sha256}`,
    ...Object.entries(parameters).map(([name, value]) => `         ${name} = ${value === '' ? '(left out)' : value}`),
    '',
    'People:',
    ...(people.length === 0
      ? ['  ______________________________  role: ____________________']
      : people.map(({ name, role }) => `  ${role.padEnd(15)} ${name}   signature: ____________________`)),
    '',
    ...steps.flatMap((step) => [...stepLines(step, steps.length), '']),
    'End of the ceremony. Time (UTC): __:__   Head of the transcript (first and last group): ____ ____',
    '',
  ];
  return printableLines(lines.join('\n'));
}

function stepLines(step: PlannedStep, of: number): string[] {
  const { n, id, kind, by, text, no, previews = [], signs = [], writes = [] } = step;
  return [
    `Step ${String(n)} of ${String(of)}  [${kind}: ${id}]  ${by}`,
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

/** Words in lines; one that is too long stands in a line of its own. */
function wrap(text: string, indent: string): string[] {
  return text.split('\n').flatMap((paragraph) => {
    const out: string[] = [];
    let line = '';
    for (const word of paragraph.split(/\s+/).filter((one) => one !== '')) {
      if (line !== '' && indent.length + line.length + 1 + word.length > WIDTH) {
        out.push(indent + line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    return [...out, indent + line];
  });
}
