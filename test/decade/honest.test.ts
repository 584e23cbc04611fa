/**
 * Whoever does what `status` says is due, for as long as its roots need one rotation or more, is never refused, and
 * strands no client.
 */
import { expect, test } from '@jest/globals';
import { type HonestLife, HonestOperator } from './honest.js';

/** The larger budget lives ten years. */
const LONG = Number(process.env.DECADE_RUNS ?? 5) > 5;
const DECADE = 3660;
const LIFETIMES = 'client: P90D, bundle: P120D, intermediate: P1Y';
const TWIN = ['--twin', 'file:keys/root-2.age'];

const LIVES: Readonly<Record<string, HonestLife>> = {
  'with the usual settings, a bundle at a time': {
    settings: [],
    series: 1,
    days: LONG ? DECADE : 400,
    rotations: LONG ? 1 : 0,
  },
  'with series, and roots of two years': {
    settings: [`lifetimes: {root: P2Y, ${LIFETIMES}}`],
    series: 4,
    days: LONG ? DECADE : 1500,
    rotations: LONG ? 5 : 1,
  },
  'with a twin in reserve, and roots of three years': {
    settings: [`lifetimes: {root: P3Y, ${LIFETIMES}}`],
    root: TWIN,
    series: 2,
    days: LONG ? DECADE : 1500,
    rotations: LONG ? 2 : 1,
  },
  'with two listed roots of three years, both of which must sign': {
    settings: [`lifetimes: {root: P3Y, ${LIFETIMES}}`],
    root: [...TWIN, '--twin-listed'],
    bundle: ['--threshold', '2'],
    series: 2,
    days: LONG ? DECADE : 1100,
    rotations: LONG ? 6 : 2,
  },
};

test.each(Object.entries(LIVES))(
  '%s',
  async (_name, life) => {
    const operator = new HonestOperator(life);
    await operator.live();
    expect(operator.deeds['next-bundle']).toBeGreaterThan(2);
    expect(operator.deeds['intermediate-successor']).toBeGreaterThan(0);
    expect(operator.deeds['root-successor'] ?? 0).toBeGreaterThanOrEqual(life.rotations ?? 1);
  },
  LONG ? 3_600_000 : 900_000,
);
