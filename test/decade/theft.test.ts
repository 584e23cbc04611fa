/**
 * What the simulated decade meets by chance, here for certain: thefts in which the thief publishes first, in a young
 * authority and in an old one.
 */
import { expect, test } from '@jest/globals';
import { Decade, type Tally } from './decade.js';
import type { Event } from './plan.js';

const theft = (days: number, which: number): Event => ({ days, what: { kind: 'theft', which } });
const rotation = { kind: 'rotate root', lifetime: 3650, later: 0, reserve: false } as const;
const ceremony = {
  kind: 'export',
  intermediate: 365,
  series: 2,
  threshold: 0,
  commitment: 'as it is',
  fate: 'published',
  withdrawRest: false,
  repin: false,
} as const;

test('whoever publishes first: clients of every age end with the owner, and none with the thief', async () => {
  const tally: Tally = {};
  await new Decade(tally).live([
    theft(10, 0),
    { days: 30, what: ceremony },
    { days: 60, what: rotation },
    { days: 1, what: ceremony },
    theft(40, 1),
    { days: 20, what: ceremony },
  ]);
  expect(tally).toMatchObject({ 'theft answered': 2 });
  expect(tally['theft: no answer']).toBeUndefined();
});
