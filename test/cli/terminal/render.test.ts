import { describe, expect, test } from '@jest/globals';
import {
  fields,
  findingLines,
  hanging,
  printable,
  printableLines,
  textTable,
} from '../../../src/cli/terminal/render.js';
import type { Code } from '../../../src/common/codes.js';
import { harmless, printableJson } from '../../../src/common/printable.js';

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

test('the last net lets colours and line ends through, and nothing else that a terminal obeys', () => {
  const shown = '\u001b[31mred\u001b[0m\n\u001b[30;47m \u001b[0m Müller e\u0301\r\n';
  expect(harmless(shown)).toBe(shown);
  expect(harmless('a\u001b[2Jb\u001b]0;title\u0007c\u009b1md\u202ee\u200bf\rg\u{e0041}')).toBe(
    'a\\u{1b}[2Jb\\u{1b}]0;title\\u{7}c\\u{9b}1md\\u{202e}e\\u{200b}f\\u{d}g\\u{e0041}',
  );
});

test('JSON keeps every value, and shows a terminal none of its control characters', () => {
  const value = { 'a\u009b': ['b\u202e', 'c\u200b', '\u{e0041}', 'Müller', 'line\nend', '\ud800'] };
  const text = printableJson(value);
  expect(JSON.parse(text)).toEqual(value);
  expect(text).toBe(String.raw`{"a\u009b":["b\u202e","c\u200b","\udb40\udc41","Müller","line\nend","\ud800"]}`);
});

test('a value with a line end does not make a second row', () => {
  const fake = 'file:x\n  valid until  2099-01-01T00:00:00Z';
  expect(fields([['key held', fake]]).split('\n')).toHaveLength(2);
  expect(textTable(['key'], [[fake]]).split('\n')).toHaveLength(4);
});

test('a line that is too long goes on under its own words', () => {
  expect(hanging('  done:      one, two, three, four', 20)).toBe('  done:      one,\n    two, three, four');
  expect(hanging('short', 20)).toBe('short');
  expect(hanging('  any length '.repeat(9), undefined)).toBe('  any length '.repeat(9));
});

test('a finding cannot move the cursor, by its rule neither', () => {
  expect(findingLines([{ rule: 'foo\u001b[2J', code: 'bad\u202e' as Code, message: 'x' }])).toBe(
    '  - foo\\u{1b}[2J (bad\\u{202e}): x\n',
  );
});
