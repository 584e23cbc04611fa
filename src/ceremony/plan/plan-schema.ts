/**
 * The form of a plan's file, down to everything that is shown from it (a valibot schema). Whether its script leads to
 * this plan is checked elsewhere. This file, and valibot with it, is loaded only if a plan is read.
 */
import * as v from 'valibot';
import { MOST_PEOPLE } from '../../authority/events/shape.js';
import { isPerson } from '../people/people.js';
import { MOST_STEPS, OUTCOMES_OF_NO, ROLES, STEP_KINDS } from '../script/script.js';

type PlanFields = v.InferOutput<ReturnType<typeof planSchema>>;

/** Returns the whole plan, or in words the first thing that is wrong. */
export function parsePlan(object: unknown): PlanFields | string {
  const read = v.safeParse(planSchema(), object, { abortEarly: true });
  if (read.success) return read.output;
  const [{ message, path = [] }] = read.issues;
  // People count from 1.
  const where = path.map(({ key }) => String(typeof key === 'number' ? key + 1 : key)).join('.');
  return `${where} ${message}`.replace(/^steps\.(\d+)[. ]/, 'step $1: ');
}

function planSchema() {
  const text = v.string('is not a text');
  const textOrNull = v.nullable(text);
  const time = v.pipe(
    text,
    v.length(20, 'is not a time in UTC, to the second'),
    v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'is not a time in UTC, to the second'),
  );
  const list = <T extends v.BaseSchema<unknown, unknown, v.BaseIssue<unknown>>>(item: T) =>
    v.array(item, 'is not a list');
  // The number is checked before the items.
  const atMost = (most: number) =>
    v.pipe(list(v.unknown()), v.maxLength(most, `has more than ${String(most)} entries`));
  const group = <T extends v.ObjectEntries>(fields: T) =>
    v.looseObject(fields, ({ received }) => (received === 'undefined' ? 'is missing' : 'is not a group of fields'));
  // Not v.record, which skips some names.
  const texts = v.custom<Readonly<Record<string, string>>>(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      Object.values(value).every((one) => typeof one === 'string'),
    'is not a group of texts',
  );
  const person = v.pipe(
    group({
      name: text,
      role: v.picklist(ROLES, 'is none of the roles'),
      principal: v.exactOptional(text),
      substituteFor: v.exactOptional(text),
    }),
    v.check((one) => isPerson(one), 'cannot be one of the people'),
  );
  const preview = group({
    title: text,
    rows: list(v.strictTuple([text, textOrNull], 'is not a label and a value')),
    changes: list(text),
    warnings: list(text),
    words: textOrNull,
  });
  const step = group({
    n: v.number('is not a number'),
    id: text,
    kind: v.picklist(STEP_KINDS, 'is not a kind of step'),
    by: v.picklist(ROLES, 'is none of the roles'),
    text,
    no: list(v.picklist(OUTCOMES_OF_NO, 'is not an outcome')),
    operation: v.exactOptional(text),
    options: v.exactOptional(texts),
    previews: v.exactOptional(list(preview)),
    signs: v.exactOptional(list(group({ what: text, signed_sha256: textOrNull }))),
    writes: v.exactOptional(list(text)),
  });
  return group({
    version: v.literal(1, 'is not 1'),
    ceremony: text,
    title: text,
    purpose: text,
    domain: text,
    made_at: time,
    window: group({ from: time, until: time }),
    script: group({ sha256: text, text }),
    settings: group({ authority_yaml: text, allowed_signers: text }),
    parameters: texts,
    people: v.pipe(atMost(MOST_PEOPLE), list(person)),
    steps: v.pipe(
      atMost(MOST_STEPS),
      list(step),
      v.minLength(1, 'is empty'),
      v.check((steps) => steps.every(({ n }, i) => n === i + 1), 'is not numbered from 1'),
    ),
  });
}
