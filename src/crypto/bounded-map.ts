/** As many keys as a bundle can have (32 roots and 1,024 intermediates), and some to spare. */
export const KEYS_KEPT = 1100;

/** A cache that drops its oldest entry when it is full. */
export class BoundedMap<Value> {
  readonly #entries = new Map<string, Value>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Returns the value of `key`, or undefined if it is not cached. */
  known(key: string): Value | undefined {
    return this.#entries.get(key);
  }

  /** Returns the value of `key`, making and caching it if necessary. */
  get(key: string, make: () => Value): Value {
    const known = this.#entries.get(key);
    if (known !== undefined || this.#entries.has(key)) return known as Value;
    const value = make();
    if (this.#entries.size >= this.#limit) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    }
    this.#entries.set(key, value);
    return value;
  }
}
