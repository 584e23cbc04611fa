/** A step in words, the same on the screen, on paper and in minutes. */
import { fillIn, isLeftOut, type Values } from './parameters.js';
import type { Step } from './script.js';

/** Goes before the medium as the script names it: "the backup medium". */
const MEDIA: Readonly<Record<string, string>> = {
  insert: 'Insert',
  identify: 'Identify',
  hash: 'Hash every file of the authority on',
  copy: 'Copy the authority to',
  're-read': 'Read the copy again, and compare every byte of',
  eject: 'Eject',
};

/** Returns one or more sentences, with parameters filled in. */
export function stepText(step: Step, values: Values): string {
  const text = whatToDo(step, values);
  return isLeftOut(step, values) ? `${text} (Left out: it is for those who set ${step.given ?? ''}.)` : text;
}

function whatToDo(step: Step, values: Values): string {
  const fill = (text: string): string => fillIn(text, values).trim();
  switch (step.kind) {
    case 'say':
    case 'confirm':
    case 'ask':
    case 'break':
      return fill(step.text);
    case 'check':
      return `Automatic checks: ${step.checks.join(', ')}.`;
    case 'run':
      return `The program does: ${step.operation}`;
    case 'compare':
      return `Compare the fingerprint of ${step.of === 'plan' ? 'the plan' : `step ${step.of}`} with ${fill(step.with)}: the program names four of its groups, and they are typed from there.`;
    case 'media': {
      const path = fill(step.path);
      return `${MEDIA[step.action] ?? step.action} ${fill(step.medium)}${path === '' ? '' : ` (${path})`}.`;
    }
    case 'seal':
      return step.action === 'close'
        ? `Seal ${fill(step.what)} in a bag, and type the numbers of bag and seal.`
        : `Before the bag of ${fill(step.what)} is opened, type the numbers of bag and seal from it.`;
    case 'collect':
      return `To sign the transcript afterwards: ${step.who.join(', ')}.`;
  }
}
