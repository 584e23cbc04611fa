/** Shapes of JSON objects: which fields an object has, and of which kind each is; and the types of such objects. */
import type { JsonObject } from '../../codec/strict-json.js';

/** Checks whether a JSON value is of a kind; it is given undefined if there is no value. */
type Kind<T> = (value: unknown) => value is T;
export type Shape = Readonly<Record<string, Kind<unknown>>>;

type ValueOf<K> = K extends Kind<infer T> ? T : never;
type Optional<S> = { [N in keyof S]: undefined extends ValueOf<S[N]> ? N : never }[keyof S];

/** The type of the objects with a shape. */
export type Fields<S extends Shape> = {
  readonly [N in Exclude<keyof S, Optional<S>>]: ValueOf<S[N]>;
} & { readonly [N in Optional<S>]?: Exclude<ValueOf<S[N]>, undefined> };

/** Returns whether an object has the fields of a shape, and no others. */
export function fits(shape: Shape, object: JsonObject): boolean {
  for (const name in object) if (!Object.hasOwn(shape, name)) return false;
  for (const name in shape) if (shape[name]?.(object[name]) !== true) return false;
  return true;
}

/** Returns, in words, how an object differs from a shape; empty if it does not. */
export function faultsOf(shape: Shape, object: JsonObject): readonly string[] {
  const strange = Object.keys(object).filter((name) => !Object.hasOwn(shape, name));
  const bad = Object.entries(shape).filter(([name, is]) => !is(Object.hasOwn(object, name) ? object[name] : undefined));
  return [
    ...bad.map(([name]) => (Object.hasOwn(object, name) ? `its ${name} is not valid` : `it has no ${name}`)),
    ...strange.map((name) => `it has an unknown field ${JSON.stringify(name)}`),
  ];
}

export const text: Kind<string> = (value) => typeof value === 'string';
export const flag: Kind<boolean> = (value) => typeof value === 'boolean';
/** Zero or more. */
export const count: Kind<number> = (value): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
/** In hex. */
export const sha256 = matching(/^[0-9a-f]{64}$/);
/** A fingerprint in hex: SHA-256, SHA-384 or SHA-512, as the credential's ciphersuite requires. */
export const fingerprint = matching(/^(?:[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/);
/** Any object. */
export const object: Kind<JsonObject> = isObject;
export const texts = list(text);
/** In one ceremony: each is compared with each other. */
export const MOST_PEOPLE = 128;
/** Names of people, or principals. */
export const people = list(text, MOST_PEOPLE);
/** A label and its value. */
export const pair: Kind<readonly [string, string]> = (value): value is readonly [string, string] =>
  texts(value) && value.length === 2;

export function only<const T extends string>(...words: readonly T[]): Kind<T> {
  return (value): value is T => words.some((word) => word === value);
}

export function optional<T>(kind: Kind<T>): Kind<T | undefined> {
  return (value): value is T | undefined => value === undefined || kind(value);
}

export function nullable<T>(kind: Kind<T>): Kind<T | null> {
  return (value): value is T | null => value === null || kind(value);
}

/** With at most `most` items; whatever goes through those that have no maximum does so once. */
export function list<T>(kind: Kind<T>, most = Infinity): Kind<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.length <= most && value.every(kind);
}

export function group<S extends Shape>(shape: S): Kind<Fields<S>> {
  return (value): value is Fields<S> => isObject(value) && fits(shape, value);
}

/** Returns fields that are all of one kind. */
export function each<T, const N extends string>(kind: Kind<T>, ...names: readonly N[]): Readonly<Record<N, Kind<T>>> {
  return Object.fromEntries(names.map((name) => [name, kind])) as Record<N, Kind<T>>;
}

function matching(pattern: RegExp): Kind<string> {
  return (value): value is string => typeof value === 'string' && pattern.test(value);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * One form of an event: its fields, and the sentence that people read. In the sentence `{name}` stands for a field, and
 * `{name?yes|no}` for a word that depends on a boolean field. A part in brackets is left out if its field is missing.
 */
export interface Form<S extends Shape = Shape> {
  readonly shape: S;
  readonly sentence: string;
}

export function form<const S extends Shape>(shape: S, sentence: string): Form<S> {
  return { shape, sentence };
}
