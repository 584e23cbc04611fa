/** What is given away can't be changed by whoever gets it. */

/**
 * Freezes plain objects and arrays that were just made here, and all such in them; what is frozen is sealed already.
 * Bytes can't be frozen: each look at them gives a copy, and what is done to that changes nothing here.
 */
export function sealed<T extends object>(value: T): T {
  if (Object.isFrozen(value)) return value;
  for (const [key, item] of Object.entries(value) as [string, unknown][]) {
    if (item instanceof Uint8Array) {
      Object.defineProperty(value, key, { get: () => new Uint8Array(item), enumerable: true, configurable: false });
    } else if (isOpen(item)) sealed(item);
  }
  return Object.freeze(value);
}

function isOpen(item: unknown): item is object {
  if (typeof item !== 'object' || item === null) return false;
  return Array.isArray(item) || Object.getPrototypeOf(item) === Object.prototype;
}
