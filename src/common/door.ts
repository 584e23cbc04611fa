/**
 * Checks on the library's inputs. Callers may have no types, and may change what they passed while it is being checked.
 * Each input is therefore read once, checked, and copied before anything else is done with it. Inherited properties are
 * ignored, so that a polluted prototype has no effect. Error of all functions: `usage`.
 */
import { cut } from './cut.js';
import { CeremonyError, usage } from './errors.js';
import { LAST_SECOND } from './time.js';

const HINT = 'docs/client-developer.md describes the arguments.';

export function wrongInput(name: string, what: string, cause?: unknown): CeremonyError {
  return usage(`${name} ${what}`, { hint: HINT, cause });
}

type Getter = (this: unknown) => unknown;
const getterOf = (prototype: unknown, key: PropertyKey): Getter | undefined =>
  Reflect.get(Object.getOwnPropertyDescriptor(prototype, key) ?? {}, 'get') as Getter | undefined;

/** These show what an object is, not what it claims to be, and they work across realms. */
const typedArrayName = getterOf(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag);
const sizeOfSet = getterOf(Set.prototype, 'size');

/** Runs `look` on a caller's object. A revoked proxy, or a trap or getter that throws, is reported as a bad input. */
export function looking<T>(name: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (error instanceof CeremonyError) throw error;
    throw wrongInput(name, 'threw an error when it was read', error);
  }
}

/**
 * Returns a copy of the bytes in memory of its own, also for a view on shared memory, which others could go on
 * changing.
 */
export function bytesIn(name: string, value: unknown): Uint8Array {
  if (typedArrayName?.call(value) !== 'Uint8Array') throw wrongInput(name, 'is not a Uint8Array');
  try {
    return new Uint8Array(value as Uint8Array);
  } catch {
    throw wrongInput(name, 'no longer has any memory: its buffer was transferred, or made smaller');
  }
}

/**
 * Returns text that has a UTF-8 encoding. Half a surrogate pair is refused, because it would be encoded like U+FFFD.
 */
export function textIn(name: string, value: unknown): string {
  if (typeof value !== 'string') throw wrongInput(name, 'is not a string');
  if (/\p{Surrogate}/u.test(value)) throw wrongInput(name, 'has half a surrogate pair, which is not text');
  return value;
}

/** Returns whole Unix seconds up to the year 9999, which refuses a time in milliseconds. */
export function secondsIn(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= LAST_SECOND) return value;
  throw usage(`${name} is not a time in whole Unix seconds`, {
    hint: 'Give whole seconds since 1970, as a number: no milliseconds, no Date.',
  });
}

/** Returns an array whose every item was checked by `itemIn`. Holes, and iterables other than arrays, are refused. */
export function arrayIn<T>(name: string, value: unknown, itemIn: (name: string, item: unknown) => T): readonly T[] {
  return looking(name, () => {
    if (!Array.isArray(value)) throw wrongInput(name, 'is not an array');
    const given = value as readonly unknown[];
    return Array.from({ length: given.length }, (_, i) => {
      if (!Object.hasOwn(given, i)) throw wrongInput(name, `has a hole at ${String(i)}`);
      return itemIn(`${name}[${String(i)}]`, given[i]);
    });
  });
}

export function setIn<T>(name: string, value: unknown, itemIn: (name: string, item: unknown) => T): ReadonlySet<T> {
  const copy = new Set<T>();
  try {
    sizeOfSet?.call(value);
  } catch {
    throw wrongInput(name, 'is not a Set');
  }
  Set.prototype.forEach.call(value as Set<unknown>, (item) => copy.add(itemIn(`an entry of ${name}`, item)));
  return copy;
}

/**
 * Returns the values of a plain object under these keys. Any other key is refused, so that a misspelled one is noticed.
 * Missing optional values are undefined.
 */
export function recordIn<Needed extends string, Optional extends string = never>(
  name: string,
  value: unknown,
  needed: readonly Needed[],
  optional: readonly Optional[] = [],
): Readonly<Record<Needed | Optional, unknown>> {
  return looking(name, () => recordOf<Needed | Optional>(name, value, needed, optional));
}

function recordOf<Key extends string>(
  name: string,
  value: unknown,
  needed: readonly Key[],
  optional: readonly Key[],
): Readonly<Record<Key, unknown>> {
  if (!isPlain(value)) throw wrongInput(name, 'is not a plain object');
  const keys = [...needed, ...optional];
  const own = Reflect.ownKeys(value);
  const unknown = own.find((key) => !(keys as readonly PropertyKey[]).includes(key));
  if (unknown !== undefined) throw wrongInput(name, `has the unknown key ${JSON.stringify(cut(String(unknown)))}`);
  const missing = needed.find((key) => !own.includes(key));
  if (missing !== undefined) throw wrongInput(name, `has no ${missing}`);
  const record = Object.create(null) as Record<Key, unknown>;
  for (const key of keys) record[key] = own.includes(key) ? (value as typeof record)[key] : undefined;
  return record;
}

/**
 * Returns whether the value is an object without a class; an instance's inherited properties would be ignored here, to
 * its author's surprise.
 */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  // Another realm's Object.prototype is accepted too.
  return (
    prototype === null ||
    (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'propertyIsEnumerable'))
  );
}
