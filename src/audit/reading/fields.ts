/** Fields of events that may be anything: a transcript may come from anywhere. */
import { textField, type JsonObject, type JsonValue } from '../../codec/strict-json.js';

export { textField } from '../../codec/strict-json.js';

/** Text of a field for people: empty where there is none, as JSON where it is no text. */
export function shown(record: JsonObject, key: string): string {
  const value = own(record, key);
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function numberField(record: JsonObject, key: string): number | undefined {
  const value = own(record, key);
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}

export function groupField(record: JsonObject, key: string): JsonObject | undefined {
  return asGroup(own(record, key));
}

/** The items that are groups; none where the field is no list. */
export function groupsField(record: JsonObject, key: string): readonly JsonObject[] {
  return listField(record, key).flatMap((item) => {
    const group = asGroup(item);
    return group === undefined ? [] : [group];
  });
}

/** The items that are texts. */
export function textsField(record: JsonObject, key: string): readonly string[] {
  return listField(record, key).filter((item): item is string => typeof item === 'string');
}

export function listField(record: JsonObject, key: string): readonly JsonValue[] {
  const value = own(record, key);
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}

/** A fingerprint or another hash in hex, of the length of SHA-256, -384 or -512. */
export function hashField(record: JsonObject, key: string): string | undefined {
  const value = textField(record, key);
  return value !== undefined && /^(?:[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/.test(value) ? value : undefined;
}

function own(record: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function asGroup(value: JsonValue | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}
