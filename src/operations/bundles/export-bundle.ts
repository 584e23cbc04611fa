import { assembleBundles, type ExportedBundle } from './assemble-bundle.js';
import { planBundles, seriesTerms, signersOf } from './try-bundle.js';
import { previewOf } from './bundle-preview.js';
import { checkNotSignedOtherwise, signPlanned, type RootSignatures } from './sign-bundle.js';
import { mustBePlanned, type Desk } from '../desk/desk.js';
import { checkHeldNow } from './held-now.js';
import { verifiedHistory } from '../standing/bundle-history.js';
import type { BundleWish } from './next-bundle.js';
import { checkRoots } from '../credentials/roots.js';

export type { ExportedBundle } from './assemble-bundle.js';

/**
 * Signs the next bundle with every root that it lists, and accepts it as clients will before it is kept. Errors:
 * `not-newest`, `no-root`, `policy`, `clients-would-refuse`, `signed-otherwise`, the codes of both formats, and those
 * of the keys.
 */
export async function exportBundle(desk: Desk, wish: BundleWish): Promise<ExportedBundle> {
  const [only] = await exportSeries(desk, wish, 1);
  if (only === undefined) throw new TypeError('a series of one has one');
  return only;
}

/**
 * As `exportBundle`, for `count` bundles, signed ahead: one now, the others `bundle_every` after each other. Each key
 * is opened once.
 */
export async function exportSeries(desk: Desk, wish: BundleWish, count: number): Promise<readonly ExportedBundle[]> {
  mustBePlanned(desk);
  const { authority } = desk;
  const terms = seriesTerms(desk, count);
  checkRoots(authority, desk.engines);
  const history = verifiedHistory(authority, desk.engines, desk.atSeconds);
  const held = checkHeldNow(desk, history, wish.last);
  const planned = planBundles(desk, wish, history, terms);
  const signers = [...new Set(planned.flatMap(signersOf))];
  for (const root of signers) checkNotSignedOtherwise(authority, root, planned);
  const preview = previewOf(desk, planned, wish, held);
  await desk.confirm({ ...preview, changes: planned.map(({ file }) => `${file} is written`) });

  const made: RootSignatures[] = [];
  for (const root of signers) made.push(await signPlanned(desk, root, planned));
  return assembleBundles(desk, {
    operation: 'bundle export',
    planned,
    signatures: made.flatMap(({ signatures }) => signatures),
    events: [...held.events, ...made.flatMap(({ events }) => events)],
    repin: wish.repin === true,
  });
}
