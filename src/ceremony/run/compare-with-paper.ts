/** At `resume`, the head is typed from the paper on which it was written down when the ceremony stopped. */
import { type CeremonyError, refused } from '../../common/errors.js';
import { RESUME } from '../../common/remedy.js';
import type { PaperHead } from '../people/paper-head.js';
import { goesOn, isNo, type RunningCeremony } from '../steps/step.js';
import { typedGroups } from '../steps/typed-groups.js';
import { acceptedDeviation } from './accepted-deviation.js';

const COMPARE = 'Compare the transcript with a copy, and resume it.';

/**
 * Checks before anything continues that the transcript has the head that is on paper, or that somebody accepts by name
 * that this cannot be checked. Errors: `held`, kind `interrupted`.
 */
export async function compareWithPaper(ceremony: RunningCeremony, shown: PaperHead | undefined): Promise<void> {
  const { dialogue, transcript } = ceremony;
  const line = shown === undefined ? {} : { line: shown.line };
  if (!dialogue.present) {
    transcript.add('head', { ...line, compared: 'not-compared', why: 'nobody was there to read it', by: 'nobody' });
    return;
  }
  if (shown === undefined) {
    dialogue.say(
      'This transcript does not say that a head was written down. If anybody has one on paper anyway, say no.',
    );
    const outcome = await goesOn(ceremony, 'Is there none on paper? Enter goes on; no stops', (answer) => {
      transcript.add('head', { compared: 'not-compared', why: 'no head was shown before', answer });
    });
    if (outcome.kind === 'no') throw heldFor('there is a head on paper that is not in this transcript', COMPARE);
    return;
  }
  await compareTyped(ceremony, shown);
}

async function compareTyped(ceremony: RunningCeremony, { head, line, later }: PaperHead): Promise<void> {
  const { dialogue, transcript } = ceremony;
  dialogue.say(`The head of line ${String(line)} was written down on paper when the ceremony stopped.`);
  if (later > 0) dialogue.say(`${String(later)} more lines were written after that. No paper vouches for them.`);
  for (;;) {
    const { typed, groups, equal } = await typedGroups(ceremony, head, {
      from: 'the paper with the head',
      or: '; no, if nobody has it',
    });
    const none = isNo(typed);
    const why = none ? 'nobody has the head on paper' : 'what was typed is not the head of this transcript';
    const compared = equal ? 'equal' : none ? 'not-compared' : 'not-equal';
    transcript.add('head', { line, compared, groups: [...groups], ...(equal ? {} : { why }) });
    if (equal) return;
    dialogue.say(`NO: ${why}.`);
    const choice = await dialogue.choose('What next', ['retry', 'deviation', 'hold']);
    if (choice === 'retry') continue;
    if (choice === 'deviation') {
      transcript.add('deviation', { ...(await acceptedDeviation(ceremony)), why });
      return;
    }
    throw heldFor(why, COMPARE);
  }
}

export function heldFor(why: string, hint = 'Resume it.'): CeremonyError {
  return refused('held', `the ceremony is held: ${why}`, { hint, remedies: RESUME });
}
