/**
 * The events of transcripts: what each may hold, both when it is written and when it is read. Records live as long as
 * their keys: no event, form or field is ever removed, nor a word that a form requires, and any field that is added is
 * optional.
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

/** The `mode` in every line of a rehearsal's transcript. */
export const REHEARSAL = 'REHEARSAL';

/** Fields that any line may have as well. */
const MARKS = {
  mode: optional(only(REHEARSAL)),
  /**
   * What the clock showed if it was set back since the previous line; this line then keeps the previous line's time.
   */
  clock_said: optional(text),
};

const FORMS: ReadonlyMap<string, readonly Form[]> = new Map(
  Object.entries(EVENTS).map(([name, forms]: [string, readonly Form[]]) => [
    name,
    forms.map(({ shape, sentence }) => ({ shape: { ...shape, ...MARKS }, sentence })),
  ]),
);

export type EventName = keyof typeof EVENTS;

/** The fields of an event itself. */
export type EventFields<N extends EventName> = (typeof EVENTS)[N][number] extends infer F
  ? F extends Form<infer S>
    ? Fields<S>
    : never
  : never;

/** The fields that the writer of a first line supplies. */
export type StartFields = Omit<EventFields<'start'>, 'previous_transcript'>;

/** A key in an HSM and its token, as they were read back. */
export type HsmFields = Extract<EventFields<'key'>, { readonly hsm: unknown }>['hsm'];

/** An event to be written. */
export type NewEvent<N extends EventName = EventName> = {
  [E in N]: { readonly event: E; readonly fields: EventFields<E> };
}[N];

/** An event that was read. */
export type KnownEvent<N extends EventName = EventName> = {
  [E in N]: { readonly event: E; readonly fields: EventFields<E> & Fields<typeof MARKS> };
}[N];

/** A line of a transcript that is not an event as this program writes them. */
export interface StrangeEvent {
  readonly event: 'strange';
  /** The event that it claims to be. */
  readonly name: string;
  readonly why: string;
  readonly fields: JsonObject;
}

/** Returns, in words, why a line is strange. */
export function whyStrange({ name, why }: StrangeEvent): string {
  return `it is not a valid ${name} event: ${why}`;
}

/** Returns the event with a line's fields. */
export function decodeEvent(name: string, fields: JsonObject): KnownEvent | StrangeEvent {
  const forms = FORMS.get(name);
  if (forms?.some(({ shape }) => fits(shape, fields)) === true) return { event: name, fields } as KnownEvent;
  // Report the faults against the form that it resembles most.
  const faults = forms?.map(({ shape }) => faultsOf(shape, fields)).sort((one, other) => one.length - other.length)[0];
  return { event: 'strange', name, why: faults?.[0] ?? 'there is no event of that name', fields };
}

/** Checks before an event is written that it can be read again. Error: `internal`. */
export function checkEvent({ event, fields }: NewEvent): void {
  const decoded = decodeEvent(event, fields);
  if (decoded.event === 'strange') throw couldNot('internal', `no event ${event} can be written: ${decoded.why}`);
}

/** Returns the template of an event's sentence, for `sentence.ts`. */
export function sentenceOf({ event, fields }: KnownEvent): string {
  return FORMS.get(event)?.find(({ shape }) => fits(shape, fields))?.sentence ?? '';
}
