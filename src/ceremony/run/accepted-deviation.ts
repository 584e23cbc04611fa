import { sameName } from '../people/people.js';
import type { Ceremony } from '../steps/step.js';

/** What is done otherwise, and who accepts it: one of the people who are named. */
export async function acceptedDeviation({
  table,
  people,
}: Ceremony): Promise<{ readonly what: string; readonly accepted_by: string }> {
  let what = '';
  while (what === '') what = (await table.ask('What is done otherwise, in a sentence')).trim();
  for (;;) {
    const name = (await table.ask('Who accepts that (name)')).trim();
    const person = people.find((one) => sameName(one.name, name));
    if (person === undefined && (people.length > 0 || name === '')) {
      table.say('That is none of the people of this ceremony.');
      continue;
    }
    return { what, accepted_by: person?.name ?? name };
  }
}
