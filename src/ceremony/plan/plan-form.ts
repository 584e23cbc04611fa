/**
 * The form of a plan's file, down to everything that is shown of it; whether it is what its script comes to shows
 * elsewhere.
 */
import type { JsonObject, JsonValue } from '../../codec/strict-json.js';
import { isPerson, MOST_PEOPLE } from '../people/people.js';
import { MOST_STEPS } from '../script/script.js';

type Form = (value: JsonValue | undefined) => boolean;

const text: Form = (value) => typeof value === 'string';
const textOrNull: Form = (value) => value === null || text(value);
const time: Form = (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value);
const optional =
  (form: Form): Form =>
  (value) =>
    value === undefined || form(value);
const list =
  (form: Form): Form =>
  (value) =>
    Array.isArray(value) && value.every((item: JsonValue) => form(item));
const texts: Form = (value) => isGroup(value) && Object.values(value).every(text);
const row: Form = (value) => {
  const [label, shown, ...more] = Array.isArray(value) ? (value as readonly JsonValue[]) : [];
  return text(label) && textOrNull(shown) && more.length === 0;
};
const group =
  (forms: Readonly<Record<string, Form>>): Form =>
  (value) =>
    isGroup(value) && Object.entries(forms).every(([key, form]) => form(own(value, key)));

const preview = group({
  title: text,
  rows: list(row),
  changes: list(text),
  warnings: list(text),
  words: textOrNull,
});

const STEP: Readonly<Record<string, Form>> = {
  id: text,
  kind: text,
  by: text,
  text,
  no: list(text),
  operation: optional(text),
  options: optional(texts),
  previews: optional(list(preview)),
  signs: optional(list(group({ what: text, signed_sha256: textOrNull }))),
  writes: optional(list(text)),
};

/** What is wrong, in words; undefined where nothing is. */
export function planFault(record: JsonObject): string | undefined {
  if (record.version !== 1) return 'its version is not 1';
  for (const key of ['ceremony', 'title', 'purpose', 'domain', 'made_at'])
    if (!text(own(record, key))) return `${key} is not text`;
  for (const key of ['window', 'script', 'settings', 'parameters'])
    if (!texts(own(record, key))) return `${key} is not a group of texts`;
  const { window, script, people, steps } = record;
  if (!time(record.made_at) || !group({ from: time, until: time })(window)) return 'a time is not RFC 3339 in UTC';
  if (!group({ text, sha256: text })(script)) return 'the script is missing';
  if (!list(group({ name: text, role: text }))(people) || !list(texts)(people)) return 'people is not a list of people';
  if ((people as readonly JsonValue[]).length > MOST_PEOPLE) return 'it has too many people';
  const unfit = (people as readonly Readonly<Record<string, string>>[]).find((one) => !isPerson(one));
  if (unfit !== undefined) return `${JSON.stringify(unfit.name)} cannot be one of the people`;
  if (!Array.isArray(steps) || steps.length === 0) return 'steps is not a list of steps';
  if (steps.length > MOST_STEPS) return 'it has too many steps';
  for (const [i, step] of steps.entries() as IterableIterator<[number, JsonValue]>) {
    if (!isGroup(step) || step.n !== i + 1) return `step ${String(i + 1)} is not there`;
    const wrong = Object.entries(STEP).find(([key, form]) => !form(own(step, key)));
    if (wrong !== undefined) return `step ${String(i + 1)}: ${wrong[0]} is not what a plan has there`;
  }
  return undefined;
}

function isGroup(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function own(record: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
