/**
 * CBOR (RFC 8949): the tiny subset that the signed bundle is made of, in its deterministic encoding (§4.2.1) only. It
 * has integers of up to 64 bits, byte and text strings, arrays, maps with integer or text keys, false, true, null, and
 * the tags that the caller names. It has no floats, no other simple values, no indefinite lengths and no bignums.
 *
 * Hostile input never reaches cbor-x: a scan bounds depth, lengths and items first. The decoded value is encoded again
 * and must give the same bytes, which also refuses non-minimal forms, unsorted or duplicate keys and bad UTF-8.
 */
import { Decoder } from 'cbor-x/decode-no-eval';
import { compareBytes, equalBytes, fromUtf8, utf8 } from '../common/bytes.js';
import { messageOf } from '../common/errors.js';
import {
  ARRAY,
  BYTES,
  type CborLimits,
  FALSE,
  MAP,
  NEGATIVE,
  notThis,
  NULL,
  scanCbor,
  TAG,
  TEXT,
  TRUE,
  UNSIGNED,
} from './cbor-scan.js';

export type { CborLimits } from './cbor-scan.js';

export type CborKey = number | bigint | string;
export type CborMap = ReadonlyMap<CborKey, CborValue>;
/** A decoded value. Integers are numbers if they are safe (|n| < 2^53), else bigints. */
export type CborValue =
  number | bigint | string | boolean | null | Uint8Array | readonly CborValue[] | CborMap | CborTagged;

export class CborTagged {
  constructor(
    readonly tag: number,
    readonly value: CborValue,
  ) {}
}

const MAX_ARGUMENT = (1n << 64n) - 1n;

/** Returns the deterministic encoding of a value. Throws a RangeError for a value that the subset does not have. */
export function encodeCbor(value: CborValue): Uint8Array {
  const parts: Uint8Array[] = [];
  write(value, parts);
  return join(parts);
}

function write(value: CborValue, parts: Uint8Array[]): void {
  if (value === null) parts.push(Uint8Array.of(NULL));
  else if (typeof value === 'boolean') parts.push(Uint8Array.of(value ? TRUE : FALSE));
  else if (typeof value === 'number' || typeof value === 'bigint') parts.push(integer(value));
  else if (typeof value === 'string') writeText(value, parts);
  else if (value instanceof Uint8Array) parts.push(head(BYTES, value.length), value);
  else if (value instanceof CborTagged) {
    parts.push(head(TAG, value.tag));
    write(value.value, parts);
  } else if (value instanceof Map) writeMap(value as CborMap, parts);
  else {
    const items = value as readonly CborValue[];
    parts.push(head(ARRAY, items.length));
    for (const item of items) write(item, parts);
  }
}

function integer(value: number | bigint): Uint8Array {
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw new RangeError(`${String(value)} is not a safe integer`);
  return value < 0 ? head(NEGATIVE, -1n - BigInt(value)) : head(UNSIGNED, value);
}

function writeText(text: string, parts: Uint8Array[]): void {
  const bytes = utf8(text);
  if (fromUtf8(bytes) !== text) throw new RangeError('text with half a surrogate pair has no UTF-8');
  parts.push(head(TEXT, bytes.length), bytes);
}

function writeMap(map: CborMap, parts: Uint8Array[]): void {
  const entries = [...map].map(([key, value]) => ({ key: encodeCbor(key), value }));
  entries.sort((a, b) => compareBytes(a.key, b.key));
  parts.push(head(MAP, entries.length));
  entries.forEach(({ key, value }, i) => {
    const next = entries[i + 1];
    if (next !== undefined && equalBytes(key, next.key)) throw new RangeError('a map with the same key twice');
    parts.push(key);
    write(value, parts);
  });
}

/** As `concatBytes`, whose arguments could overflow the stack. */
function join(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** Returns the major type and the argument in the shortest form (RFC 8949 §3, §4.2.1). */
function head(major: number, argument: number | bigint): Uint8Array {
  const n = BigInt(argument);
  if (n < 0n || n > MAX_ARGUMENT) throw new RangeError(`${String(argument)} does not fit in 64 bits`);
  if (n < 24n) return Uint8Array.of((major << 5) | Number(n));
  const log2 = n < 0x100n ? 0 : n < 0x1_0000n ? 1 : n < 0x1_0000_0000n ? 2 : 3;
  const bytes = new Uint8Array(1 + (1 << log2));
  bytes[0] = (major << 5) | (24 + log2);
  for (let i = bytes.length - 1, rest = n; i > 0; i--, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  return bytes;
}

/** Decodes one deterministically encoded item with nothing after it. Byte strings are copies. Error: `limits.code`. */
export function decodeCbor(bytes: Uint8Array, limits: CborLimits): CborValue {
  if (bytes.length > limits.maxBytes) {
    throw notThis(limits, `it has ${String(bytes.length)} bytes, at most ${String(limits.maxBytes)} are allowed`);
  }
  scanCbor(bytes, limits);
  let value: CborValue;
  let again: Uint8Array;
  try {
    // A copy, since cbor-x sets a property on what it reads.
    value = plain(decoder().decode(Uint8Array.from(bytes)));
    again = encodeCbor(value);
  } catch (error) {
    throw notThis(limits, messageOf(error), error);
  }
  if (!equalBytes(bytes, again)) {
    throw notThis(
      limits,
      'it is not the deterministic encoding (RFC 8949 §4.2.1): a longer form, unsorted or doubled keys, or bad UTF-8',
    );
  }
  return value;
}

let shared: Decoder | undefined;

function decoder(): Decoder {
  shared ??= new Decoder({ useRecords: false, mapsAsObjects: false });
  return shared;
}

/** Converts what cbor-x returns to the types of this module. The scan has already refused anything else. */
function plain(value: unknown): CborValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return value;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map)
    return new Map([...(value as Map<unknown, unknown>)].map(([key, item]) => [plain(key) as CborKey, plain(item)]));
  if (typeof value === 'object' && 'tag' in value && 'value' in value)
    return new CborTagged(Number(value.tag), plain(value.value));
  throw new TypeError(`cbor-x gave a ${typeof value}`);
}
