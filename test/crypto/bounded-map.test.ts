import { expect, test } from '@jest/globals';
import { BoundedMap } from '../../src/crypto/bounded-map.js';

test('keeps what it made, up to its limit, and forgets the oldest first', () => {
  const map = new BoundedMap<string>(2);
  const made: string[] = [];
  const get = (key: string): string =>
    map.get(key, () => {
      made.push(key);
      return key.toUpperCase();
    });
  for (const key of ['a', 'b', 'a', 'c', 'b', 'a']) expect(get(key)).toBe(key.toUpperCase());
  expect(made).toEqual(['a', 'b', 'c', 'a']);
  expect(map.size).toBe(2);
});

test('null is a value, not an absence', () => {
  const map = new BoundedMap<null>(2);
  let made = 0;
  const make = (): null => {
    made++;
    return null;
  };
  map.get('a', make);
  map.get('a', make);
  expect(made).toBe(1);
});
