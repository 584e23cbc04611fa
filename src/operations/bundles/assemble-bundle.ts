/**
 * Assembles unsigned bundles and their signatures into bundles that clients accept, and keeps them in the authority.
 */
import type { NewEvent } from '../../authority/events/event.js';
import { applyChange } from '../../authority/store.js';
import { type BundleSignature, encodeBundle } from '../../bundle/bundle.js';
import type { AcceptedBundle } from '../../verify/accept-bundle.js';
import type { OperationContext } from '../context/operation-context.js';
import { withForgeries } from '../lifecycle/bundle-history.js';
import { acceptWhole, checkViews } from '../lifecycle/client-views.js';
import { signersOf, type UnsignedBundle } from './dry-run-bundle.js';
import type { MadeSignature } from './sign-bundle.js';

export interface ExportedBundle {
  readonly bundle: AcceptedBundle;
  /** Relative to the authority. */
  readonly file: string;
  /** In hex. */
  readonly signers: readonly string[];
}

export interface Assembly {
  readonly operation: 'bundle export' | 'bundle assemble';
  readonly unsigned: readonly UnsignedBundle[];
  readonly signatures: readonly MadeSignature[];
  readonly events: readonly NewEvent[];
  readonly repin: boolean;
}

/**
 * Assembles the bundles, accepts each as every client will, and keeps it. Errors: `clients-would-refuse`, and the codes
 * of accepting a bundle.
 */
export function assembleBundles(context: OperationContext, assembly: Assembly): readonly ExportedBundle[] {
  const { operation, unsigned, signatures, events, repin } = assembly;
  const made = unsigned.map((one) => {
    const own = signatures.filter((each) => each.unsigned === one).map(({ signature }) => signature);
    return finish(context, one, own, repin);
  });
  applyChange(context.authority, {
    operation,
    files: made.map(({ file, bundle }) => ({ path: file, bytes: bundle.encoded })),
    events,
    atSeconds: context.atSeconds,
    recordIn: context.recordIn,
  });
  return made;
}

/** Returns the signed bundle, verified by all engines, and accepted by every client that accepted the dry run. */
function finish(
  { authority, engines }: OperationContext,
  unsigned: UnsignedBundle,
  signatures: readonly BundleSignature[],
  repin: boolean,
): ExportedBundle {
  const { payload, listed, proposal, history, file } = unsigned;
  const { roots, settings } = authority;
  const encoded = encodeBundle(proposal.payloadBytes, signatures);
  const bundle = acceptWhole(encoded, { roots, engines, asDomain: settings.domain, atSeconds: payload.issuedAt });
  checkViews({ encoded, payload, listed, roots, history: withForgeries(authority, history), repin });
  return { bundle, file, signers: signersOf(unsigned).map(({ fingerprint }) => fingerprint) };
}
