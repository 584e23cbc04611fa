/**
 * The first stage of signing at several sites: writes down what is to be signed. Nothing is signed here, and nothing
 * changes.
 */
import { encodePrepared } from '../../bundle/prepared.js';
import { fromHex } from '../../common/bytes.js';
import { previewOf } from '../bundles/bundle-preview.js';
import { composeBundles, seriesTerms, type UnsignedBundle } from '../bundles/dry-run-bundle.js';
import { checkHeldNow } from '../bundles/held-now.js';
import type { BundleOptions } from '../bundles/next-bundle.js';
import type { OperationContext } from '../context/operation-context.js';
import { checkRoots } from '../credentials/roots.js';
import { verifiedHistory } from '../lifecycle/bundle-history.js';

export interface PrepareOptions extends BundleOptions {
  readonly count: number;
  /** The first bundle's number, if it must be higher than the next one. */
  readonly sequence?: number;
}

export interface Prepared {
  readonly bytes: Uint8Array;
  readonly unsigned: readonly UnsignedBundle[];
}

/**
 * Prepares the bundles. `out` is the file that the caller writes, for the preview. Errors: those of `checkHeldNow` and
 * `composeBundles`, `declined`.
 */
export async function prepareBundles(
  context: OperationContext,
  wanted: PrepareOptions,
  out: string,
): Promise<Prepared> {
  const { authority, engines, atSeconds } = context;
  checkRoots(authority, engines);
  const history = verifiedHistory(authority, engines, atSeconds);
  const held = checkHeldNow(context, history, wanted.last);
  const { sequence } = wanted;
  const terms = seriesTerms(context, wanted.count).map((one, i) =>
    sequence === undefined ? one : { ...one, sequence: sequence + i },
  );
  const unsigned = composeBundles(context, wanted, history, terms);
  await context.confirm({
    ...previewOf(context, unsigned, wanted, held),
    changes: [`${out} is written`, 'nothing is signed yet: each of the roots signs it at its own site'],
  });
  const prints = (names: readonly string[] = []): Uint8Array[] => names.map((one) => fromHex(one) ?? new Uint8Array());
  const bytes = encodePrepared({
    asDomain: authority.settings.domain,
    after: history.at(-1)?.payload.sequence ?? 0,
    retire: prints(wanted.retire),
    lost: prints(wanted.lost),
    list: prints(wanted.list),
    repin: wanted.repin === true,
    bundles: unsigned.map(({ proposal, departing }) => ({
      payloadBytes: proposal.payloadBytes,
      departing: departing.map(({ credential }) => credential),
    })),
  });
  return { bytes, unsigned };
}
