/** Makes objects that their receiver cannot change. */

/**
 * Freezes plain objects and arrays that were just made here, and everything in them; whatever is frozen is taken to be
 * sealed already. Bytes cannot be frozen, so each access returns a copy, and changing that has no effect here.
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
