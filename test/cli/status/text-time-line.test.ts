import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { timeLine, type TimeLineRow } from '../../../src/cli/status/text-time-line.js';
import { parseTime } from '../../../src/common/time.js';

const day = (text: string): number => parseTime(text);
const ROOT = {
  label: 'root-1',
  from: day('2026-01-01'),
  to: day('2036-01-01') - 1,
  deadline: day('2035-01-01'),
  fits: false,
};
const ROWS: readonly TimeLineRow[] = [
  ROOT,
  {
    label: 'intermediate-1',
    from: day('2027-01-01'),
    to: day('2028-01-01') - 1,
    deadline: day('2027-10-03'),
    fits: true,
  },
  { label: 'bundle 1', from: day('2027-01-01'), to: day('2027-05-01') - 1, fits: true },
];
const drawn = (rows: readonly TimeLineRow[], columns: number, at = '2027-02-15', unicode = false) =>
  timeLine(rows, { atSeconds: day(at), columns, unicode });

describe('a time line', () => {
  test('in plain ASCII', () => {
    const lines = [
      '                          2027-04    2027-07    2027-10',
      'root-1          <====|=====================================>',
      'intermediate-1  =====|===========================D----------',
      'bundle 1        =====|=========',
      '| now  = valid, can issue  D issuing deadline  - valid',
    ];
    expect(drawn(ROWS, 60)).toBe(`${lines.join('\n')}\n`);
  });

  test('in Unicode, the same places', () => {
    const plain = drawn(ROWS, 80).split('\n').slice(1, -2);
    const other = drawn(ROWS, 80, '2027-02-15', true).split('\n').slice(1, -2);
    const back: Readonly<Record<string, string>> = { '█': '=', '░': '-', '◆': 'D', '│': '|', '‹': '<', '›': '>' };
    expect(other.map((line) => line.replace(/[█░◆│‹›]/g, (c) => back[c] ?? c))).toEqual(plain);
  });

  test('of a root alone reaches as far as the root', () => {
    expect(drawn([ROOT], 80)).toMatch(/^root-1 {2}=+\|=+D-+$/m);
  });

  test('is left out if there is no row, or no room', () => {
    expect([drawn([], 80), drawn(ROWS, 29)]).toEqual(['', '']);
    expect(drawn(ROWS, 30)).not.toBe('');
  });

  test('is never wider than it may be, whatever the times', () => {
    const time = fc.integer({ min: 0, max: 253_402_300_799 });
    const row = fc.record({ a: time, b: time, c: time, fits: fc.boolean() }).map(({ a, b, c, fits }) => {
      const [from = 0, deadline = 0, to = 0] = [a, b, c].sort((x, y) => x - y);
      return { label: 'x', from, to, deadline, fits };
    });
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 4 }),
        time,
        fc.integer({ min: 30, max: 200 }),
        (rows, atSeconds, columns) => {
          const text = timeLine(rows, { atSeconds, columns, unicode: false });
          for (const line of text.split('\n').slice(0, -2))
            expect(line.length).toBeLessThanOrEqual(Math.min(columns, 120));
          if (rows.length > 0) for (const line of text.split('\n').slice(1, -2)) expect(line).toContain('|');
        },
      ),
    );
  });
});
