/** Whoever does what `status` says is due, for as long as its roots need one rotation or more, is never refused, and strands no client. */
import { expect, test } from '@jest/globals';
import { HonestOperator, type HonestLife } from './honest.js';

/** The larger budget lives ten years. */
const LONG = Number(process.env.DECADE_RUNS ?? 5) > 5;
const LIFETIMES = 'client: P90D, bundle: P120D, intermediate: P1Y';
const TWIN = ['--twin', 'file:keys/root-2.age'];

const LIVES: Readonly<Record<string, HonestLife>> = {
  'with the usual settings, a bundle at a time': {
    settings: [],
    series: 1,
    days: LONG ? 3400 : 400,
    rotations: LONG ? 1 : 0,
  },
  'with series, and roots of two years': {
    settings: [`lifetimes: {root: P2Y, ${LIFETIMES}}`],
    series: 4,
    days: 1300,
  },
  'with a twin in reserve, and roots of three years': {
    settings: [`lifetimes: {root: P3Y, ${LIFETIMES}}`],
    root: TWIN,
    series: 2,
    days: 1500,
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
  900_000,
);
