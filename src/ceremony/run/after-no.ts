/** What follows on No: one of the outcomes that the script allows, each of which leaves a state that is on record. */
import { CeremonyError, refused } from '../../common/errors.js';
import { RESUME } from '../../common/remedy.js';
import { showHead } from '../people/paper-head.js';
import type { RunningCeremony, Task } from '../steps/step.js';
import { acceptedDeviation } from './accepted-deviation.js';
import { mayStop } from './stopping.js';

/**
 * Returns true if the step is repeated, and false if the ceremony goes on without it. Errors: `held`, `aborted`, kind
 * `interrupted`.
 */
export async function afterNo(ceremony: RunningCeremony, task: Task, why: string): Promise<boolean> {
  ceremony.dialogue.say(`NO: ${why}.`);
  for (;;) {
    try {
      return await decide(ceremony, task, why);
    } catch (error) {
      if (!(error instanceof CeremonyError) || error.kind !== 'interrupted') throw error;
      await mayStop(ceremony, task.planned.n, error);
    }
  }
}

async function decide(ceremony: RunningCeremony, { step, planned }: Task, why: string): Promise<boolean> {
  const { dialogue, transcript } = ceremony;
  const [first = 'abort'] = step.no;
  const unattended = step.no.find((one) => one === 'hold') ?? 'abort';
  const choice = !dialogue.present
    ? unattended
    : step.no.length === 1
      ? first
      : await dialogue.choose('What next', step.no);
  const place = `at step ${String(planned.n)} (${step.id}): ${why}`;
  switch (choice) {
    case 'retry':
      transcript.add('no', { step: planned.n, why, choice });
      return true;
    case 'deviation':
      await deviate(ceremony, planned.n, why);
      return false;
    case 'hold':
      transcript.add('no', { step: planned.n, why, choice });
      transcript.add('done', { step: planned.n, outcome: 'held', why });
      showHead(ceremony);
      throw refused('held', `the ceremony is held ${place}`, { hint: 'Resume it.', remedies: RESUME });
    case 'abort':
      transcript.add('no', { step: planned.n, why, choice });
      await destroyWhatIsNobodys(ceremony, planned.n);
      transcript.add('done', { step: planned.n, outcome: 'aborted', why });
      transcript.end(ceremony.toSign, { outcome: 'aborted', step: planned.n, why });
      throw refused('aborted', `the ceremony was aborted ${place}`, {
        hint: 'What was made before stays; status lists it. A new run begins from the first step.',
      });
  }
}

async function deviate(ceremony: RunningCeremony, n: number, why: string): Promise<void> {
  const accepted = await acceptedDeviation(ceremony);
  const { transcript } = ceremony;
  transcript.add('no', { step: n, why, choice: 'deviation' });
  transcript.add('deviation', { step: n, why, ...accepted });
  transcript.add('done', { step: n, outcome: 'deviation' });
}

/**
 * Destroys a key that was made, but is not on record because its step failed: otherwise it would remain forever, since
 * nobody continues with it.
 */
async function destroyWhatIsNobodys(
  { context, keyring, transcript, dialogue }: RunningCeremony,
  n: number,
): Promise<void> {
  const { authority } = await context(() => Promise.resolve());
  const destroyed = await keyring.destroyUnless((publicKey) => authority.keyRecordFor(publicKey) !== undefined);
  for (const key of destroyed) {
    transcript.add('key', { step: n, what: 'destroyed again: it was not used', key });
    dialogue.say(`${key} was made but not used: it is destroyed again.`);
  }
}
