/** A comparison that proves something: the program names four groups, and the person types them from another source. */
import { sameName } from '../people/people.js';
import { byWhom, DONE, isNo, NOBODY, type Outcome, type RunningCeremony, type Task } from './step.js';
import { typedGroups } from './typed-groups.js';

export async function compare(ceremony: RunningCeremony, task: Task): Promise<Outcome> {
  const { step, planned } = task;
  if (step.kind !== 'compare') throw new TypeError('not a compare step');
  const { dialogue, transcript, sources } = ceremony;
  const hex = step.of === 'plan' ? ceremony.planSha256 : ceremony.results.get(step.of)?.fingerprint;
  if (hex === undefined) return { kind: 'no', why: `step ${step.of} made nothing that could be compared` };
  if (!dialogue.present) return NOBODY;
  // For ears and cameras. The digits must come from where they were written down, never from here.
  await dialogue.showFingerprint(hex, { digits: false });
  const by = byWhom(ceremony, task);
  const source = (await dialogue.ask('Where are the digits read from: which paper, or which machine')).trim();
  if (isNo(source) || source === '') return { kind: 'no', why: 'there is nothing to compare with' };
  const earlier = sources.get(step.of) ?? [];
  if (earlier.some((one) => sameName(one, source)))
    return { kind: 'no', why: `${source} was compared already; another source is needed` };
  // The words are removed from the screen too.
  dialogue.clear();
  const { groups, equal } = await typedGroups(ceremony, hex, { from: source });
  transcript.add('compare', { step: planned.n, of: step.of, value: hex, groups: [...groups], source, equal, by });
  if (!equal) return { kind: 'no', why: `what was typed from ${source} is not what is here` };
  sources.set(step.of, [...earlier, source]);
  return DONE;
}
