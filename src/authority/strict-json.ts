/** JSON as this tool keeps it on disk: strict UTF-8, one object, no key twice (RFC 8259 §4 leaves that open). */
import { fromUtf8 } from '../common/bytes.js';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };
export type JsonObject = Readonly<Record<string, JsonValue>>;

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/g;

/** The object that the text is, or a reason in plain words why it is none. */
export function parseJsonObject(input: Uint8Array | string): JsonObject | string {
  const text = typeof input === 'string' ? input : fromUtf8(input);
  if (text === undefined) return 'it is not UTF-8';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'it is not JSON';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it is not a JSON object';
  const twice = duplicateKey(text);
  return twice === undefined ? (value as JsonObject) : `it has the key ${JSON.stringify(twice)} twice`;
}

/** The first key that an object of this valid JSON text has twice; escapes are resolved before comparing. */
function duplicateKey(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  let last: string | undefined;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token.startsWith('"')) last = token;
    else if (token === ':' && last !== undefined) {
      const key = String(JSON.parse(last));
      if (open.at(-1)?.has(key) === true) return key;
      open.at(-1)?.add(key);
    }
  }
  return undefined;
}

/** A record's field of one JSON type, or undefined. */
export function textField(record: JsonObject, key: string): string | undefined {
  const value = Object.hasOwn(record, key) ? record[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** Whether an object has exactly these keys. */
export function hasExactly(record: JsonObject, keys: readonly string[]): boolean {
  return Object.keys(record).length === keys.length && keys.every((key) => Object.hasOwn(record, key));
}
