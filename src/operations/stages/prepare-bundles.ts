/**
 * The first stage of signing at several sites: what is to be signed, written down for those who sign it. Nothing is
 * signed here, and nothing changes.
 */
import { fromHex } from '../../common/bytes.js';
import { encodePrepared } from '../../bundle/prepared.js';
import { planBundles, seriesTerms, type PlannedBundle } from '../bundles/try-bundle.js';
import { previewOf } from '../bundles/bundle-preview.js';
import type { OperationContext } from '../context/operation-context.js';
import { checkHeldNow } from '../bundles/held-now.js';
import { verifiedHistory } from '../standing/bundle-history.js';
import type { BundleWish } from '../bundles/next-bundle.js';
import { checkRoots } from '../credentials/roots.js';

export interface PrepareWish extends BundleWish {
  readonly count: number;
  /** The first bundle's number, where it is to be higher than the next one. */
  readonly sequence?: number;
}

export interface Prepared {
  readonly bytes: Uint8Array;
  readonly planned: readonly PlannedBundle[];
}

/**
 * `out` is the file that the caller writes, for the preview. Errors: those of `checkHeldNow` and `planBundles`,
 * `declined`.
 */
export async function prepareBundles(context: OperationContext, wish: PrepareWish, out: string): Promise<Prepared> {
  const { authority, engines, atSeconds } = context;
  checkRoots(authority, engines);
  const history = verifiedHistory(authority, engines, atSeconds);
  const held = checkHeldNow(context, history, wish.last);
  const { sequence } = wish;
  const terms = seriesTerms(context, wish.count).map((one, i) =>
    sequence === undefined ? one : { ...one, sequence: sequence + i },
  );
  const planned = planBundles(context, wish, history, terms);
  await context.confirm({
    ...previewOf(context, planned, wish, held),
    changes: [`${out} is written`, 'nothing is signed yet: each of the roots signs it at its own site (bundle sign)'],
  });
  const prints = (names: readonly string[] = []): Uint8Array[] => names.map((one) => fromHex(one) ?? new Uint8Array());
  const bytes = encodePrepared({
    asDomain: authority.settings.domain,
    after: history.at(-1)?.payload.sequence ?? 0,
    retire: prints(wish.retire),
    lost: prints(wish.lost),
    list: prints(wish.list),
    repin: wish.repin === true,
    bundles: planned.map(({ proposal, departing }) => ({
      payloadBytes: proposal.payloadBytes,
      departing: departing.map(({ credential }) => credential),
    })),
  });
  return { bytes, planned };
}
