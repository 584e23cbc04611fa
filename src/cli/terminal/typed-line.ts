/** A line editor without a picture: for secrets, and for terminals that know no escape sequences. */
import { wipe } from '../../common/bytes.js';

/** Bytes, as in a secret's file. */
export const MAX_LINE = 4096;
const [CTRL_C, CTRL_D, BACKSPACE, NEWLINE, RETURN, CTRL_U, CTRL_W, ESCAPE, DELETE] = [
  0x03, 0x04, 0x08, 0x0a, 0x0d, 0x15, 0x17, 0x1b, 0x7f,
];

/** Enter; or Ctrl-C, or Ctrl-D on an empty line. */
export type LineEnd = 'line' | 'interrupted';

/** How a key sequence of a function or arrow key goes on. */
type Sequence = 'none' | 'escape' | 'parameters';

/** A line that is typed, as bytes that can be wiped, edited as a terminal edits one. */
export class TypedLine {
  readonly #bytes = new Uint8Array(MAX_LINE);
  #length = 0;
  #sequence: Sequence = 'none';
  #isTooLong = false;

  /** Takes keys up to the end of the line. Returns how it ended; undefined if it goes on. */
  take(keys: Uint8Array): LineEnd | undefined {
    // A lone Escape belongs to no later key.
    if (this.#sequence === 'escape') this.#sequence = 'none';
    for (const key of keys) {
      const end = this.#key(key);
      if (end !== undefined) return end;
    }
    return undefined;
  }

  /** Returns what was typed, which the caller wipes; undefined if that is more than a line may have. */
  bytes(): Uint8Array | undefined {
    return this.#isTooLong ? undefined : this.#bytes.slice(0, this.#length);
  }

  /** Returns what `look` makes of the bytes as they are; it keeps none of them. */
  look<T>(look: (bytes: Uint8Array) => T): T {
    return look(this.#bytes.subarray(0, this.#length));
  }

  wipe(): void {
    wipe(this.#bytes);
  }

  #key(key: number): LineEnd | undefined {
    if (this.#sequence !== 'none') {
      this.#sequence = nextOf(this.#sequence, key);
      return undefined;
    }
    if (key === RETURN || key === NEWLINE) return 'line';
    if (key === CTRL_C || (key === CTRL_D && this.#length === 0)) return 'interrupted';
    if (key === ESCAPE) this.#sequence = 'escape';
    else if (key === BACKSPACE || key === DELETE) this.#dropCharacter();
    else if (key === CTRL_U) this.#cut(0);
    else if (key === CTRL_W) this.#dropWord();
    else if (key >= 0x20) this.#add(key);
    return undefined;
  }

  #add(byte: number): void {
    if (this.#length === MAX_LINE) this.#isTooLong = true;
    else this.#bytes[this.#length++] = byte;
  }

  #dropCharacter(): void {
    let end = Math.max(this.#length - 1, 0);
    // UTF-8: the bytes of a character after its first.
    while (end > 0 && ((this.#bytes[end] ?? 0) & 0xc0) === 0x80) end--;
    this.#cut(end);
  }

  #dropWord(): void {
    let end = this.#length;
    while (end > 0 && this.#bytes[end - 1] === 0x20) end--;
    while (end > 0 && this.#bytes[end - 1] !== 0x20) end--;
    this.#cut(end);
  }

  #cut(length: number): void {
    this.#bytes.fill(0, length);
    this.#length = length;
    this.#isTooLong = false;
  }
}

/** ECMA-48: ESC, then a final byte; or `[` or `O`, parameters, and a final byte. */
function nextOf(sequence: Sequence, key: number): Sequence {
  if (sequence === 'escape') return key === 0x5b || key === 0x4f ? 'parameters' : 'none';
  return key >= 0x40 && key <= 0x7e ? 'none' : 'parameters';
}
