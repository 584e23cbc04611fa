/** Who takes part: names by role, as a plan says and as a roll-call establishes. */
import type { EventFields } from '../../authority/events/event.js';
import { MOST_PEOPLE } from '../../authority/events/shape.js';
import { counted } from '../../common/counted.js';
import { usage } from '../../common/errors.js';
import { controlCharacterIn } from '../../common/printable.js';
import type { Remark, Remedy } from '../../common/remedy.js';
import { type Role, ROLES, type Script } from '../script/script.js';
import { isPrincipal } from './principals.js';

export interface Person {
  readonly name: string;
  readonly role: Role;
  /** The name by which a person signs, as in allowed_signers; it is safe as a file name. */
  readonly principal?: string;
  /** The planned person whom this one replaces. */
  readonly substituteFor?: string;
}

/** A person in the form that transcripts use. */
export type RecordedPerson = EventFields<'people'>['people'][number];

/** Which persons the names in allowed_signers stand for. */
export interface SignerNames {
  /** Undefined if there is no such file. */
  readonly known: readonly string[] | undefined;
  /** Returns the same text for all names of one person. */
  readonly personOf: (principal: string) => string;
}

/**
 * Parses `witness=Anna Ames <anna@example.org>`; the part in angle brackets is given if that person signs. `roles` are
 * those that an error lists. Error: `usage`.
 */
export function parsePerson(text: string, roles: readonly Role[] = ROLES): Person {
  const match = /^([a-z]+)=([^<>=\p{Cc}]+)(?:<([^<>]*)>)?$/u.exec(text);
  const role = ROLES.find((known) => known === match?.[1]);
  const name = match?.[2]?.trim().normalize('NFC').replace(/\s+/g, ' ') ?? '';
  const named = /^([a-z]+)=/.exec(text)?.[1];
  if (named !== undefined && !ROLES.some((known) => known === named))
    throw usage(`the person ${JSON.stringify(text)}: there is no role ${JSON.stringify(named)}`, {
      hint: `Roles here: ${roles.join(', ')}.`,
    });
  if (role === undefined || name === '' || name.length > 100 || controlCharacterIn(name) !== undefined) {
    throw usage(`the person ${JSON.stringify(text)} is not role=Name or role=Name <principal>`, {
      hint: `Roles here: ${roles.join(', ')}.`,
    });
  }
  const principal = match?.[3];
  if (principal !== undefined && !isPrincipal(principal)) {
    throw usage(
      `the person ${JSON.stringify(text)}: the principal ${JSON.stringify(principal)} is not a safe file name`,
      {
        hint: 'Use A-Z, a-z, 0-9 and . _ @ + -, beginning with a letter or a digit.',
      },
    );
  }
  return { name, role, ...(principal === undefined ? {} : { principal }) };
}

/** Returns whether `--person` could have named the person in a plan. */
export function isPerson({ name, role, principal }: Pick<Person, 'name' | 'role' | 'principal'>): boolean {
  try {
    return parsePerson(`${role}=${name}${principal === undefined ? '' : ` <${principal}>`}`).name === name;
  } catch {
    return false;
  }
}

/** Returns whether two names are the same, however they are written. */
export function sameName(a: string, b: string): boolean {
  const plain = (name: string): string => name.normalize('NFKC').replace(/\s+/g, ' ').trim().toLowerCase();
  return plain(a) === plain(b);
}

/** Returns, in words, what is wrong with these people for this script, or undefined. */
export function peopleFault(
  { roles }: Script,
  people: readonly Person[],
  { personOf }: Pick<SignerNames, 'personOf'>,
): string | undefined {
  if (people.length > MOST_PEOPLE)
    return `a ceremony has ${String(MOST_PEOPLE)} people at most, and ${String(people.length)} are named`;
  for (const { role, name } of people) {
    if (!roles.has(role))
      return `${name} is ${role}, which is not a role of this ceremony; it has ${[...roles.keys()].join(', ')}`;
    if (people.filter((one) => one.role === role && sameName(one.name, name)).length > 1)
      return `${name} is ${role} twice`;
  }
  for (const { name, principal } of people) {
    const other = people.find(
      (one) =>
        principal !== undefined &&
        one.principal !== undefined &&
        !sameName(one.name, name) &&
        personOf(one.principal) === personOf(principal),
    );
    if (other !== undefined)
      return `${name} and ${other.name} sign as one person (${[...new Set([principal, other.principal])].join(', ')})`;
  }
  for (const [role, { people: least, not }] of roles) {
    const those = people.filter((one) => one.role === role);
    if (those.length < least)
      return `${counted(least, 'person', 'people')} must be ${role}, and ${String(those.length)} ${those.length === 1 ? 'is' : 'are'}`;
    for (const { name } of those) {
      const other = people.find((one) => not.includes(one.role) && sameName(one.name, name));
      if (other !== undefined) return `${name} cannot be ${role} and ${other.role}`;
    }
  }
  return undefined;
}

const NAMED_PERSON: readonly Remedy[] = [{ option: 'person', value: 'role=Name <principal>' }];

/**
 * Returns a sentence for everything that a plan leaves open about its people. It may run all the same: the roll-call
 * asks, and requires the numbers.
 */
export function peopleWarnings(
  { roles, steps }: Script,
  people: readonly Person[],
  { known }: Pick<SignerNames, 'known'>,
): readonly Remark[] {
  if (people.length === 0) {
    const wanted = [...roles].map(([role, { people: least }]) => `${String(least)} ${role}`).join(', ');
    return [
      {
        text: `nobody is named for the roles of this ceremony (${wanted}): whoever approves the plan does not know who will be there, and nobody is named to sign. Name them.`,
        remedies: NAMED_PERSON,
      },
    ];
  }
  const sign = new Set(steps.flatMap((step) => (step.kind === 'collect' ? step.who : [])));
  const silent = people.filter(({ role, principal }) => sign.has(role) && principal === undefined);
  const strangers = people.filter(({ principal }) => principal !== undefined && known?.includes(principal) === false);
  const unknown = strangers.map(
    ({ name, principal = '' }) =>
      `allowed_signers has no ${JSON.stringify(principal)}, by which ${name} is to sign; it has: ${known?.join(', ') ?? ''}`,
  );
  if (silent.length === 0) return unknown;
  const names = silent.map(({ name, role }) => `${name} (${role})`).join(', ');
  return [
    ...unknown,
    {
      text: `to sign the transcript, and without a principal: ${names}. A signature that is missing cannot be noticed. Name the principal.`,
      remedies: NAMED_PERSON,
    },
  ];
}

/** Returns a person in the form of transcripts and plans. */
export function personFields({ name, role, principal, substituteFor }: Person): RecordedPerson {
  return {
    name,
    role,
    ...(principal === undefined ? {} : { principal }),
    ...(substituteFor === undefined ? {} : { substitute_for: substituteFor }),
  };
}

/** Returns the person whom a transcript names. */
export function personIn({ name, role, principal, substitute_for: substituteFor }: RecordedPerson): Person {
  return {
    name,
    role,
    ...(principal === undefined ? {} : { principal }),
    ...(substituteFor === undefined ? {} : { substituteFor }),
  };
}
