/** A bundle's number is at most its issued_at, in all that is about to be signed: nothing asks for a key before. */
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { fingerprintOf } from '../../../src/credential/fingerprint-of.js';
import { nobleEngine } from '../../../src/crypto/noble-engine.js';
import { composeBundles, seriesTerms } from '../../../src/operations/bundles/dry-run-bundle.js';
import { verifiedHistory } from '../../../src/operations/lifecycle/bundle-history.js';
import { rebuildFrom } from '../../../src/operations/recovery/rebuild.js';
import { prepareBundles } from '../../../src/operations/stages/prepare-bundles.js';
import { temporaryFolder } from '../../authority/support.js';
import { outcome } from '../../bundle/support.js';
import { AT, Bench, DOMAIN } from '../support.js';

async function withBundle(): Promise<{ bench: Bench; pin: Uint8Array; encoded: Uint8Array }> {
  const bench = new Bench();
  const { credential } = await bench.root();
  const { bundle } = await bench.export();
  bench.asked.log.length = 0;
  return { bench, pin: fingerprintOf(credential), encoded: bundle.encoded };
}

const AROUND = [
  [-1, 'valid'],
  [0, 'valid'],
  [1, 'bundle-malformed'],
] as const;

describe('a sequence around issued_at', () => {
  test('of the next bundle, and of the last one of a series', async () => {
    const { bench } = await withBundle();
    const context = await bench.context();
    const history = verifiedHistory(context.authority, context.engines, AT);
    for (const [more, expected] of AROUND) {
      const first = { issuedAt: AT, sequence: AT + more };
      expect(outcome(() => composeBundles(context, {}, history, [first]))).toBe(expected);
      const series = [
        { issuedAt: AT, sequence: AT - 1 },
        { issuedAt: AT, sequence: AT + more },
      ];
      if (more !== -1) expect(outcome(() => composeBundles(context, {}, history, series))).toBe(expected);
    }
  });

  test('of a prepared one: refused before anything is agreed to', async () => {
    const { bench } = await withBundle();
    const context = await bench.context();
    const error = await bench.refusal(() => prepareBundles(context, { count: 1, sequence: AT + 1 }, 'out'));
    expect([error.code, error.message]).toEqual(['bundle-malformed', expect.stringContaining('is above issued_at')]);
    expect(error.remedies).toContainEqual({ option: 'sequence' });
    expect(bench.asked.log).toEqual([]);
    const { unsigned } = await prepareBundles(context, { count: 1, sequence: AT }, 'out');
    expect(unsigned.map(({ payload }) => payload.sequence)).toEqual([AT]);
  });
});

test('a series verifies what it lists once, and not once a bundle', async () => {
  const { bench } = await withBundle();
  let asked = 0;
  const counter: typeof nobleEngine = {
    name: 'counter',
    verify: (...what) => {
      asked++;
      return nobleEngine.verify(...what);
    },
  };
  const context = await bench.context({ engines: [counter] });
  const history = verifiedHistory(context.authority, [nobleEngine], AT);
  expect(composeBundles(context, {}, history, seriesTerms(context, 12))).toHaveLength(12);
  // The root's own signature, and a throw-away one of each bundle.
  expect(asked).toBe(13);
});

test('a floor leaves a number for the next bundle, two above it', async () => {
  const { pin, encoded, bench } = await withBundle();
  const { engines } = await bench.context();
  const rebuilt = (sequenceFloor: number): string =>
    outcome(() =>
      rebuildFrom({
        dir: join(temporaryFolder(), 'rebuilt'),
        domain: DOMAIN,
        bundle: encoded,
        pins: [pin],
        known: [],
        sequenceFloor,
        atSeconds: AT,
        engines,
      }),
    );
  for (const [more, expected] of AROUND) expect(rebuilt(AT - 2 + more)).toBe(expected);
  expect(rebuilt(999_999_999_999_999)).toBe('bundle-malformed');
});
