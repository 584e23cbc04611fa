/** Collects who is to sign the transcript afterwards. */
import { DONE, type Outcome, type RunningCeremony, type Task } from './step.js';

export function collect({ dialogue, transcript, people, toSign }: RunningCeremony, { step, planned }: Task): Outcome {
  if (step.kind !== 'collect') throw new TypeError('not a collect step');
  const those = people.filter(({ role }) => step.who.includes(role));
  const principals = [...new Set(those.flatMap(({ principal }) => (principal === undefined ? [] : [principal])))];
  const without = those.filter(({ principal }) => principal === undefined).map(({ name }) => name);
  transcript.add('collect', { step: planned.n, to_sign: principals, without_principal: without });
  toSign.push(...principals.filter((one) => !toSign.includes(one)));
  dialogue.say(
    principals.length === 0
      ? 'Nobody with a principal is named to sign the transcript.'
      : `These must sign the transcript, here or on a machine of their own: ${principals.join(', ')}`,
  );
  if (without.length > 0)
    dialogue.say(`WARNING: ${without.join(', ')} will not sign: no name in allowed_signers is known for them.`);
  return DONE;
}
