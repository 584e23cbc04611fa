/** Rows about people: who was there, in which role, who answered, who signed. */
import { sameName } from '../../ceremony/people/people.js';
import { type Present, signingAsOne } from '../proceedings/people-present.js';
import type { Proceedings } from '../proceedings/proceedings.js';
import type { Witness } from '../verify/witnesses.js';
import { type Found, oneOf, type Row, showing, together } from './row.js';

const ANSWERS: readonly string[] = ['say', 'confirm', 'ask', 'agree', 'compare', 'media', 'seal', 'break'];
const NOBODY = 'nobody';

interface Answer {
  readonly line: number;
  readonly event: string;
  /** As in the event: `operator (Olga Orlow)`. */
  readonly by: string;
  readonly people: readonly Present[];
}

export const PEOPLE_ROWS: readonly Row[] = [
  {
    id: 'roles',
    title: 'Every role had its people, and whatever was answered was answered by somebody in a role',
    clauses: { etsi: ['GEN-6.5.1-12', 'GEN-6.5.1-13A'], br: ['6.1.1.1 all 2'], webtrust: ['4.1'] },
    look: roles,
  },
  {
    id: 'multi-person',
    title: 'Two people or more acted, each in a role of their own, and signed for it with keys of their own',
    clauses: { etsi: ['GEN-6.5.1-04', 'GEN-6.4.3-02'], br: ['6.1.1.1 all 2'], webtrust: ['4.1'] },
    look: multiPerson,
  },
  {
    id: 'responsible-signature',
    title: 'The administrator, who is responsible for the ceremony, signed the record',
    clauses: { etsi: ['GEN-6.5.1-14'], webtrust: ['4.1'] },
    look: (proceedings) => signedBy(proceedings, ['administrator'], () => true, 'an administrator'),
  },
  {
    id: 'independent-witness',
    title: 'A witness or auditor, who did nothing else in the ceremony, signed the record',
    clauses: { etsi: ['GEN-6.5.1-14'], br: ['6.1.1.1 root 2'], webtrust: ['4.1'] },
    look: (proceedings) => {
      const alone = ({ name }: Present): boolean =>
        proceedings.people.every((one) => ['witness', 'auditor'].includes(one.role) || !sameName(one.name, name));
      return signedBy(proceedings, ['witness', 'auditor'], alone, 'a witness or auditor without another role');
    },
  },
  {
    id: 'all-signed',
    title: 'Everybody whom the record asks to sign has signed it',
    clauses: { etsi: ['GEN-6.5.1-14'], webtrust: ['4.1'] },
    look: ({ people, report, end }) => {
      const declared = report.witnesses.filter((one) => one.declared);
      const missing = declared.filter(({ counts }) => !counts).map(notCounted);
      if (declared.length === 0) return { shows: [], lacks: ['the end names nobody who is to sign'] };
      const valid = showing(`valid: ${declared.map(({ principal }) => principal).join(', ')}`, end.seq + 1);
      const found = oneOf(missing.length === 0 ? valid : undefined, `no valid signature of ${missing.join(', ')}`);
      return { ...found, lacks: [...found.lacks, ...signingAsOne(people)] };
    },
  },
];

/** Returns the events in which somebody answered, or nobody did. */
function answersOf({ entries, people }: Proceedings): readonly Answer[] {
  return entries.flatMap(({ seq, event, fields }) => {
    if (!ANSWERS.includes(event) || !('by' in fields) || fields.by === '') return [];
    const { by } = fields;
    const role = by.replace(/ \(.*$/s, '');
    return [{ line: seq + 1, event, by, people: people.filter((one) => one.role === role) }];
  });
}

function roles(proceedings: Proceedings): Found {
  const { people, plan, script } = proceedings;
  const answers = answersOf(proceedings);
  if (people.length === 0) return { shows: [], lacks: ['nobody is named'] };
  const named = showing(people.map(({ name, role }) => `${name}, ${role}`).join('; '), people[0]?.line ?? 0);
  const needed = [...new Set((plan?.steps ?? []).map(({ by }) => by))];
  const empty = needed.filter((role) => !people.some((one) => one.role === role));
  const nobody = answers.filter(({ by }) => by === NOBODY).map(({ line }) => String(line));
  const strangers = answers.filter((one) => one.by !== NOBODY && one.people.length === 0);
  return {
    shows: [
      named,
      ...answers.filter((one) => one.people.length > 0).map(({ by, event, line }) => showing(`${event}: ${by}`, line)),
    ],
    lacks: [
      ...(script === undefined ? ['there was no script that says which roles do what'] : []),
      ...(script !== undefined && plan === undefined
        ? ['the plan is not at hand, and so it is not known which roles were needed']
        : []),
      ...empty.map((role) => `nobody is named as ${role}`),
      ...(answers.length === 0 ? ['nobody answered anything'] : []),
      ...(nobody.length === 0 ? [] : [`nobody answered in line ${nobody.join(', ')}`]),
      ...signingAsOne(people),
      ...strangers.map(({ by, line }) => `${by} answered in line ${String(line)}, and is not named`),
      ...notDone(proceedings),
    ],
  };
}

/** Returns steps that needed a person, and had none. */
function notDone({ steps }: Proceedings): readonly string[] {
  return steps
    .filter(({ outcome }) => outcome === 'not-done')
    .map(({ n, endLine }) => `step ${String(n)} needed a person, and none was there (line ${String(endLine ?? 0)})`);
}

function multiPerson(proceedings: Proceedings): Found {
  return together(acted(proceedings), signed(proceedings));
}

function acted(proceedings: Proceedings): Found {
  const answers = answersOf(proceedings);
  const unattended = answers.filter(({ by, event }) => by === NOBODY && event === 'agree');
  const one = firstOf(answers, () => true);
  const other = firstOf(
    answers,
    ({ name, role, signsAlsoAs }) =>
      one !== undefined && role !== one.role && !sameName(name, one.name) && !signsAlsoAs.includes(one.name),
  );
  const found = oneOf(
    one === undefined || other === undefined
      ? undefined
      : showing(`${one.name} answered as ${one.role}, and ${other.name} as ${other.role}`, one.line, other.line),
    'no two people in different roles answered',
  );
  return {
    ...found,
    lacks: [
      ...found.lacks,
      ...unattended.map(({ line }) => `nobody agreed to what was signed or changed (line ${String(line)})`),
    ],
  };
}

/** The first person of that kind who answered, with the line. */
function firstOf(
  answers: ReturnType<typeof answersOf>,
  fits: (person: Present) => boolean,
): (Present & { readonly line: number }) | undefined {
  for (const { people, line } of answers) {
    const found = people.find(fits);
    if (found !== undefined) return { ...found, line };
  }
  return undefined;
}

function signed({ people, report, end }: Proceedings): Found {
  const signers = people.filter((person) => signatureOf(person, report) !== undefined);
  const names = [...new Set(signers.map(({ name }) => name))];
  const two = names.some((name) => names.some((other) => !sameName(name, other)));
  const found = oneOf(
    two ? showing(`valid signatures of ${names.join(' and ')}, with different keys`, end.seq + 1) : undefined,
    `no valid signatures of two of the people who are named (${String(names.length)} ${names.length === 1 ? 'is' : 'are'} there)`,
  );
  return { ...found, lacks: [...found.lacks, ...signingAsOne(people)] };
}

function signedBy(
  { people, report, end }: Proceedings,
  those: readonly string[],
  fits: (person: Present) => boolean,
  whom: string,
): Found {
  const found = people.find(
    (person) => those.includes(person.role) && fits(person) && signatureOf(person, report) !== undefined,
  );
  const key = found === undefined ? '' : (signatureOf(found, report)?.fingerprint ?? '');
  const others = people.filter(({ role }) => those.includes(role));
  return oneOf(
    found === undefined
      ? undefined
      : showing(`${found.name} (${found.role}), ${found.principal ?? ''}, key ${key}`, found.line, end.seq + 1),
    [`no valid signature of ${whom}`, ...signingAsOne(others)].join('; '),
  );
}

/** Returns the signature that counts as this person's, and as nobody else's. */
function signatureOf({ principal, signsAlsoAs }: Present, { witnesses }: Proceedings['report']): Witness | undefined {
  return signsAlsoAs.length > 0 ? undefined : witnesses.find((one) => one.principal === principal && one.counts);
}

function notCounted({ principal, state, why }: Witness): string {
  return `${principal} (${[state, why].filter((one) => one !== undefined).join(': ')})`;
}
