/** What no bundle has room for is refused before any key is opened, and status says so before it comes to that. */
import { expect, test } from '@jest/globals';
import type { Authority } from '../../../src/authority/authority.js';
import { composeBundles } from '../../../src/operations/bundles/dry-run-bundle.js';
import { statusOf } from '../../../src/operations/status/authority-status.js';
import { AT, Bench } from '../support.js';

/** The authority with as many of its one root and one intermediate. */
function grown(authority: Authority, roots: number, intermediates: number): Authority {
  const repeat = <T>(items: readonly T[], count: number): T[] =>
    Array.from({ length: count }, () => items[0]).filter((one) => one !== undefined);
  return {
    ...authority,
    roots: repeat(authority.roots, roots),
    intermediates: repeat(authority.intermediates, intermediates),
  };
}

test('one more than clients take is refused when the bundle is planned; status says it before', async () => {
  const bench = new Bench();
  await bench.root();
  await bench.issue(await bench.request());
  const context = await bench.context();
  bench.asked.log.length = 0;
  for (const [roots, intermediates, says] of [
    [33, 1, '33 AS credentials'],
    [1, 1025, '1025 intermediates'],
  ] as const) {
    const authority = grown(context.authority, roots, intermediates);
    const plan = (): Promise<unknown> =>
      Promise.resolve().then(() => composeBundles({ ...context, authority }, {}, [], [{ issuedAt: AT }]));
    const error = await bench.refusal(plan);
    expect([error.code, error.message]).toEqual(['bundle-too-large', expect.stringContaining(says)]);
    expect(bench.asked.log).toEqual([]);
  }

  const notes = (roots: number, intermediates: number): readonly string[] =>
    statusOf(grown(context.authority, roots, intermediates), AT).bundleNotes;
  expect(notes(27, 895)).toEqual([]);
  expect(notes(28, 895)).toEqual([expect.stringMatching(/28 roots to list, and clients accept at most 32: retire/)]);
  expect(notes(27, 896)).toEqual([
    expect.stringMatching(/896 intermediates to list, and clients accept at most 1024: revoke/),
  ]);
});
