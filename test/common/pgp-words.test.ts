import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fromHex } from '../../src/common/bytes.js';
import { fromPgpWords, toPgpWords } from '../../src/common/pgp-words.js';

const EXAMPLE = fromHex('E58294F2E9A227486E8B061B31CC528FD7FA3F19') ?? new Uint8Array();
const WORDS =
  'topmost Istanbul Pluto vagabond treadmill Pacific brackish dictator goldfish Medusa ' +
  'afflict bravado chatter revolver Dupont midsummer stopwatch whimsical cowbell bottomless';

describe('PGP words', () => {
  test('the example that the list is usually shown with', () => {
    expect(toPgpWords(EXAMPLE).join(' ')).toBe(WORDS);
    expect(fromPgpWords(WORDS)).toEqual(EXAMPLE);
  });

  test('all 512 words are those of two other copies of the list, compared once', () => {
    const words = toPgpWords(Uint8Array.from({ length: 512 }, (_, i) => i >> 1));
    expect(new Set(words.map((word) => word.toLowerCase())).size).toBe(512);
    expect(words.every((word) => /^[A-Z]?[a-z]+$/.test(word))).toBe(true);
    const digest = createHash('sha256').update(words.join('\n')).digest('hex');
    expect(digest).toBe('55c9067321ccd946013bfda1ba480ffa09d3b97e119eddc72ba9598a28ef70d3');
  });

  test('there and back, in any case and spacing', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 70 }),
        fc.constantFrom(' ', '\n', '\t  ', '-', '\u00a0'),
        fc.boolean(),
        (bytes, space, upper) => {
          const text = toPgpWords(bytes).join(space);
          expect(fromPgpWords(` ${upper ? text.toUpperCase() : text.toLowerCase()}\n`)).toEqual(bytes);
        },
      ),
    );
  });

  test('the accent that some copies of the list have', () => {
    expect(fromPgpWords('aardvark Yucatán')).toEqual(Uint8Array.of(0, 255));
    expect(fromPgpWords('aardvark Yucata\u0301n')).toEqual(Uint8Array.of(0, 255));
  });

  test('an unknown word is told by position and spelling', () => {
    expect(fromPgpWords('topmost istambul pluto')).toEqual({ wrong: 2, word: 'istambul', why: 'unknown' });
    expect(fromPgpWords('constructor adviser')).toEqual({ wrong: 1, word: 'constructor', why: 'unknown' });
  });

  test('a word left out, said twice or swapped with its neighbour is noticed where it happens', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 40 }), fc.nat(), (bytes, n) => {
        const words = toPgpWords(bytes);
        const at = n % (words.length - 2);
        const dropped = words.filter((_, i) => i !== at);
        const doubled = words.flatMap((word, i) => (i === at ? [word, word] : [word]));
        const swapped = words.map((word, i) => (i === at ? words[at + 1] : i === at + 1 ? words[at] : word));
        expect(fromPgpWords(dropped.join(' '))).toEqual({ wrong: at + 1, word: words[at + 1], why: 'wrong-half' });
        expect(fromPgpWords(doubled.join(' '))).toEqual({ wrong: at + 2, word: words[at], why: 'wrong-half' });
        expect(fromPgpWords(swapped.join(' '))).toEqual({ wrong: at + 1, word: words[at + 1], why: 'wrong-half' });
      }),
    );
  });
});
