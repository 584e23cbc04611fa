import { expect, test } from '@jest/globals';
import { decodeBundle } from '../../src/bundle/bundle.js';
import { fromHex } from '../../src/common/bytes.js';
import { payloadOf } from '../../src/verify/bundle-trust.js';
import { bundleChanges } from '../../src/verify/compare-bundles.js';
import { vectors } from '../bundle/support.js';

test('as many commitments as a bundle holds are compared at once', () => {
  const payload = payloadOf(decodeBundle(fromHex(vectors.making.bundle) ?? new Uint8Array()));
  const side = (last: number) => ({
    payload: {
      ...payload,
      nextRoots: Array.from({ length: 30_000 }, (_, i) =>
        Uint8Array.from({ length: 32 }, (__, at) => (at === 0 ? i >> 8 : at === 1 ? i & 255 : at === 31 ? last : 0)),
      ),
    },
    signers: [],
  });
  const began = performance.now();
  const changes = bundleChanges(side(1), side(2));
  expect(performance.now() - began).toBeLessThan(5000);
  expect(changes.filter(({ kind }) => kind === 'next-root-added')).toHaveLength(30_000);
  expect(changes.filter(({ kind }) => kind === 'next-root-removed')).toHaveLength(30_000);
  expect(bundleChanges(side(1), side(1))).toEqual([]);
});
