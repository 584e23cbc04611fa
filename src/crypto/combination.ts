/**
 * Computes a·B + b·A, with the base point B of a curve and a key A, which is the core of verifying any signature. For
 * public values only.
 */
import { type CurvePoint, type CurvePointCons, interleavedMSMUnsafe } from '@noble/curves/abstract/curve.js';

/** One window width for all tables: the cheapest in a process that checks a chain once. */
const WINDOW = 4;
/**
 * Both scalars are split into this many parts, whose products are computed together. More parts mean fewer doublings,
 * once the tables are made.
 */
const PARTS = 2;
const PARTS_OF_MANY = 8;
/** From this use on, a key is assumed to have signed many things. */
const MANY = 4;

export type Combination<P> = (a: bigint, b: bigint) => P;

export class Combiner<P extends CurvePoint<bigint, P>> {
  readonly #Point: CurvePointCons<P>;
  readonly #bits: number;
  readonly #bases = new Map<number, readonly P[]>();

  constructor(Point: CurvePointCons<P>) {
    this.#Point = Point;
    this.#bits = Point.Fn.ORDER.toString(2).length;
  }

  /**
   * Prepares a key, for scalars below the order. Its tables are made on first use, and larger ones if the key is used
   * often.
   */
  of(A: P): Combination<P> {
    let uses = 0;
    let combine: Combination<P> | undefined;
    return (a, b) => {
      uses++;
      if (uses === MANY) combine = this.#inParts(A, PARTS_OF_MANY);
      combine ??= this.#inParts(A, PARTS);
      return combine(a, b);
    };
  }

  #inParts(A: P, parts: number): Combination<P> {
    const width = Math.ceil(this.#bits / parts);
    let bases = this.#bases.get(parts);
    if (bases === undefined) {
      bases = multiples(this.#Point.BASE, width, parts);
      this.#bases.set(parts, bases);
    }
    const sum = interleavedMSMUnsafe(this.#Point, [...bases, ...multiples(A, width, parts)], WINDOW);
    return (a, b) => sum([...partsOf(a, width, parts), ...partsOf(b, width, parts)]);
  }
}

/** Returns P, 2^width·P, 2^(2·width)·P, … */
function multiples<P extends CurvePoint<bigint, P>>(point: P, width: number, parts: number): readonly P[] {
  const all = [point];
  for (let last = point; all.length < parts; all.push(last)) {
    for (let i = 0; i < width; i++) last = last.double();
  }
  return all;
}

function partsOf(scalar: bigint, width: number, parts: number): bigint[] {
  const low = (1n << BigInt(width)) - 1n;
  return Array.from({ length: parts }, (_, i) => (scalar >> BigInt(i * width)) & low);
}
