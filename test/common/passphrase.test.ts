import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { utf8 } from '../../src/common/bytes.js';
import { checkPassphrase, generatePassphrase, strengthBits, STRONG_BITS } from '../../src/common/passphrase.js';

const bitsOf = (text: string): number => strengthBits(utf8(text)).bits;

describe('a generated passphrase', () => {
  test('is 12 words, strong by our own estimate, and nearly always of full strength', () => {
    for (let i = 0; i < 500; i++) {
      // Random, but the same in each run: one in a hundred thousand is counted lower.
      const digest = createHash('sha256').update(String(i)).digest();
      const passphrase = generatePassphrase((length) => new Uint8Array(digest).slice(0, length));
      expect(passphrase).toMatch(/^[a-z]+(-[a-z]+){11}$/);
      expect(strengthBits(utf8(passphrase))).toEqual({ bits: 96, reason: '12 words of the PGP list, 8 bits each' });
    }
    expect(STRONG_BITS).toBe(90);
  });

  test('takes 12 bytes of the randomness that it is given, and wipes them', () => {
    const given = Uint8Array.from({ length: 12 }, (_, i) => 17 * i);
    const passphrase = generatePassphrase((length) => given.subarray(0, length));
    expect(passphrase).toBe(
      'aardvark-babylon-blockade-concurrent-crumpled-equipment-framework-inception-newborn-nebula-reward-publisher',
    );
    expect(given).toEqual(new Uint8Array(12));
  });

  test('words that nobody drew by chance count for little', () => {
    const twelve = Array<string>(6).fill('aardvark-adroitness').join('-');
    expect(bitsOf(twelve)).toBeLessThan(40);
    expect(bitsOf('aardvark-adviser-accrue-aggregate-adrift-almighty-afflict-amusement')).toBeLessThan(40);
    expect(bitsOf('topmost-istanbul-pluto-vagabond')).toBe(32);
  });
});

describe('strength', () => {
  test.each([
    ['password', 8],
    ['Password1', 10],
    ['P@ssw0rd', 8],
    ['123456', 8],
    ['qwertyuiop', 8],
    ['!!dragon!!', 16],
    ['iloveyou2024', 16],
  ])('%s is nearly worthless', (text, atMost) => {
    expect(strengthBits(utf8(text))).toMatchObject({ reason: expect.stringContaining('commonest') as unknown });
    expect(bitsOf(text)).toBeLessThanOrEqual(atMost);
  });

  test.each([
    ['', 0],
    ['a', 5],
    ['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 10],
    ['abcdefghijklmnopqrstuvwxyz', 20],
    ['98765432109876543210', 20],
    ['sdfghjkl', 10],
    ['passwordpasswordpassword', 12],
    ['Ab1!Ab1!Ab1!Ab1!Ab1!Ab1!Ab1!Ab1!Ab1!', 25],
    ['31.12.1999', 30],
    ['19991231', 15],
    ['blue blue blue blue blue blue blue blue blue', 20],
    ['mycatlikesfish', 25],
    ['the old house by the river', 60],
    ['Sommerferien2019!', 35],
  ])('%j has at most %i bits', (text, atMost) => {
    expect(bitsOf(text)).toBeLessThanOrEqual(atMost);
  });

  test.each([
    ['clamp ditto fresco gusto hazel ivory jumbo kettle lumpy', 90],
    ['9f86d081884c7d659a2feaa0c55ad015', 100],
    ['vQ8#kT2!mZ7$wX4&pL9%rB3*nH6', 90],
    ['four rather random words', 35],
  ])('%j has at least %i bits', (text, atLeast) => {
    expect(bitsOf(text)).toBeGreaterThanOrEqual(atLeast);
  });

  test('words count 11 bits at most', () => {
    expect(bitsOf('clamp ditto fresco gusto hazel ivory')).toBeLessThanOrEqual(6 * 11 + 3);
  });

  test('never more than its characters could hold; more of the same adds little', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), (text) => {
        expect(bitsOf(text)).toBeLessThanOrEqual(utf8(text).length * 6.6);
        expect(bitsOf(text)).toBeGreaterThanOrEqual(0);
        expect(bitsOf(text.repeat(4))).toBeLessThanOrEqual(bitsOf(text) + 8);
      }),
    );
  });

  test('the reason never repeats the passphrase', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6, maxLength: 30 }), (text) => {
        expect(strengthBits(utf8(text)).reason).not.toContain(text);
      }),
    );
    expect(strengthBits(Uint8Array.of(0xff, 0xfe))).toEqual({ bits: 0, reason: 'it is not valid UTF-8' });
  });
});

describe('what a passphrase may contain', () => {
  test.each([
    ['is empty', new Uint8Array()],
    ['more than 1024', new Uint8Array(1025).fill(0x61)],
    ['UTF-8', Uint8Array.of(0x61, 0xff)],
    ['UTF-8', Uint8Array.of(0xed, 0xa0, 0x80)],
    ['control character', utf8('a\tb')],
    ['control character', utf8('a\u007f')],
    ['control character', utf8('a\0')],
    ['byte-order mark', utf8('\u{FEFF}abc')],
    ['U+200B, which nobody sees', utf8('a\u200bb')],
    ['U+00A0, which nobody sees', utf8('a\u00a0b')],
    ['U+0301, which nobody sees', utf8('e\u0301')],
    ['U+202E, which nobody sees', utf8('\u202eabc')],
    ['a space at one of its ends', utf8('abc ')],
    ['U+00E9 (\u00e9), which keyboards make in two ways', utf8('\u00e9')],
    ['U+FB01 (\ufb01), which keyboards make in two ways', utf8('\ufb01')],
  ])('refused: %s', (what, passphrase) => {
    expect(() => {
      checkPassphrase(passphrase);
    }).toThrow(
      expect.objectContaining({
        code: 'bad-passphrase',
        kind: 'could-not',
        message: expect.stringContaining(what) as unknown,
      }),
    );
  });

  test('allowed: 1 and 1024 bytes, spaces within, any script', () => {
    for (const text of ['a', 'a'.repeat(1024), 'a b', 'Spaß', 'пароль', '한국어', '鍵', '🔑']) {
      expect(() => {
        checkPassphrase(utf8(text));
      }).not.toThrow();
    }
  });
});
