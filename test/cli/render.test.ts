import { describe, expect, test } from '@jest/globals';
import { fields, findingLines, hanging, printable, printableLines, table } from '../../src/cli/render.js';

describe('printable', () => {
  test.each([
    ['escape', '\u001b[2J', '\\u{1b}[2J'],
    ['line end', 'a\nb', 'a\\u{a}b'],
    ['C1 control', '\u009b', '\\u{9b}'],
    ['right-to-left override', 'a\u202eb', 'a\\u{202e}b'],
    ['zero-width space', 'a\u200bb', 'a\\u{200b}b'],
    ['no-break space', 'a\u00a0b', 'a\\u{a0}b'],
    ['Hangul filler', '\u3164', '\\u{3164}'],
    ['blank Braille', '\u2800', '\\u{2800}'],
    ['combining mark', 'e\u0301', 'e\\u{301}'],
    ['line separator', '\u2028', '\\u{2028}'],
  ])('%s is written out', (_name, text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  test('letters of all scripts, digits, signs and the space stay', () => {
    const text = 'Anna Müller 安娜 Анна – “x” 42 €';
    expect(printable(text)).toBe(text);
    expect(printableLines(`${text}\n${text}`)).toBe(`${text}\n${text}`);
  });
});

test('a value with a line end does not make a second row', () => {
  const fake = 'file:x\n  valid until  2099-01-01T00:00:00Z';
  expect(fields([['key held', fake]]).split('\n')).toHaveLength(2);
  expect(table(['key'], [[fake]]).split('\n')).toHaveLength(4);
});

test('a line that is too long goes on under its own words', () => {
  expect(hanging('  done:      one, two, three, four', 20)).toBe('  done:      one,\n    two, three, four');
  expect(hanging('short', 20)).toBe('short');
  expect(hanging('  any length '.repeat(9), undefined)).toBe('  any length '.repeat(9));
});

test('a finding can not move the cursor, by its rule neither', () => {
  expect(findingLines([{ rule: 'foo\u001b[2J', code: 'bad\u202e', message: 'x' }])).toBe(
    '  - foo\\u{1b}[2J (bad\\u{202e}): x\n',
  );
});
