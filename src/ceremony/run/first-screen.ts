/** What a ceremony shows before its first question: what is about to happen, where, with whom, and by which plan. */
import { hexGroups } from '../../common/groups.js';
import type { RunningCeremony } from '../steps/step.js';

/** Returns lines for everybody in the room to compare with the paper; the SHA-256 is that of the plan's file. */
export function firstScreen({ plan, dir, planSha256 }: RunningCeremony): string[] {
  const { title, domain, people, window } = plan;
  return [
    '',
    title,
    '',
    `  domain     ${domain}`,
    `  authority  ${dir}`,
    `  window     ${window.from} until ${window.until}`,
    ...(people.length === 0 ? ['  people     the plan names nobody'] : []),
    ...people.map(({ role, name }, i) => `  ${i === 0 ? 'people   ' : '         '}  ${role}: ${name}`),
    '',
    '  SHA-256 of the plan:',
    ...hexGroups(planSha256).map((line) => `    ${line}`),
    '',
  ];
}
