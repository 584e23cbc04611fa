/** Which bundle clients are to have when, and how long that lasts; by numbers alone. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseDuration } from '../../../src/common/time.js';
import { scheduleOf, type SignedBundle } from '../../../src/operations/lifecycle/bundle-schedule.js';

const DAY = 86_400;
const EVERY = parseDuration('P90D');
type Mark = SignedBundle['mark'];

/** Days from 0; valid up to the second before `until`. */
function signed(...rows: readonly (readonly [from: number, until: number, mark?: Mark])[]): SignedBundle[] {
  return rows.map(([from, until, mark], i) => ({
    file: `bundles/${String(i + 1)}`,
    sequence: i + 1,
    issuedAt: from * DAY,
    expiresAt: until * DAY - 1,
    revocations: 0,
    mark,
    markedAt: undefined,
  }));
}

const SERIES = signed([0, 120, 'published'], [90, 210], [180, 300], [270, 390]);
const at = (bundles: readonly SignedBundle[], seconds: number) => scheduleOf(bundles, EVERY, seconds);
const stages = (bundles: readonly SignedBundle[], seconds: number) =>
  at(bundles, seconds).bundles.map(({ phase }) => phase);

describe('stages', () => {
  test('of a series, as time goes by', () => {
    expect(stages(SERIES, 90 * DAY - 1)).toEqual(['current', 'ahead', 'ahead', 'ahead']);
    expect(stages(SERIES, 90 * DAY)).toEqual(['past', 'current', 'ahead', 'ahead']);
    expect(stages(SERIES, 390 * DAY - 1)).toEqual(['past', 'past', 'past', 'current']);
    expect(stages(SERIES, 390 * DAY)).toEqual(['past', 'past', 'past', 'past']);
  });

  test('an emergency bundle takes the place of those that begin with it or later', () => {
    const bundles = [
      ...SERIES,
      { ...signed([0, 110])[0], sequence: 5, issuedAt: 90 * DAY, expiresAt: 200 * DAY },
    ] as SignedBundle[];
    expect(stages(bundles, 91 * DAY)).toEqual(['past', 'superseded', 'superseded', 'superseded', 'current']);
    expect(at(bundles, 91 * DAY)).toMatchObject({ servedUntil: 200 * DAY, publishedUntil: 120 * DAY - 1, gaps: [] });
    const withdrawn = bundles.map((one, i) => (i === 4 ? { ...one, mark: 'withdrawn' as const } : one));
    expect(stages(withdrawn, 91 * DAY)).toEqual(['past', 'current', 'ahead', 'ahead', 'withdrawn']);
  });
});

describe('how long clients are served', () => {
  test('nothing signed, nothing served', () => {
    expect(at([], 5)).toMatchObject({
      servedUntil: undefined,
      publishedUntil: undefined,
      gaps: [],
      missedCeremonies: 0,
      nextCeremony: undefined,
    });
    expect(at(signed([0, 9, 'withdrawn']), 5)).toMatchObject({ servedUntil: undefined, missedCeremonies: 0 });
  });

  test('by what is published, and by what is signed ahead', () => {
    expect(at(SERIES, 10 * DAY)).toMatchObject({
      publishedUntil: 120 * DAY - 1,
      servedUntil: 390 * DAY - 1,
      gaps: [],
      nextCeremony: 360 * DAY,
    });
    // Over: since when is still known.
    expect(at(SERIES, 500 * DAY)).toMatchObject({
      servedUntil: 390 * DAY - 1,
      publishedUntil: 120 * DAY - 1,
      missedCeremonies: 0,
    });
  });

  test.each([
    [99, []],
    [100, []],
    [101, [{ from: 100 * DAY, until: 101 * DAY - 1 }]],
  ])('the next begins on day %d, the last ends before day 100', (from, gaps) => {
    const schedule = at(signed([0, 100], [from, 300], [290, 400]), DAY);
    expect(schedule.gaps).toEqual(gaps);
    expect(schedule.servedUntil).toBe(gaps.length === 0 ? 400 * DAY - 1 : 100 * DAY - 1);
  });

  test.each([0, 1, 2])('the next begins %d s after the last second of the one before', (seconds) => {
    const [first, second] = signed([0, 100], [99, 300]);
    if (first === undefined || second === undefined) throw new TypeError('two were made');
    const begin = first.expiresAt + seconds;
    const { gaps } = at([first, { ...second, issuedAt: begin }], DAY);
    expect(gaps).toEqual(seconds < 2 ? [] : [{ from: begin - 1, until: begin - 1 }]);
  });

  test('one that was withdrawn leaves a gap, and the gap begins no earlier than now', () => {
    const bundles = signed([0, 120, 'published'], [90, 210, 'withdrawn'], [180, 300]);
    expect(at(bundles, DAY)).toMatchObject({
      servedUntil: 120 * DAY - 1,
      gaps: [{ from: 120 * DAY, until: 180 * DAY - 1 }],
    });
    expect(at(bundles, 130 * DAY).gaps).toEqual([{ from: 130 * DAY, until: 180 * DAY - 1 }]);
  });
});

describe('missed ceremonies', () => {
  test.each([
    [120, 0],
    // The ceremony of day 90 is missed; that of day 180 must come while the bundle is valid.
    [180, 0],
    [181, 1],
    [270, 1],
    [271, 2],
    [400, 3],
  ])('one bundle of %d days survives %d', (days, count) => {
    expect(at(signed([0, days]), DAY).missedCeremonies).toBe(count);
  });

  test('those that should have been are not counted', () => {
    const missed = (day: number) => at(SERIES, day * DAY).missedCeremonies;
    expect([0, 89, 90, 179, 180, 270, 359, 389].map(missed)).toEqual([3, 3, 2, 2, 1, 0, 0, 0]);
    const long = signed([0, 400]);
    expect([0, 89, 90, 179, 180, 270].map((day) => at(long, day * DAY).missedCeremonies)).toEqual([3, 3, 2, 2, 1, 0]);
  });

  test('a tiny rhythm ends somewhere', () => {
    expect(scheduleOf(signed([0, 400]), parseDuration('PT1S'), 5).missedCeremonies).toBe(999);
    expect(scheduleOf(signed([0, 400]), parseDuration('PT0S'), 5).missedCeremonies).toBe(0);
  });
});

test('at every second that is said to be served, a bundle is valid that its holders do not refuse', () => {
  const rows = fc.array(
    fc.record({
      from: fc.nat(40),
      days: fc.integer({ min: 1, max: 20 }),
      mark: fc.constantFrom<Mark>(undefined, 'published', 'withdrawn'),
    }),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(rows, fc.nat(45), (list, now) => {
      const bundles = signed(...list.map(({ from, days, mark }) => [from, from + days, mark] as const));
      const schedule = at(bundles, now * DAY);
      const currentAt = (second: number) =>
        bundles.findLast(({ issuedAt, mark }) => issuedAt <= second && mark !== 'withdrawn');
      const valid = (second: number) => (currentAt(second)?.expiresAt ?? -1) >= second;
      const { servedUntil = -1 } = schedule;
      for (let day = now; day * DAY <= servedUntil; day++) expect(valid(day * DAY)).toBe(true);
      if (servedUntil >= now * DAY) expect(valid(servedUntil)).toBe(true);
      for (const { from, until } of schedule.gaps) expect([from, until].map(valid)).toEqual([false, false]);
    }),
  );
});
