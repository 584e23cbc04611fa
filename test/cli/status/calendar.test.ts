/** The calendar's form (RFC 5545). That another program reads it is shown in scenarios/status.test.ts. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { calendarOf } from '../../../src/cli/status/calendar.js';
import type { DueAction } from '../../../src/operations/status/due.js';

const AT = 1_800_000_000;
const DUE: DueAction = { kind: 'publish', subject: '2', action: 'publish bundle 2', from: AT + 5, by: AT + 10 };
const of = (next: readonly DueAction[], commandsOf: (due: DueAction) => readonly string[] = () => []) =>
  calendarOf({ asDomain: 'example.org', next, commandsOf, atSeconds: AT, toolVersion: '1.2.3' });
const unfolded = (text: string): string[] => text.replaceAll('\r\n ', '').split('\r\n');

describe('a calendar', () => {
  test('has an event with a time, a stamp and alarms for each', () => {
    const lines = unfolded(of([DUE, { ...DUE, kind: 'mark', from: undefined } as unknown as DueAction]));
    expect(lines.slice(0, 3)).toEqual([
      'BEGIN:VCALENDAR',
      'VERSION:2.0',
      'PRODID:-//as-ceremony//as-ceremony 1.2.3//EN',
    ]);
    for (const line of [
      'DTSTAMP:20270115T080000Z',
      'DTSTART:20270115T080010Z',
      'SUMMARY:example.org: publish bundle 2',
      'TRIGGER;VALUE=DATE-TIME:20270115T080005Z',
      'TRIGGER;VALUE=DATE-TIME:20270101T080010Z',
      'TRIGGER:-P1D',
    ])
      expect(lines).toContain(line);
    expect(lines.filter((line) => line === 'BEGIN:VEVENT')).toHaveLength(2);
    expect(lines.slice(-2)).toEqual(['END:VCALENDAR', '']);
  });

  test('gives the same thing the same name, whenever one looks, and another thing another', () => {
    const uids = (...next: readonly DueAction[]) => unfolded(of(next)).filter((line) => line.startsWith('UID:'));
    expect(uids(DUE)).toEqual(uids({ ...DUE, by: AT + 99, action: 'publish it' }));
    const others = uids(DUE, { ...DUE, subject: '3' }, { ...DUE, kind: 'mark' });
    expect(new Set(others).size).toBe(3);
    expect(others[0]).toMatch(/^UID:publish-[0-9a-f]{32}@example\.org$/);
  });

  test('escapes what has a meaning, and writes out what shows as nothing', () => {
    const lines = unfolded(of([{ ...DUE, action: 'a;b,c\\d\u001b\u202e' }], () => ['x, y']));
    expect(lines).toContain(String.raw`SUMMARY:example.org: a\;b\,c\\d\\u{1b}\\u{202e}`);
    expect(lines.find((line) => line.startsWith('DESCRIPTION'))).toContain(
      String.raw`at the latest.\nx\, y\nexample.org\, as`,
    );
  });

  test('has lines of at most 75 octets, whole characters, and CRLF everywhere', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (action) => {
        const text = of([{ ...DUE, action }]);
        expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
        for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
        expect(Buffer.from(text).toString()).toBe(text);
      }),
    );
    const exact = (length: number) =>
      of([{ ...DUE, action: 'x'.repeat(length) }])
        .split('\r\n')
        .find((line) => line.startsWith('SUMMARY'));
    const room = 75 - 'SUMMARY:example.org: '.length;
    expect([room - 1, room, room + 1].map((length) => exact(length)?.length)).toEqual([74, 75, 75]);
  });
});
