import { expect, test } from '@jest/globals';
import { nobleEngine } from '../../src/crypto/noble-engine.js';
import { nodeEngine } from '../../src/crypto/node-engine.js';
import { acceptBundle } from '../../src/verify/accept-bundle.js';
import { hex, outcome } from '../bundle/support.js';
import { describeWithVectors } from '../support/shared-vectors.js';

interface Vector {
  readonly name: string;
  readonly expect: string;
  readonly at: number;
  readonly pins: readonly string[] | null;
  readonly threshold: number | null;
  readonly last: string | null;
  readonly bundle: string;
}

describeWithVectors('phoenix/bundles.json', (vectors: readonly Vector[]) => {
  for (const { name, expect: expected, at, pins, threshold, last, bundle } of vectors) {
    test(name, () => {
      const held = last === null ? { pins: (pins ?? []).map(hex), threshold: threshold ?? 1 } : { last: hex(last) };
      expect(
        outcome(() => acceptBundle({ bundle: hex(bundle), held, atSeconds: at, engines: [nobleEngine, nodeEngine] })),
      ).toBe(expected);
    });
  }
});
