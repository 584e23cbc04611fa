import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  addDuration,
  formatDuration,
  formatTime,
  isNeverLonger,
  LAST_SECOND,
  parseDuration,
  parseTime,
  validityOf,
} from '../../src/common/time.js';

const anyTime = fc.integer({ min: 0, max: LAST_SECOND });

describe('parseTime', () => {
  test.each([
    ['0', 0],
    ['1795339800', 1_795_339_800],
    ['1970-01-01', 0],
    ['2026-11-22T09:30:00Z', 1_795_339_800],
    ['2026-11-22t09:30:00z', 1_795_339_800],
    ['2026-11-22T11:30:00+02:00', 1_795_339_800],
    ['2026-11-21T22:15:00-11:15', 1_795_339_800],
    ['2026-11-22T09:30:00.000Z', 1_795_339_800],
    ['2026-11-22T09:30:00-00:00', 1_795_339_800],
    ['2024-02-29', 1_709_164_800],
    ['2000-02-29', 951_782_400],
    ['9999-12-31T23:59:59Z', LAST_SECOND],
    [String(LAST_SECOND), LAST_SECOND],
    ['1969-12-31T23:00:00-01:00', 0],
  ])('%s is %d', (text, seconds) => {
    expect(parseTime(text)).toBe(seconds);
  });

  test.each([
    '',
    ' ',
    '-1',
    '007',
    '1.5',
    '1e3',
    '0x10',
    '9'.repeat(400),
    String(LAST_SECOND + 1),
    '2026-02-31',
    '2026-02-29',
    '2100-02-29',
    '2026-00-10',
    '2026-13-10',
    '2026-04-31',
    '2026-01-00',
    '2026-1-1',
    '2026-11-22T24:00:00Z',
    '2026-11-22T09:60:00Z',
    '2016-12-31T23:59:60Z',
    '2026-11-22T09:30Z',
    '2026-11-22T09:30:00',
    '2026-11-22 09:30:00Z',
    '2026-11-22T09:30:00.5Z',
    '2026-11-22T09:30:00+24:00',
    '2026-11-22T09:30:00+02:60',
    '2026-11-22T09:30:00+0200',
    '1969-12-31',
    '1970-01-01T00:59:59+01:00',
    '9999-12-31T23:59:59-00:01',
    '10000-01-01',
    '2026-11-22Z',
    ' 2026-11-22',
    '2026-11-22\n',
    '٢٠٢٦-11-22',
  ])('refuses %j with its value and an example', (text) => {
    expect(() => parseTime(text)).toThrow(
      expect.objectContaining({
        kind: 'usage',
        message: expect.stringContaining(`'${text}'`) as unknown,
        hint: expect.stringContaining('2026-11-22T09:30:00Z') as unknown,
      }),
    );
  });

  test('reads what formatTime writes, at any offset', () => {
    fc.assert(
      fc.property(anyTime, fc.integer({ min: -1439, max: 1439 }), (seconds, offset) => {
        expect(parseTime(formatTime(seconds))).toBe(seconds);
        const local = seconds + offset * 60;
        fc.pre(local >= 0 && local <= LAST_SECOND);
        const two = (n: number): string => String(n).padStart(2, '0');
        const suffix = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
        expect(parseTime(formatTime(local).replace('Z', suffix))).toBe(seconds);
      }),
    );
  });
});

describe('formatTime', () => {
  test('is RFC 3339 in UTC without a fraction, to the last second of year 9999', () => {
    expect(formatTime(0)).toBe('1970-01-01T00:00:00Z');
    expect(formatTime(LAST_SECOND)).toBe('9999-12-31T23:59:59Z');
  });

  test.each([-1, LAST_SECOND + 1, 0.5, NaN, Infinity])('refuses %d', (seconds) => {
    expect(() => formatTime(seconds)).toThrow(expect.objectContaining({ code: 'bad-time' }));
  });
});

describe('parseDuration', () => {
  test.each([
    ['P10Y', 120, 0, 0, 'P10Y'],
    ['P1Y6M', 18, 0, 0, 'P1Y6M'],
    ['P18M', 18, 0, 0, 'P1Y6M'],
    ['P2W', 0, 14, 0, 'P14D'],
    ['P90D', 0, 90, 0, 'P90D'],
    ['PT15M', 0, 0, 900, 'PT15M'],
    ['P1DT12H', 0, 1, 43_200, 'P1DT12H'],
    ['P1Y2M3W4DT5H6M7S', 14, 25, 18_367, 'P1Y2M25DT5H6M7S'],
    ['PT0S', 0, 0, 0, 'PT0S'],
    ['10y', 120, 0, 0, 'P10Y'],
    ['2w', 0, 14, 0, 'P14D'],
    ['90d', 0, 90, 0, 'P90D'],
    ['12h', 0, 0, 43_200, 'PT12H'],
    ['15m', 0, 0, 900, 'PT15M'],
    ['30s', 0, 0, 30, 'PT30S'],
    ['P10000Y', 120_000, 0, 0, 'P10000Y'],
  ])('%s', (text, months, days, seconds, canonical) => {
    expect(parseDuration(text)).toEqual({ months, days, seconds });
    expect(formatDuration(parseDuration(text))).toBe(canonical);
  });

  test.each([
    '',
    'P',
    'PT',
    'P1',
    'P1DT',
    '10',
    '1.5y',
    '-1y',
    'P-1Y',
    'P1.5Y',
    '+P1Y',
    '6mo',
    '6M',
    '1Y',
    'p1y',
    '1y6d',
    'P1M1Y',
    'P1S',
    'PT1D',
    ' 1y',
    '1y ',
    'P10001Y',
    'P1D1W',
    '10 y',
    '9'.repeat(400) + 'd',
    'constructor',
    '1constructor',
  ])('refuses %j with its value and an example', (text) => {
    expect(() => parseDuration(text)).toThrow(
      expect.objectContaining({
        kind: 'usage',
        message: expect.stringContaining(`'${text}'`) as unknown,
        hint: expect.stringContaining('P10Y') as unknown,
      }),
    );
  });

  test('reads what formatDuration writes', () => {
    const any = fc.record({ months: fc.nat(120_000), days: fc.nat(100_000), seconds: fc.nat(1_000_000) });
    fc.assert(
      fc.property(any, (duration) => {
        expect(parseDuration(formatDuration(duration))).toEqual(duration);
      }),
    );
  });
});

describe('addDuration', () => {
  test.each([
    ['2024-02-29', 'P1Y', 1, '2025-02-28'],
    ['2024-02-29', 'P4Y', 1, '2028-02-29'],
    ['2026-01-31', 'P1M', 1, '2026-02-28'],
    ['2024-01-31', 'P1M', 1, '2024-02-29'],
    ['2026-12-31', 'P2M', 1, '2027-02-28'],
    ['2026-01-31', 'P1MT24H', 1, '2026-03-01'],
    ['2024-02-29', 'P1Y', -1, '2023-02-28'],
    ['2026-03-31', 'P1M', -1, '2026-02-28'],
    ['2026-01-15', 'P13M', -1, '2024-12-15'],
    ['2026-03-01', 'P90D', 1, '2026-05-30'],
    ['2026-11-22T09:30:00Z', 'PT15M', -1, '2026-11-22T09:15:00Z'],
  ] as const)('%s %s (%d) is %s', (from, duration, sign, to) => {
    expect(formatTime(addDuration(parseTime(from), parseDuration(duration), sign))).toBe(formatTime(parseTime(to)));
  });

  test('keeps the day of the month or takes the last one, and the time of day', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: parseTime('5000-01-01') }), fc.nat(12_000), (seconds, months) => {
        const [from, to] = [
          new Date(seconds * 1000),
          new Date(addDuration(seconds, { months, days: 0, seconds: 0 }) * 1000),
        ];
        const monthOf = (date: Date): number => date.getUTCFullYear() * 12 + date.getUTCMonth();
        expect(monthOf(to) - monthOf(from)).toBe(months);
        const nextDay = new Date(to.getTime() + 86_400_000);
        expect(
          to.getUTCDate() === from.getUTCDate() || (to.getUTCDate() < from.getUTCDate() && nextDay.getUTCDate() === 1),
        ).toBe(true);
        expect(to.getTime() % 86_400_000).toBe(from.getTime() % 86_400_000);
      }),
    );
  });

  test('refuses what leaves 1970 to 9999, at the second', () => {
    const second = parseDuration('1s');
    expect(addDuration(LAST_SECOND - 1, second)).toBe(LAST_SECOND);
    expect(() => addDuration(LAST_SECOND, second)).toThrow(expect.objectContaining({ kind: 'usage' }));
    expect(addDuration(1, second, -1)).toBe(0);
    expect(() => addDuration(0, second, -1)).toThrow(expect.objectContaining({ kind: 'usage' }));
  });
});

describe('validityOf', () => {
  test('ends one second before the next one of its length would begin', () => {
    expect(formatTime(validityOf(parseTime('2026-11-22'), parseDuration('P10Y')))).toBe('2036-11-21T23:59:59Z');
    expect(formatTime(validityOf(parseTime('2024-02-29'), parseDuration('P1Y')))).toBe('2025-02-27T23:59:59Z');
  });

  test('is at least two seconds long', () => {
    expect(validityOf(10, parseDuration('2s'))).toBe(11);
    expect(() => validityOf(10, parseDuration('1s'))).toThrow(expect.objectContaining({ kind: 'usage' }));
    expect(() => validityOf(10, parseDuration('0d'))).toThrow(expect.objectContaining({ kind: 'usage' }));
  });
});

test.each([
  ['P1Y', 'P1Y', true],
  ['P1Y', 'P365D', false],
  ['P1Y', 'P366D', true],
  ['P365D', 'P1Y', true],
  ['P366D', 'P1Y', false],
  ['P28D', 'P1M', true],
  ['P29D', 'P1M', false],
  ['P1M', 'P30D', false],
  ['P1M', 'P31D', true],
  ['PT24H', 'P1D', true],
  ['PT25H', 'P1D', false],
  ['P400D', 'P400D', true],
  ['P401D', 'P400D', false],
])('isNeverLonger(%s, %s) is %s', (a, b, expected) => {
  expect(isNeverLonger(parseDuration(a), parseDuration(b))).toBe(expected);
});
