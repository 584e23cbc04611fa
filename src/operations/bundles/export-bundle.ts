import { assembleBundles, type ExportedBundle } from './assemble-bundle.js';
import { planBundles, seriesTerms, signersOf } from './try-bundle.js';
import { previewOf } from './bundle-preview.js';
import { checkNotSignedOtherwise, signPlanned, type RootSignatures } from './sign-bundle.js';
import { mustBePlanned, type OperationContext } from '../context/operation-context.js';
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
export async function exportBundle(context: OperationContext, wish: BundleWish): Promise<ExportedBundle> {
  const [only] = await exportSeries(context, wish, 1);
  if (only === undefined) throw new TypeError('a series of one has one');
  return only;
}

/**
 * As `exportBundle`, for `count` bundles, signed ahead: one now, the others `bundle_every` after each other. Each key
 * is opened once.
 */
export async function exportSeries(
  context: OperationContext,
  wish: BundleWish,
  count: number,
): Promise<readonly ExportedBundle[]> {
  mustBePlanned(context);
  const { authority } = context;
  const terms = seriesTerms(context, count);
  checkRoots(authority, context.engines);
  const history = verifiedHistory(authority, context.engines, context.atSeconds);
  const held = checkHeldNow(context, history, wish.last);
  const planned = planBundles(context, wish, history, terms);
  const signers = [...new Set(planned.flatMap(signersOf))];
  for (const root of signers) checkNotSignedOtherwise(authority, root, planned);
  const preview = previewOf(context, planned, wish, held);
  await context.confirm({ ...preview, changes: planned.map(({ file }) => `${file} is written`) });

  const made: RootSignatures[] = [];
  for (const root of signers) made.push(await signPlanned(context, root, planned));
  return assembleBundles(context, {
    operation: 'bundle export',
    planned,
    signatures: made.flatMap(({ signatures }) => signatures),
    events: [...held.events, ...made.flatMap(({ events }) => events)],
    repin: wish.repin === true,
  });
}
