/** Events as transcripts have them: one of each form, from real transcripts. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { decodeEvent, type EventFields, type EventName } from '../../src/authority/events/event.js';
import type { JsonObject, JsonValue } from '../../src/codec/strict-json.js';

export interface Sample {
  readonly event: string;
  readonly fields: JsonObject;
}

/** With as few fields as they can have, first. */
export const SAMPLES: readonly Sample[] = readFileSync(
  fileURLToPath(new URL('../vectors/events.jsonl', import.meta.url)),
  'utf8',
)
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Sample)
  .sort((a, b) => Object.keys(a.fields).length - Object.keys(b.fields).length);

/** Some fields of an event, and whatever else it must have; the fields alone, where nothing makes an event of them. */
export function filled(event: string, fields: JsonObject = {}): JsonObject {
  const all = SAMPLES.filter((one) => one.event === event).map((one) => ({ ...one.fields, ...fields }));
  return all.find((one) => decodeEvent(event, one).event !== 'strange') ?? fields;
}

/** Every event of these, with `text` wherever it could stand. */
export function evil(text: string): readonly (readonly [event: string, fields: JsonObject])[] {
  return SAMPLES.map(({ event, fields }) => {
    const made: Record<string, JsonValue> = { ...fields };
    for (const name of Object.keys(fields))
      for (const value of [text, [text], [[text, text]], evilIn(fields[name], text)]) {
        if (decodeEvent(event, { ...made, [name]: value }).event !== 'strange') made[name] = value;
      }
    return [event, made] as const;
  });
}

/** In every field of a group, or of the groups of a list. */
function evilIn(value: JsonValue | undefined, text: string): JsonValue {
  if (Array.isArray(value)) return value.map((one: JsonValue) => evilIn(one, text));
  if (typeof value !== 'object' || value === null) return value ?? null;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      /sha256|role/.test(name) || typeof one !== 'string' ? one : text,
    ]),
  );
}

/** Some fields of an event, and what it must have besides, as a writer has them. */
export function fieldsOf<N extends EventName>(event: N, fields: JsonObject = {}): EventFields<N> {
  return filled(event, fields) as unknown as EventFields<N>;
}
