/** JSON is bounded before it is parsed; what the scan says of keys is what the parser would make of them. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { MAX_JSON_DEPTH, MAX_JSON_VALUES, scanJson } from '../../src/codec/json-scan.js';
import { parseJsonObject } from '../../src/codec/strict-json.js';

const nested = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);
/** An object around an array of `count` numbers: `count` + 2 values. */
const many = (count: number): string => `{"a":[${'0,'.repeat(count - 1)}0]}`;

describe('bounds, at one below, at, and one above', () => {
  test.each([
    ['depth', nested, MAX_JSON_DEPTH, 'nested more than 32 deep'],
    ['values', (values: number) => many(values - 2), MAX_JSON_VALUES, 'more than 1000000 values'],
  ])('%s', (_what, text, most, why) => {
    for (const fits of [most - 1, most]) {
      expect(scanJson(text(fits))).toEqual({});
      expect(typeof parseJsonObject(text(fits))).toBe('object');
    }
    expect(scanJson(text(most + 1)).excess).toContain(why);
    expect(parseJsonObject(text(most + 1))).toContain(why);
  });

  test('sixty thousand arrays within each other, closed or not', () => {
    for (const text of ['{"a":' + '['.repeat(60_000), `{"a":${'['.repeat(60_000)}${']'.repeat(60_000)}}`])
      expect(parseJsonObject(text)).toContain('deep');
  });

  test('brackets and commas in a text are none', () => {
    const text = JSON.stringify({ a: '[{,'.repeat(500_000), b: '\\"[[' });
    expect(parseJsonObject(text)).toEqual(JSON.parse(text));
  });

  test('a text of millions of escapes', () => {
    const value = '\n"\\'.repeat(2_000_000);
    expect(parseJsonObject(JSON.stringify({ value }))).toEqual({ value });
  });
});

describe('a key twice', () => {
  test.each([
    ['{"a":1,"a":2}', 'a'],
    [String.raw`{"a":1,"\u0061":2}`, 'a'],
    ['{"b":[{"c":1},{"c":2,"d":{"d":1},"c":3}]}', 'c'],
    [String.raw`{"\"":1,"\u0022":2}`, '"'],
  ])('%s', (text, key) => {
    expect(parseJsonObject(text)).toContain(`the key ${JSON.stringify(key)} twice`);
  });

  test.each(['{"a":"a","b":{"a":1},"c":[{"a":1},{"a":2}]}', '{"a":"\\"a\\":","b":"a"}'])('not in %s', (text) => {
    expect(parseJsonObject(text)).toEqual(JSON.parse(text));
  });
});

test('whatever JSON.stringify makes of an object comes back as it is', () => {
  const shallow = fc.object({ maxDepth: 6, values: [fc.string({ unit: 'binary' }), fc.integer(), fc.boolean()] });
  fc.assert(
    fc.property(shallow, (value) => {
      const text = JSON.stringify(value);
      expect(parseJsonObject(text)).toEqual(JSON.parse(text));
    }),
  );
});

test('no text makes it throw, or run forever', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '\\', 'a', '1', ' ') }),
      (text) => {
        scanJson(text);
        parseJsonObject(text);
      },
    ),
  );
});
