import { expect, test } from '@jest/globals';
import { askedOnce } from '../../src/crypto/asked-once.js';
import { scheme } from './vectors.js';

test('engines verify the same thing once, and anything else separately', () => {
  const asked: string[] = [];
  const engine = (name: string, verdict: boolean) => ({
    name,
    verify: () => {
      asked.push(name);
      return verdict;
    },
  });
  const engines = askedOnce([engine('yes', true), engine('no', false)]);
  const things = [
    [1, 2, 3],
    [1, 2, 3],
    [4, 2, 3],
    [1, 4, 3],
    [1, 2, 4],
  ] as const;
  for (const [key, message, signature] of things) {
    const bytes = [Uint8Array.of(key), Uint8Array.of(message), Uint8Array.of(signature)] as const;
    for (const info of ['ed25519', 'ed25519', 'ed448'])
      expect(engines.map((one) => one.verify(scheme(info), ...bytes))).toEqual([true, false]);
  }
  // Four of these for each of two schemes.
  expect(asked).toEqual(Array.from({ length: 8 }, () => ['yes', 'no']).flat());
});
