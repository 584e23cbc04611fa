/** Who took part according to a transcript, in the order in which they were named. */
import { MOST_PEOPLE } from '../../authority/events/shape.js';
import { eventsOf, type TranscriptEntry } from '../../authority/formats/transcript.js';
import { sameName } from '../../ceremony/people/people.js';
import type { PersonOf } from '../../ceremony/people/signer-lines.js';
import type { Plan } from '../../ceremony/plan/ceremony-plan.js';
import { refused } from '../../common/errors.js';

export interface Present {
  readonly name: string;
  readonly role: string;
  readonly principal: string | undefined;
  /** Other names that sign as the same person: by one principal, one line of allowed_signers or one key. */
  readonly signsAlsoAs: readonly string[];
  /** Who was planned instead. */
  readonly substituteFor: string | undefined;
  /** The line that names this person, from 1. */
  readonly line: number;
  /** False if the available plan names people, but not this one in this role. */
  readonly asPlanned: boolean;
}

/**
 * Returns the people. The last event that names people has all of them. Error: `bad-transcript` if they are more than a
 * ceremony can have.
 */
export function peopleOf(
  entries: readonly TranscriptEntry[],
  plan: Plan | undefined,
  personOf: PersonOf,
): readonly Present[] {
  const last = eventsOf(entries, 'people').at(-1);
  if (last === undefined) return [];
  const { people } = last.fields;
  const line = last.seq + 1;
  if (people.length > MOST_PEOPLE)
    throw refused('bad-transcript', `line ${String(line)} names more than ${String(MOST_PEOPLE)} people`, {
      hint: 'No ceremony has that many. Compare it with another copy.',
    });
  const planned = plan?.people ?? [];
  return people.map(({ name, role, principal, substitute_for: substituteFor }) => {
    const asPlanned = planned.length === 0 || planned.some((one) => one.role === role && sameName(one.name, name));
    const person = principal === undefined ? undefined : personOf(principal);
    const others = people
      .filter((one) => one.principal !== undefined && personOf(one.principal) === person && !sameName(one.name, name))
      .map((one) => one.name);
    return { name, role, principal, signsAlsoAs: [...new Set(others)], substituteFor, line, asPlanned };
  });
}

/** Returns a sentence, without its full stop, for each person who signs under several names. */
export function signingAsOne(people: readonly Present[]): readonly string[] {
  const groups = people
    .filter(({ signsAlsoAs }) => signsAlsoAs.length > 0)
    .map(({ name, signsAlsoAs }) => [name, ...signsAlsoAs].sort().join(' and '));
  return [...new Set(groups)].map((names) => `${names} sign as one person`);
}
