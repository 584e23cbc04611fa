/** Steps in which people speak: read aloud, attest, answer. */
import { CeremonyError } from '../../common/errors.js';
import { parseTime } from '../../common/time.js';
import { fillIn } from '../script/parameters.js';
import {
  beginsWithNo,
  byWhom,
  DONE,
  goesOn,
  isNo,
  NOBODY,
  type Outcome,
  type RunningCeremony,
  type Task,
} from './step.js';

export async function say(ceremony: RunningCeremony, task: Task): Promise<Outcome> {
  const { dialogue, transcript } = ceremony;
  if (!dialogue.present) return NOBODY;
  return goesOn(ceremony, 'Read aloud. Enter goes on; no stops', (answer) => {
    transcript.add('say', { step: task.planned.n, answer, by: byWhom(ceremony, task) });
  });
}

export async function confirm(ceremony: RunningCeremony, task: Task): Promise<Outcome> {
  const { dialogue, transcript } = ceremony;
  if (!dialogue.present) return NOBODY;
  for (;;) {
    const answer = await dialogue.ask(`Does the ${task.step.by} attest to this (type yes or no)`);
    transcript.add('confirm', { step: task.planned.n, answer, by: byWhom(ceremony, task) });
    if (answer.trim().toLowerCase() === 'yes') return DONE;
    if (isNo(answer)) return { kind: 'no', why: `the ${task.step.by} does not attest to it` };
    dialogue.say('Type yes or no.');
  }
}

export async function ask(ceremony: RunningCeremony, task: Task): Promise<Outcome> {
  const { dialogue, transcript, plan } = ceremony;
  const { step, planned } = task;
  if (step.kind !== 'ask') throw new TypeError('not an ask step');
  if (!dialogue.present) return NOBODY;
  const answer = (await dialogue.ask(planned.text)).trim();
  transcript.add('ask', { step: planned.n, answer, by: byWhom(ceremony, task) });
  const wanted = fillIn(step.equals ?? '', new Map(Object.entries(plan.parameters)));
  // What the plan expects may begin with such a word.
  if (answer !== wanted && beginsWithNo(answer)) return { kind: 'no', why: 'the answer is No' };
  const fault = answerFault(step.answer, answer) ?? differs(answer, wanted);
  return fault === undefined ? DONE : { kind: 'no', why: fault };
}

/**
 * Returns how an answer differs, without revealing what was expected, since whoever answers reads it from somewhere
 * else. Nothing is expected if the script's parameter was left out.
 */
function differs(answer: string, wanted: string): string | undefined {
  return wanted === '' || answer === wanted ? undefined : 'the answer is not what the plan expects';
}

/** Returns why an answer is not of its kind, or undefined if it is. */
function answerFault(kind: string, answer: string): string | undefined {
  if (answer === '') return 'the answer is empty';
  if (kind === 'yes') return answer === 'yes' ? undefined : 'the answer is not yes';
  if (kind === 'number') return /^\d{1,9}$/.test(answer) ? undefined : 'the answer is not a number';
  if (kind !== 'time') return undefined;
  try {
    parseTime(answer);
    return undefined;
  } catch (error) {
    if (error instanceof CeremonyError) return error.message;
    throw error;
  }
}
