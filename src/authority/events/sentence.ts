/**
 * Turns events into plain words, by the sentences that are declared with them. Whatever the sentence leaves out follows
 * as name and value, so that nothing is lost.
 */
import type { JsonObject, JsonValue } from '../../codec/strict-json.js';
import { type KnownEvent, sentenceOf, type StrangeEvent, whyStrange } from './event.js';

export interface Told {
  /** Not made safe for a terminal. */
  readonly words: readonly Words[];
  readonly rest: readonly (readonly [name: string, value: string])[];
}

/** A part of a sentence, and the field from which it comes. */
export interface Words {
  readonly text: string;
  readonly field?: string;
}

/** Fields that are told once for the whole transcript. */
const SAID_ELSEWHERE: readonly string[] = ['mode'];

export function told(event: KnownEvent | StrangeEvent): Told {
  const fields: JsonObject = event.fields;
  const words =
    event.event === 'strange'
      ? [{ text: `event ${event.name}; ${whyStrange(event)}` }]
      : wordsOf(sentenceOf(event), fields);
  const used = new Set([...SAID_ELSEWHERE, ...words.map(({ field }) => field)]);
  const rest = Object.entries(fields).filter(([name]) => !used.has(name));
  return { words, rest: rest.flatMap(([name, value]) => flat(name.replaceAll('_', ' '), value)) };
}

/** Returns the sentence of an event as one text. */
export function sentence(event: KnownEvent | StrangeEvent): string {
  return told(event)
    .words.map(({ text }) => text)
    .join('');
}

/** Fills in a template. A part in brackets is left out if a field in it is missing. */
function wordsOf(template: string, fields: JsonObject): readonly Words[] {
  return template.split(/\[([^[\]]*)\]/).flatMap((piece) => {
    const parts = [...piece.matchAll(/\{(\w+)(?:\?([^|}]*)\|([^}]*))?\}|[^{]+/g)];
    if (parts.some(([, name]) => name !== undefined && !Object.hasOwn(fields, name))) return [];
    return parts.map(([text, name, yes = '', no = '']): Words => {
      if (name === undefined) return { text };
      const value = fields[name];
      const isChoice = text.includes('?');
      return { field: name, text: isChoice ? (value === true ? yes : no) : fieldText(name, value) };
    });
  });
}

function fieldText(name: string, value: JsonValue | undefined): string {
  if (name === 'answer') return value === '' ? 'Enter' : `“${wordOf(value)}”`;
  if (name === 'by' && value === 'nobody') return 'by nobody';
  return name === 'outcome' ? wordOf(value).replaceAll('-', ' ') : wordOf(value);
}

function wordOf(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return 'nobody knows';
  if (typeof value !== 'object') return String(value);
  if (!Array.isArray(value) || !value.every(isWord)) return JSON.stringify(value);
  return value.map(wordOf).join(', ') || 'none';
}

function isWord(value: JsonValue): boolean {
  return typeof value !== 'object' || value === null;
}

/** Returns a list of objects as one row each: `path credentials/root-1.pem, sha256 …`. */
function flat(name: string, value: JsonValue): readonly (readonly [string, string])[] {
  if (Array.isArray(value) && !value.every(isWord))
    return value.map((item: JsonValue) => [name, record(item)] as const);
  return [[name, record(value)]];
}

function record(value: JsonValue): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wordOf(value);
  return Object.entries(value)
    .map(([name, item]: [string, JsonValue]) => `${name.replaceAll('_', ' ')} ${wordOf(item)}`)
    .join(', ');
}
