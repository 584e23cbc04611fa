/** JSON as this tool stores it: strict UTF-8, one object of bounded depth and size, no duplicate keys. */
import { fromUtf8 } from '../common/bytes.js';
import { scanJson } from './json-scan.js';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };
export type JsonObject = Readonly<Record<string, JsonValue>>;

/** Parses one JSON object. Returns the object, or in plain words why the text is not one. */
export function parseJsonObject(input: Uint8Array | string): JsonObject | string {
  const text = typeof input === 'string' ? input : fromUtf8(input);
  if (text === undefined) return 'it is not UTF-8';
  const { excess, twice } = scanJson(text);
  if (excess !== undefined) return excess;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it is not a JSON object';
  return twice === undefined ? (value as JsonObject) : `it has the key ${JSON.stringify(twice)} twice`;
}

/** Returns a text field of an object, or undefined if it is missing or of another type. */
export function textField(object: JsonObject, key: string): string | undefined {
  const value = Object.hasOwn(object, key) ? object[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** Returns whether an object has exactly these keys. */
export function hasExactly(object: JsonObject, keys: readonly string[]): boolean {
  return Object.keys(object).length === keys.length && keys.every((key) => Object.hasOwn(object, key));
}
