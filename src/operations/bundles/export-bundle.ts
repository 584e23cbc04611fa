import { mustBePlanned, type OperationContext } from '../context/operation-context.js';
import { checkRoots } from '../credentials/roots.js';
import { verifiedHistory } from '../lifecycle/bundle-history.js';
import { assembleBundles, type ExportedBundle } from './assemble-bundle.js';
import { previewOf } from './bundle-preview.js';
import { composeBundles, seriesTerms, signersOf } from './dry-run-bundle.js';
import { checkHeldNow } from './held-now.js';
import type { BundleOptions } from './next-bundle.js';
import { checkNotSignedOtherwise, type RootSignatures, signBundles } from './sign-bundle.js';

export type { ExportedBundle } from './assemble-bundle.js';

/**
 * Signs the next bundle with every root that it lists, and accepts it as clients will before it is kept. Errors:
 * `not-newest`, `no-root`, `policy`, `clients-would-refuse`, `signed-otherwise`, the codes of both formats, and those
 * of the keys.
 */
export async function exportBundle(context: OperationContext, wanted: BundleOptions): Promise<ExportedBundle> {
  const [only] = await exportSeries(context, wanted, 1);
  if (only === undefined) throw new TypeError('a series of one has one');
  return only;
}

/**
 * As `exportBundle`, for `count` bundles signed ahead: one for now, and each of the others `bundle_every` after the one
 * before. Each key is opened once.
 */
export async function exportSeries(
  context: OperationContext,
  wanted: BundleOptions,
  count: number,
): Promise<readonly ExportedBundle[]> {
  mustBePlanned(context);
  const { authority } = context;
  const terms = seriesTerms(context, count);
  checkRoots(authority, context.engines);
  const history = verifiedHistory(authority, context.engines, context.atSeconds);
  const held = checkHeldNow(context, history, wanted.last);
  const unsigned = composeBundles(context, wanted, history, terms);
  const signers = [...new Set(unsigned.flatMap(signersOf))];
  for (const root of signers) checkNotSignedOtherwise(authority, root, unsigned);
  const preview = previewOf(context, unsigned, wanted, held);
  await context.confirm({ ...preview, changes: unsigned.map(({ file }) => `${file} is written`) });

  const made: RootSignatures[] = [];
  for (const root of signers) made.push(await signBundles(context, root, unsigned));
  return assembleBundles(context, {
    operation: 'bundle export',
    unsigned,
    signatures: made.flatMap(({ signatures }) => signatures),
    events: [...held.events, ...made.flatMap(({ events }) => events)],
    repin: wanted.repin === true,
  });
}
