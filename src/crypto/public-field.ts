/**
 * The curves' fields for public values. They are noble's, except that sums are reduced by one subtraction, and products
 * without a division if the prime has a suitable form, which halves the cost of verifying. Not in constant time: no
 * secret may go through them.
 */
import { Field, type IField } from '@noble/curves/abstract/modular.js';

type Reduction = (x: bigint) => bigint;

const P448 = 2n ** 448n - 2n ** 224n - 1n;
const P521 = 2n ** 521n - 1n;
const LOW_448 = 2n ** 448n - 1n;

/** Reductions for x ≥ 0. Modulo p, 2^448 is 2^224 + 1, and 2^521 is 1 (FIPS 186-5 calls such primes fast). */
const REDUCTIONS: ReadonlyMap<bigint, Reduction> = new Map([
  [
    P448,
    (x) => {
      let rest = x;
      for (let high = rest >> 448n; high > 0n; high = rest >> 448n) rest = (rest & LOW_448) + high + (high << 224n);
      return rest >= P448 ? rest - P448 : rest;
    },
  ],
  [
    P521,
    (x) => {
      let rest = x;
      while (rest > P521) rest = (rest & P521) + (rest >> 521n);
      return rest === P521 ? 0n : rest;
    },
  ],
]);

/**
 * Makes a field for integers of any size and sign, like noble's own, which leaves some sums and differences unreduced
 * until the next product.
 */
export function publicField(
  p: bigint,
  options: { readonly BITS?: number; readonly isLE?: boolean } = {},
): IField<bigint> {
  const field = Field(p, options);
  const reduce = REDUCTIONS.get(p) ?? ((x) => x % p);
  const create = (x: bigint): bigint => {
    if (x >= 0n) return reduce(x);
    const opposite = reduce(-x);
    return opposite === 0n ? opposite : p - opposite;
  };
  /** As `create`, for values that are usually close to the range. */
  const near = (x: bigint): bigint => {
    const once = x < 0n ? x + p : x < p ? x : x - p;
    return once >= 0n && once < p ? once : create(x);
  };
  const faster: Partial<IField<bigint>> = {
    create,
    neg: (x) => near(-x),
    add: (a, b) => near(a + b),
    sub: (a, b) => near(a - b),
    mul: (a, b) => create(a * b),
    sqr: (a) => reduce(a * a),
  };
  // Noble's fields are frozen, and so is their prototype.
  const own = Object.fromEntries(Object.entries(faster).map(([name, value]) => [name, { value, enumerable: true }]));
  return Object.create(field, own) as IField<bigint>;
}
