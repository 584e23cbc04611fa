/**
 * A decade as data: what happens, and how many days after what was before. Numbers choose among what is there, so that
 * any list makes sense.
 */
import * as fc from 'fast-check';
import { REVOCATION_REASONS } from '../../src/bundle/revocation.js';
import { FORGERIES } from './adversary.js';
import { CHAIN_FORGERIES } from './forged-chains.js';

const choice = fc.nat({ max: 9 });
const of = <T extends string>(...kinds: T[]): fc.Arbitrary<T> => fc.constantFrom(...kinds);

const ceremony = fc.record({
  kind: of('export'),
  /** Successors that are made first, where there are any to make. */
  intermediate: fc.constantFrom(0, 0, 365, 365, 500, 150),
  series: fc.constantFrom(1, 1, 1, 2, 4),
  /** Left as it is, or set. */
  threshold: fc.constantFrom(0, 0, 0, 0, 1, 2),
  commitment: fc.constantFrom('as it is', 'as it is', 'as it is', 'reserve', 'newest', 'none'),
  /** What becomes of the first, and of an earlier series. */
  fate: fc.constantFrom('published', 'published', 'published', 'unmarked', 'withdrawn'),
  withdrawRest: fc.boolean(),
  /** Where clients would refuse it: again, and they pin again. */
  repin: fc.boolean(),
});

const happening = fc.oneof(
  { arbitrary: ceremony, weight: 10 },
  {
    arbitrary: fc.record({
      kind: of('rotate root'),
      lifetime: fc.constantFrom(3650, 3650, 2000, 900),
      later: fc.constantFrom(0, 0, 0, 100),
      reserve: fc.boolean(),
    }),
    weight: 3,
  },
  { arbitrary: fc.record({ kind: of('list', 'retire'), which: choice }), weight: 2 },
  { arbitrary: fc.record({ kind: of('lose root', 'steal root'), which: choice }), weight: 2 },
  { arbitrary: fc.record({ kind: of('steal intermediate', 'steal client'), which: choice }), weight: 3 },
  {
    arbitrary: fc.record({
      kind: of('revoke root', 'revoke intermediate', 'revoke unknown', 'revoke forged'),
      which: choice,
      reason: fc.constantFrom(...REVOCATION_REASONS),
    }),
    weight: 2,
  },
  {
    arbitrary: fc.record({
      kind: of('new client'),
      which: choice,
      habit: of('diligent', 'lazy', 'sleeper', 'eclipsed'),
    }),
    weight: 2,
  },
  {
    arbitrary: fc.record({ kind: of('attack'), which: choice, forgery: fc.constantFrom(...FORGERIES), base: choice }),
    weight: 6,
  },
  { arbitrary: fc.record({ kind: of('theft'), which: choice }), weight: 1 },
  {
    arbitrary: fc.record({ kind: of('forge chains'), which: choice, forgery: fc.constantFrom(...CHAIN_FORGERIES) }),
    weight: 6,
  },
);

/** Mostly weeks and months; now and then a ceremony is forgotten for a year. */
const days = fc.oneof(
  { arbitrary: fc.integer({ min: 0, max: 3 }), weight: 4 },
  { arbitrary: fc.integer({ min: 20, max: 100 }), weight: 6 },
  { arbitrary: fc.integer({ min: 100, max: 400 }), weight: 1 },
);

export type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;
export interface Event {
  readonly days: number;
  readonly what: Happening;
}

/**
 * As many events as ten years hold, or fewer: what is left over is not lived, and a failing list is cut as far as it
 * goes.
 */
export const decade: fc.Arbitrary<readonly Event[]> = fc.noBias(
  fc.array(fc.record({ days, what: happening }), { minLength: 1, maxLength: 120, size: 'max' }),
);
