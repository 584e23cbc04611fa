import { sameName } from '../people/people.js';
import type { RunningCeremony } from '../steps/step.js';

/** Asks what is done differently, and which of the named people accepts it. */
export async function acceptedDeviation({
  dialogue,
  people,
}: RunningCeremony): Promise<{ readonly what: string; readonly accepted_by: string }> {
  let what = '';
  while (what === '') what = (await dialogue.ask('What is done instead, in a sentence')).trim();
  for (;;) {
    const name = (await dialogue.ask('Who accepts that (name)')).trim();
    const person = people.find((one) => sameName(one.name, name));
    if (person === undefined && (people.length > 0 || name === '')) {
      dialogue.say('That person is not in this ceremony.');
      continue;
    }
    return { what, accepted_by: person?.name ?? name };
  }
}
