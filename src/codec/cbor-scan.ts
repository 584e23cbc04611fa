/**
 * Checks CBOR before it is decoded: bounds on size, depth, items and lengths, and only the kinds of items in the subset
 * of cbor.ts. Nothing is allocated for what the input claims to hold.
 */
import { fromUtf8 } from '../common/bytes.js';
import type { RefusedCode } from '../common/codes.js';
import { cut } from '../common/cut.js';
import { refused } from '../common/errors.js';

/** Major types (RFC 8949 §3.1), and the complete heads of the simple values. */
export const UNSIGNED = 0;
export const NEGATIVE = 1;
export const BYTES = 2;
export const TEXT = 3;
export const ARRAY = 4;
export const MAP = 5;
export const TAG = 6;
export const FALSE = 0xf4;
export const TRUE = 0xf5;
export const NULL = 0xf6;

export interface CborLimits {
  /** The code that every refusal carries. */
  readonly code: RefusedCode;
  /** What is being decoded, for messages, such as `the payload`. */
  readonly what: string;
  readonly maxBytes: number;
  /** How deep items may be nested. An array of integers has depth 2, and a tag counts as one. */
  readonly maxDepth: number;
  /** How many items there may be in all, keys included. */
  readonly maxItems: number;
  /**
   * How many entries an array may have: every array, or those under these keys of the outermost map. Checked before any
   * entry is read.
   */
  readonly maxEntries?: number | ReadonlyMap<string, number>;
  /** The tags that may occur. cbor-x gives many others a special meaning. */
  readonly tags: readonly number[];
}

/** Refuses anything but a single well-formed item of the subset within the limits. Error: `limits.code`. */
export function scanCbor(bytes: Uint8Array, limits: CborLimits): void {
  new Scan(bytes, limits).whole();
}

export function notThis({ code, what }: CborLimits, reason: string, cause?: unknown): Error {
  return refused(code, `${what} is malformed CBOR: ${cut(reason)}`, {
    hint: 'The file is damaged, or of another kind.',
    cause,
  });
}

/** Bounds an item before anything is allocated for it. Recursion goes as deep as `maxDepth`. */
class Scan {
  #offset = 0;
  #items = 0;

  constructor(
    readonly bytes: Uint8Array,
    readonly limits: CborLimits,
  ) {}

  whole(): void {
    this.#item(1);
    if (this.#offset !== this.bytes.length)
      throw notThis(this.limits, `bytes are left over after offset ${String(this.#offset)}`);
  }

  /** Returns the content of a string. `under` is the array's key in the outermost map. */
  #item(depth: number, asKey = false, under?: string): Uint8Array | undefined {
    const { limits } = this;
    const at = this.#offset;
    if (depth > limits.maxDepth)
      throw notThis(limits, `it is nested deeper than ${String(limits.maxDepth)} at offset ${String(at)}`);
    if (++this.#items > limits.maxItems) throw notThis(limits, `it has more than ${String(limits.maxItems)} items`);
    const initial = this.#take(1)[0] ?? 0;
    const major = initial >> 5;
    if (major === 7) {
      if (initial < FALSE || initial > NULL) throw notThis(limits, `a simple value or float at offset ${String(at)}`);
      if (asKey) throw notThis(limits, `a key that is neither integer nor text at offset ${String(at)}`);
      return undefined;
    }
    if (asKey && major !== UNSIGNED && major !== NEGATIVE && major !== TEXT) {
      throw notThis(limits, `a key that is neither integer nor text at offset ${String(at)}`);
    }
    const argument = this.#argument(initial & 0x1f, at);
    if (major === BYTES || major === TEXT) return this.#take(argument);
    if (major === ARRAY) {
      this.#bound(argument, at, under);
      for (let i = 0; i < argument; i++) this.#item(depth + 1);
    } else if (major === MAP) {
      for (let i = 0; i < argument; i++) {
        const key = this.#item(depth + 1, true);
        this.#item(depth + 1, false, depth === 1 && key !== undefined ? fromUtf8(key) : undefined);
      }
    } else if (major === TAG) {
      if (!limits.tags.includes(argument)) throw notThis(limits, `tag ${String(argument)} at offset ${String(at)}`);
      this.#item(depth + 1);
    }
    return undefined;
  }

  /** Refuses an array with too many entries. */
  #bound(entries: number, at: number, under: string | undefined): void {
    const { maxEntries } = this.limits;
    const most = typeof maxEntries === 'number' ? maxEntries : maxEntries?.get(under ?? '');
    if (most === undefined || entries <= most) return;
    const name = under ?? `an array at offset ${String(at)}`;
    throw notThis(this.limits, `${name} has ${String(entries)} entries, at most ${String(most)} are allowed`);
  }

  /**
   * Returns the argument of a head. It is inexact from 2^53 on, which is too long for any length and does not matter
   * for an integer.
   */
  #argument(info: number, at: number): number {
    if (info < 24) return info;
    if (info > 27) throw notThis(this.limits, `an indefinite length or a reserved form at offset ${String(at)}`);
    return this.#take(1 << (info - 24)).reduce((value, byte) => value * 256 + byte, 0);
  }

  #take(length: number): Uint8Array {
    const left = this.bytes.length - this.#offset;
    if (length > left) {
      throw notThis(
        this.limits,
        `${String(length)} byte(s) expected at offset ${String(this.#offset)}, ${String(left)} left`,
      );
    }
    this.#offset += length;
    return this.bytes.subarray(this.#offset - length, this.#offset);
  }
}
