/** Readers of decoded CBOR that name the field they refuse. Error of all: `bundle-malformed`. */
import { type CborKey, type CborMap, type CborValue, encodeCbor } from '../codec/cbor.js';
import { compareBytes, toHex } from '../common/bytes.js';
import { cut } from '../common/cut.js';
import { messageOf, refused } from '../common/errors.js';

export const MALFORMED = 'bundle-malformed';

export function malformed(message: string, cause?: unknown): Error {
  return refused(MALFORMED, message, { hint: 'The file is not a bundle of this format, or it was changed.', cause });
}

/** Returns a map with exactly these keys, in any order. */
export function mapField(name: string, value: CborValue | undefined, keys: readonly CborKey[]): CborMap {
  if (!(value instanceof Map)) throw malformed(`${name} is not a map`);
  const map = value as CborMap;
  const unknown = [...map.keys()].find((key) => !keys.includes(key));
  if (unknown !== undefined) throw malformed(`${name} has an unknown key ${JSON.stringify(cut(String(unknown)))}`);
  const missing = keys.find((key) => !map.has(key));
  if (missing !== undefined) throw malformed(`${name} has no ${JSON.stringify(missing)}`);
  return map;
}

export function arrayField(name: string, value: CborValue | undefined): readonly CborValue[] {
  if (!Array.isArray(value)) throw malformed(`${name} is not an array`);
  return value as readonly CborValue[];
}

export function bytesField(name: string, value: CborValue | undefined): Uint8Array {
  if (!(value instanceof Uint8Array)) throw malformed(`${name} is not a byte string`);
  return value;
}

export function textField(name: string, value: CborValue | undefined): string {
  if (typeof value !== 'string') throw malformed(`${name} is not text`);
  return value;
}

/** Returns an integer from `least` to `most`, both inclusive. */
export function integerField(name: string, value: CborValue | undefined, least: number, most: number): number {
  if (typeof value !== 'number' && typeof value !== 'bigint') throw malformed(`${name} is not an integer`);
  if (value < least || value > most) {
    const range = least === most ? `only ${String(least)}` : `${String(least)} to ${String(most)}`;
    throw malformed(`${name} is ${String(value)}; ${range} is allowed`);
  }
  return Number(value);
}

/** Refuses an array of byte strings that does not rise strictly. */
export function checkRising(name: string, values: readonly Uint8Array[]): void {
  values.forEach((value, i) => {
    const next = values[i + 1];
    if (next === undefined || compareBytes(value, next) < 0) return;
    throw malformed(`${name} is not sorted without duplicates: ${cut(toHex(next))} follows ${cut(toHex(value))}`);
  });
}

/** Encodes a value that was built here. Refuses what CBOR cannot hold (a fraction, half a surrogate pair). */
export function encodeField(name: string, value: CborValue): Uint8Array {
  try {
    return encodeCbor(value);
  } catch (error) {
    throw malformed(`${name} can't be encoded: ${messageOf(error)}`, error);
  }
}
