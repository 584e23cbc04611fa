/**
 * The events of transcripts: what each may hold, as it is written and as it is read. Records live as long as their
 * keys: no event, form or field is ever taken away, nor a word that a form demands; a field that is added is optional.
 */
import type { JsonObject } from '../../codec/strict-json.js';
import { couldNot } from '../../common/errors.js';
import { ANSWERS } from './answers.js';
import { CEREMONY } from './ceremony.js';
import { CHANGES } from './changes.js';
import { FRAME } from './frame.js';
import { KEYS } from './keys.js';
import { faultsOf, type Fields, fits, type Form, only, optional, text } from './shape.js';

const EVENTS = { ...FRAME, ...KEYS, ...CHANGES, ...CEREMONY, ...ANSWERS };

/** The `mode` that every line of a rehearsal's transcript has. */
export const REHEARSAL = 'REHEARSAL';

/** What any line may have besides. */
const MARKS = {
  mode: optional(only(REHEARSAL)),
  /** Where the clock was set back since the line before, whose time this line has. */
  clock_said: optional(text),
};

const FORMS: ReadonlyMap<string, readonly Form[]> = new Map(
  Object.entries(EVENTS).map(([name, forms]: [string, readonly Form[]]) => [
    name,
    forms.map(({ shape, sentence }) => ({ shape: { ...shape, ...MARKS }, sentence })),
  ]),
);

export type EventName = keyof typeof EVENTS;

/** An event's own fields. */
export type EventFields<N extends EventName> = (typeof EVENTS)[N][number] extends infer F
  ? F extends Form<infer S>
    ? Fields<S>
    : never
  : never;

/** What the writer of a first line says. */
export type StartFields = Omit<EventFields<'start'>, 'previous_transcript'>;

/** A key in an HSM and its token, as they were read back. */
export type HsmFields = Extract<EventFields<'key'>, { readonly hsm: unknown }>['hsm'];

/** An event that is to be written. */
export type NewEvent<N extends EventName = EventName> = {
  [E in N]: { readonly event: E; readonly fields: EventFields<E> };
}[N];

/** An event as it was read. */
export type KnownEvent<N extends EventName = EventName> = {
  [E in N]: { readonly event: E; readonly fields: EventFields<E> & Fields<typeof MARKS> };
}[N];

/** What stands in a transcript, and is not an event as this program writes them. */
export interface StrangeEvent {
  readonly event: 'strange';
  /** The event that it says it is. */
  readonly name: string;
  readonly why: string;
  readonly fields: JsonObject;
}

/** Of a line, in words. */
export function whyStrange({ name, why }: StrangeEvent): string {
  return `it is not a valid ${name} event: ${why}`;
}

/** The event that a line's fields are. */
export function decodeEvent(name: string, fields: JsonObject): KnownEvent | StrangeEvent {
  const forms = FORMS.get(name);
  if (forms?.some(({ shape }) => fits(shape, fields)) === true) return { event: name, fields } as KnownEvent;
  // Of the form that it is most like.
  const faults = forms?.map(({ shape }) => faultsOf(shape, fields)).sort((one, other) => one.length - other.length)[0];
  return { event: 'strange', name, why: faults?.[0] ?? 'there is no event of that name', fields };
}

/** Before an event is written: a later reading takes it. Error: `internal`. */
export function checkEvent({ event, fields }: NewEvent): void {
  const decoded = decodeEvent(event, fields);
  if (decoded.event === 'strange') throw couldNot('internal', `no event ${event} can be written: ${decoded.why}`);
}

/** The sentence of an event, for `sentence.ts`. */
export function sentenceOf({ event, fields }: KnownEvent): string {
  return FORMS.get(event)?.find(({ shape }) => fits(shape, fields))?.sentence ?? '';
}
