/**
 * Who is here: called at the beginning, after an interruption, and after a break. Whoever is missing is substituted, on
 * record, or the ceremony waits.
 */
import { CeremonyError } from '../../common/errors.js';
import { signerNamesFor } from '../people/allowed-signers.js';
import { parsePerson, peopleFault, type Person, personFields, sameName } from '../people/people.js';
import { isPrincipal } from '../people/principals.js';
import type { Role } from '../script/script.js';
import { DONE, isNo, NOBODY, type Outcome, type RunningCeremony } from './step.js';

type Occasion = 'at the beginning' | 'after an interruption' | 'after a break';

const NOT_ALL: Outcome = { kind: 'no', why: 'not everybody is present' };

/**
 * Calls the roll, with effect on all later steps. The numbers of each role, and roles that exclude each other, are
 * checked for the people who are really here.
 */
export async function callRoll(ceremony: RunningCeremony, when: Occasion): Promise<Outcome> {
  const { dialogue, transcript, script } = ceremony;
  if (!dialogue.present) {
    transcript.add('roll-call', { when, outcome: 'not-done', why: 'nobody was there to answer' });
    return NOBODY;
  }
  for (;;) {
    const here = ceremony.people.length === 0 ? await firstNames(ceremony, when) : await theSame(ceremony, when);
    if (here === 'no') return NOT_ALL;
    if (here === 'again') continue;
    const fault = peopleFault(script, here, signerNamesFor(ceremony.dir));
    if (fault === undefined) {
      const people = here.map(personFields);
      if (JSON.stringify(people) !== JSON.stringify(ceremony.people.map(personFields)))
        transcript.add('people', { people });
      ceremony.people = here;
      dialogue.say('Present:');
      for (const one of here) dialogue.say(`  ${inWords(one)}`);
      return DONE;
    }
    transcript.add('roll-call', { when, refused: fault });
    dialogue.say(`${fault}. Try again.`);
  }
}

/** Asks who has which role, if the plan named nobody. */
async function firstNames(ceremony: RunningCeremony, when: Occasion): Promise<Person[] | 'no' | 'again'> {
  const { dialogue, transcript, script } = ceremony;
  const here: Person[] = [];
  dialogue.say('Names, such as Anna Ames <anna@example.org> for a person who signs by that name in allowed_signers.');
  for (const [role, { people: least }] of script.roles) {
    const wanted = least === 1 ? 'name' : `${String(least)} names or more, separated by commas`;
    const answer = await dialogue.ask(`Roll-call: who is ${role} (${wanted})`);
    transcript.add('roll-call', { when, role, answer });
    if (saysNo(answer)) return 'no';
    for (const name of namesIn(answer)) {
      const person = personNamed(role, name);
      if (typeof person === 'string') {
        dialogue.say(`${person}. Try again.`);
        return 'again';
      }
      if (person.principal !== undefined && !isKnown(ceremony, person.principal)) return 'again';
      here.push(person);
    }
  }
  return here;
}

async function theSame(ceremony: RunningCeremony, when: Occasion): Promise<Person[] | 'no' | 'again'> {
  const { dialogue, transcript, people } = ceremony;
  const names = people.filter(({ name }, i) => people.findIndex((one) => sameName(one.name, name)) === i);
  const answer = await dialogue.ask(
    `Roll-call of ${String(names.length)}: who is present (names, separated by commas)`,
  );
  transcript.add('roll-call', { when, answer });
  if (saysNo(answer)) return 'no';
  const typed = namesIn(answer);
  if (typed.length === 0) {
    dialogue.say('Nobody was named.');
    return 'again';
  }
  const strangers = typed.filter((one) => !people.some(({ name }) => sameName(one, name)));
  if (strangers.length > 0) {
    const expected = names.map(({ name }) => name).join(', ');
    dialogue.say(`Not expected: ${strangers.join(', ')}. Expected: ${expected}.`);
  }
  const here: Person[] = [];
  for (const person of people) {
    if (typed.some((one) => sameName(one, person.name))) {
      here.push(person);
      continue;
    }
    const other = await substituteOf(ceremony, person, when);
    if (typeof other === 'string') return other;
    here.push(other);
  }
  return here;
}

/** Asks who substitutes for somebody; `again` if the roll is to be called once more, later. */
async function substituteOf(
  ceremony: RunningCeremony,
  person: Person,
  when: Occasion,
): Promise<Person | 'no' | 'again'> {
  const { dialogue, transcript, plan } = ceremony;
  const { name, role } = person;
  for (;;) {
    const answer = await dialogue.ask(`${name} (${role}) is absent. Who takes over (name, wait, or no)`);
    transcript.add('roll-call', { when, missing: name, role, answer });
    if (saysNo(answer)) return 'no';
    if (answer.trim() === '' || answer.trim().toLowerCase() === 'wait') return 'again';
    const other = personNamed(role, answer);
    if (typeof other === 'string') {
      dialogue.say(`${other}. Try again.`);
      continue;
    }
    // Whoever was missing has come in meanwhile, or the planned person has come after all.
    const expected = [person, ...plan.people].find((one) => one.role === role && sameName(one.name, other.name));
    if (expected !== undefined && other.principal === undefined) return expected;
    const signs = other.principal ?? (person.principal === undefined ? '' : await signsAs(ceremony, other, when));
    if (signs === 'again') return signs;
    if (signs !== '' && !isKnown(ceremony, signs)) continue;
    const known = signs === '' ? other : { ...other, principal: signs };
    // The person named in the plan, through any number of substitutes.
    const planned = person.substituteFor ?? name;
    return sameName(planned, other.name) ? known : { ...known, substituteFor: planned };
  }
}

/**
 * Returns the name by which a substitute signs the transcript instead of the missing person; empty if that is not
 * possible.
 */
async function signsAs(ceremony: RunningCeremony, { name, role }: Person, when: Occasion): Promise<string> {
  const { dialogue, transcript } = ceremony;
  for (;;) {
    const answer = (
      await dialogue.ask(`Which name in allowed_signers does ${name} sign by (empty: does not sign)`)
    ).trim();
    transcript.add('roll-call', { when, signs_as: name, role, answer });
    if (isNo(answer) || answer.toLowerCase() === 'wait') return 'again';
    if (answer === '' || isKnown(ceremony, answer)) return answer;
  }
}

/** Returns whether somebody can sign by this name, and says why not. */
function isKnown({ dialogue, dir }: RunningCeremony, principal: string): boolean {
  const { known } = signerNamesFor(dir);
  if (isPrincipal(principal) && known?.includes(principal) !== false) return true;
  const has = known === undefined ? '' : ` It has: ${known.join(', ')}.`;
  dialogue.say(`${JSON.stringify(principal)} is not a name in allowed_signers.${has} Try again.`);
  return false;
}

/** Returns `witness: Dora Drew, who signs as dora@example.org, in place of Cleo Cook`. */
function inWords({ role, name, principal, substituteFor }: Person): string {
  const signs = principal === undefined ? '' : `, who signs as ${principal}`;
  return `${role}: ${name}${signs}${substituteFor === undefined ? '' : `, in place of ${substituteFor}`}`;
}

/** Parses `Anna Ames`, or `Anna Ames <anna@example.org>` if that person signs; or returns what is wrong. */
function personNamed(role: Role, text: string): Person | string {
  try {
    return parsePerson(`${role}=${text.trim()}`);
  } catch (error) {
    if (error instanceof CeremonyError) return `${JSON.stringify(text.trim())} is not a name, or Name <principal>`;
    throw error;
  }
}

/** Returns whether the answer is No, alone or before a comma. In the middle of words it may be part of a name. */
function saysNo(answer: string): boolean {
  return namesIn(answer).some(isNo);
}

function namesIn(answer: string): string[] {
  return answer
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
