/** Who is here: called at the begin, after an interruption, and after a break. Whoever is not is substituted, on record, or the ceremony waits. */
import { CeremonyError } from '../../common/errors.js';
import { parsePerson, peopleFault, personFields, sameName, type Person } from '../people.js';
import { isPrincipal } from '../principals.js';
import type { Role } from '../script.js';
import { DONE, isNo, NOBODY, type Ceremony, type Outcome } from './step.js';

type Occasion = 'at the begin' | 'after an interruption' | 'after a break';

const NOT_ALL: Outcome = { kind: 'no', why: 'not everybody is here' };

/** Takes effect for all later steps. The roles' numbers, and those that exclude each other, hold for the people who are really here. */
export async function callRoll(ceremony: Ceremony, when: Occasion): Promise<Outcome> {
  const { table, record, script } = ceremony;
  if (!table.present) {
    record.add('roll-call', { when, outcome: 'not-done', why: 'nobody was there to answer' });
    return NOBODY;
  }
  for (;;) {
    const here = ceremony.people.length === 0 ? await firstNames(ceremony, when) : await theSame(ceremony, when);
    if (here === 'no') return NOT_ALL;
    if (here === 'again') continue;
    const fault = peopleFault(script, here);
    if (fault === undefined) {
      const people = here.map(personFields);
      if (JSON.stringify(people) !== JSON.stringify(ceremony.people.map(personFields)))
        record.add('people', { people });
      ceremony.people = here;
      return DONE;
    }
    record.add('roll-call', { when, refused: fault });
    table.say(`${fault}. Once more.`);
  }
}

/** Nobody was named in the plan: then it is said now who has which role. */
async function firstNames({ table, record, script }: Ceremony, when: Occasion): Promise<Person[] | 'no' | 'again'> {
  const here: Person[] = [];
  table.say('Names, as Anna Ames <anna@example.org> where that person signs by this name of allowed_signers.');
  for (const [role, { people: least }] of script.roles) {
    const wanted = least === 1 ? 'name' : `${String(least)} names or more, with commas between`;
    const answer = await table.ask(`Roll-call: who is ${role} (${wanted})`);
    record.add('roll-call', { when, role, answer });
    if (saysNo(answer)) return 'no';
    for (const name of namesIn(answer)) {
      const person = personNamed(role, name);
      if (typeof person === 'string') {
        table.say(`${person}. Once more.`);
        return 'again';
      }
      here.push(person);
    }
  }
  return here;
}

async function theSame({ table, record, people }: Ceremony, when: Occasion): Promise<Person[] | 'no' | 'again'> {
  const names = people.filter(({ name }, i) => people.findIndex((one) => sameName(one.name, name)) === i);
  const answer = await table.ask(`Roll-call of ${String(names.length)}: who is here (names, with commas)`);
  record.add('roll-call', { when, answer });
  if (saysNo(answer)) return 'no';
  const typed = namesIn(answer);
  if (typed.length === 0) {
    table.say('Nobody was named.');
    return 'again';
  }
  const here: Person[] = [];
  for (const person of people) {
    if (typed.some((one) => sameName(one, person.name))) {
      here.push(person);
      continue;
    }
    const other = await substituteOf({ table, record }, person, when);
    if (typeof other === 'string') return other;
    here.push(other);
  }
  return here;
}

/** Who takes the place of somebody; `again` where the roll is to be called once more, later. */
async function substituteOf(
  ceremony: Pick<Ceremony, 'table' | 'record'>,
  person: Person,
  when: Occasion,
): Promise<Person | 'no' | 'again'> {
  const { table, record } = ceremony;
  const { name, role } = person;
  for (;;) {
    const answer = await table.ask(`${name} (${role}) is not here. Who takes the place (name, wait, or no)`);
    record.add('roll-call', { when, missing: name, role, answer });
    if (saysNo(answer)) return 'no';
    if (answer.trim() === '' || answer.trim().toLowerCase() === 'wait') return 'again';
    const other = personNamed(role, answer);
    if (typeof other === 'string') {
      table.say(`${other}. Once more.`);
      continue;
    }
    // For whom the plan named, through any number of substitutes; and the planned person may come after all.
    const planned = person.substituteFor ?? name;
    const signs =
      other.principal ?? (person.principal === undefined ? undefined : await signsAs(ceremony, other, when));
    const known = signs === undefined ? other : { ...other, principal: signs };
    return sameName(planned, other.name) ? known : { ...known, substituteFor: planned };
  }
}

/** Whoever was to be here signs the transcript; undefined where the one who stands in can't. */
async function signsAs(
  { table, record }: Pick<Ceremony, 'table' | 'record'>,
  { name, role }: Person,
  when: Occasion,
): Promise<string | undefined> {
  for (;;) {
    const answer = (await table.ask(`${name} signs by which name of allowed_signers (empty: does not sign)`)).trim();
    record.add('roll-call', { when, signs_as: name, role, answer });
    if (answer === '') return undefined;
    if (isPrincipal(answer)) return answer;
    table.say(`${JSON.stringify(answer)} can not be a name in allowed_signers. Once more.`);
  }
}

/** `Anna Ames`, or `Anna Ames <anna@example.org>` where that person signs; else what is wrong. */
function personNamed(role: Role, text: string): Person | string {
  try {
    return parsePerson(`${role}=${text.trim()}`);
  } catch (error) {
    if (error instanceof CeremonyError) return `${JSON.stringify(text.trim())} is not a name, or Name <principal>`;
    throw error;
  }
}

/** No by itself, or before a comma. In the middle of words it may be somebody's name. */
function saysNo(answer: string): boolean {
  return namesIn(answer).some(isNo);
}

function namesIn(answer: string): string[] {
  return answer
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
