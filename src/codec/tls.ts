/**
 * TLS presentation language (RFC 8446 §3) with the variable-size vectors of RFC 9420 §2.1.2: the tiny subset that
 * credentials need. It covers structure only; each struct checks what its fields may hold.
 */
import { concatBytes } from '../common/bytes.js';
import { bytesIn } from '../common/door.js';
import { refused } from '../common/errors.js';

/** 2^30 − 1, the longest vector that a four-byte length can state. */
const MAX_VECTOR = 0x3fffffff;

/**
 * Reads a whole message from front to back. Errors: `truncated`, `bad-length`, `non-minimal-length`, `trailing-bytes`.
 */
export class Reader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    // Node's Buffer overrides slice with a view, so a copy as plain bytes keeps decoded values independent of the
    // caller's.
    this.#bytes = bytesIn('the encoding', bytes);
  }

  get offset(): number {
    return this.#offset;
  }

  /** Returns the next `length` bytes, as a copy. */
  fixed(length: number): Uint8Array {
    const left = this.#bytes.length - this.#offset;
    if (length > left) {
      throw refused(
        'truncated',
        `${String(length)} bytes expected at offset ${String(this.#offset)}, ${String(left)} left`,
        {
          hint: 'The file is incomplete, or of another kind than the one named.',
        },
      );
    }
    this.#offset += length;
    return this.#bytes.slice(this.#offset - length, this.#offset);
  }

  #unsigned(length: number): bigint {
    return this.fixed(length).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  }

  u8(): number {
    return Number(this.#unsigned(1));
  }

  u16(): number {
    return Number(this.#unsigned(2));
  }

  u64(): bigint {
    return this.#unsigned(8);
  }

  /** Reads `opaque x<V>`. */
  vector(): Uint8Array {
    const at = this.#offset;
    const first = this.u8();
    const prefix = first >> 6;
    if (prefix === 3) throw refused('bad-length', `reserved length prefix 11 at offset ${String(at)}`);
    let length = first & 0x3f;
    for (const byte of this.fixed((1 << prefix) - 1)) length = length * 256 + byte;
    if ((prefix === 1 && length < 0x40) || (prefix === 2 && length < 0x4000)) {
      throw refused('non-minimal-length', `the length ${String(length)} at offset ${String(at)} has a shorter form`);
    }
    return this.fixed(length);
  }

  /** Returns the bytes from `start` up to here, as a copy: what was signed, as received. */
  since(start: number): Uint8Array {
    return this.#bytes.slice(start, this.#offset);
  }

  get atEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  /** Refuses leftover bytes. */
  end(): void {
    if (this.atEnd) return;
    const left = this.#bytes.length - this.#offset;
    throw refused('trailing-bytes', `${String(left)} bytes left over after offset ${String(this.#offset)}`, {
      hint: 'The file holds more than one thing, or a thing of another kind than the one named.',
    });
  }
}

function unsigned(value: number | bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = BigInt(value);
  for (let i = length - 1; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  if (rest !== 0n) throw new RangeError(`${String(value)} does not fit in ${String(length)} bytes`);
  return bytes;
}

export const u8 = (value: number): Uint8Array => unsigned(value, 1);
export const u16 = (value: number): Uint8Array => unsigned(value, 2);
export const u64 = (value: number | bigint): Uint8Array => unsigned(value, 8);

/** Returns `opaque x<V>` with the shortest length (RFC 9420 §2.1.2). */
export function encodeVector(bytes: Uint8Array): Uint8Array {
  const n = bytes.length;
  if (n > MAX_VECTOR) throw new RangeError(`${String(n)} bytes are too many for a vector`);
  const length = n < 0x40 ? unsigned(n, 1) : n < 0x4000 ? unsigned(n | 0x4000, 2) : unsigned(n + 0x80000000, 4);
  return concatBytes(length, bytes);
}
