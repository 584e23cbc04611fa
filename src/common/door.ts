/**
 * The library's door. Who calls it may have no types, and may change what was given while it is looked at: each input
 * is read once, checked, and copied into something of our own before anything else is done with it. Nothing inherited
 * counts, so that a polluted prototype says nothing. Error of all: `usage`.
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

/** These look at what an object is, and not at what it says it is; across realms too. */
const typedArrayName = getterOf(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag);
const sizeOfSet = getterOf(Set.prototype, 'size');

/** Looks at what a caller made: a proxy that was revoked, or a trap or getter that throws, is no input of any sort. */
export function looking<T>(name: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (error instanceof CeremonyError) throw error;
    throw wrongInput(name, 'threw something when it was looked at', error);
  }
}

/** A copy in memory of its own: of a view on shared memory as well, which others go on changing. */
export function bytesIn(name: string, value: unknown): Uint8Array {
  if (typedArrayName?.call(value) !== 'Uint8Array') throw wrongInput(name, 'is not a Uint8Array');
  try {
    return new Uint8Array(value as Uint8Array);
  } catch {
    throw wrongInput(name, 'has no memory behind it any more: its buffer was transferred, or made smaller');
  }
}

/** Text that has a UTF-8 encoding: half a surrogate pair would be encoded as U+FFFD is. */
export function textIn(name: string, value: unknown): string {
  if (typeof value !== 'string') throw wrongInput(name, 'is not a string');
  if (/\p{Surrogate}/u.test(value)) throw wrongInput(name, 'has half a surrogate pair, which is not text');
  return value;
}

/** Whole Unix seconds up to the year 9999, which milliseconds are beyond. */
export function secondsIn(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= LAST_SECOND) return value;
  throw usage(`${name} is not a time in whole Unix seconds`, {
    hint: 'Give whole seconds since 1970, as a number: no milliseconds, no Date.',
  });
}

/** Every item by itself; a hole is no item, and what else can be iterated is no array. */
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
 * What a plain object holds under these keys, and under no others, so that a misspelt one is no silence. Missing
 * optional ones are undefined.
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

/** Whether it is an object of no class: what it inherits would count for its author, and not here. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  // Another realm's Object.prototype is as good.
  return (
    prototype === null ||
    (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'propertyIsEnumerable'))
  );
}
