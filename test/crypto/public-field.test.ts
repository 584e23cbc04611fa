/** The fields that verification computes in give noble's own results, at the edges and in between. */
import { describe, expect, test } from '@jest/globals';
import { Field } from '@noble/curves/abstract/modular.js';
import fc from 'fast-check';
import { ECDSA_PARAMETERS, EDWARDS_PARAMETERS } from '../../src/crypto/curves.js';
import { publicField } from '../../src/crypto/public-field.js';

describe.each(Object.entries({ ...EDWARDS_PARAMETERS, ...ECDSA_PARAMETERS }))('%s', (_name, { p }) => {
  const [ours, theirs] = [publicField(p), Field(p)];
  const bits = BigInt(p.toString(2).length);
  const edges = [0n, 1n, 2n, p - 1n, p, p + 1n, 2n * p - 1n, 2n * p, 1n << bits, (1n << bits) - 1n, 1n << (bits / 2n)];
  const element = fc.oneof(
    fc.constantFrom(...edges, ...edges.map((one) => -one)),
    fc.bigInt({ min: 0n, max: p - 1n }),
    // Noble leaves sums and differences as they are until the next product.
    fc.bigInt({ min: -4n * p, max: 4n * p }),
  );

  test('sums, differences, products and squares', () => {
    for (const a of edges) for (const b of edges) expect(ours.mul(a, b)).toBe(theirs.mul(a, b));
    fc.assert(
      fc.property(element, element, (a, b) => {
        for (const operation of ['add', 'sub', 'mul'] as const)
          expect([operation, ours[operation](a, b)]).toEqual([operation, theirs[operation](a, b)]);
        for (const operation of ['sqr', 'neg', 'create'] as const)
          expect([operation, ours[operation](a)]).toEqual([operation, theirs[operation](a)]);
      }),
      { numRuns: 500 },
    );
  });

  test('inverses and roots', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: p - 1n }), (a) => {
        expect(ours.mul(ours.inv(a), a)).toBe(1n);
        expect(ours.sqr(ours.sqrt(ours.sqr(a)))).toBe(ours.sqr(a));
      }),
      { numRuns: 10 },
    );
  });
});
