/**
 * Ten simulated years. A failure prints the seed and the shortest list of events that fails; again with
 * DECADE_SEED=… DECADE_PATH=… (DECADE_RUNS decades are lived, 5 if nothing is said; 0 as the seed takes another
 * one each time).
 */
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Decade, type Tally } from './decade.js';
import { decade } from './plan.js';

const number = (name: string): number | undefined => {
  const text = process.env[name];
  return text === undefined || text === '' ? undefined : Number(text);
};

const RUNS = number('DECADE_RUNS') ?? 5;
const SEED = number('DECADE_SEED') ?? 20_261_124;
const seed = SEED === 0 ? {} : { seed: SEED };
const PATH = process.env.DECADE_PATH;
/** Shrinking lives decades as well. */
const MINUTES = number('DECADE_MINUTES') ?? 4;

test(
  'whoever follows the rules is refused nothing honest and takes nothing revoked, expired, rolled back or forged',
  async () => {
    const tally: Tally = {};
    let lives = 0;
    await fc.assert(
      fc.asyncProperty(decade, async (events) => {
        lives += 1;
        await new Decade(tally).live(events);
      }),
      {
        numRuns: RUNS,
        ...seed,
        interruptAfterTimeLimit: MINUTES * 60_000,
        ...(PATH === undefined ? {} : { path: PATH }),
      },
    );
    if (process.env.DECADE_TALLY === '1') console.log(tally);
    expect(tally.published).toBeGreaterThan(lives);
  },
  (MINUTES + 2) * 60_000,
);
