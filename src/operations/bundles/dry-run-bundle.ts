/** Checks bundles in full, with stand-ins for their signatures, before any key is opened. */
import type { HeldRoot } from '../../authority/authority.js';
import { bundleSignature, decodeBundle, encodeBundle, signatureProtected, sigStructure } from '../../bundle/bundle.js';
import { encodeBundlePayload } from '../../bundle/payload.js';
import { MAX_SERIES } from '../../bundle/prepared.js';
import { toHex } from '../../common/bytes.js';
import { usage } from '../../common/errors.js';
import { addDuration, multiple } from '../../common/time.js';
import type { AsCredential } from '../../credential/as-credential.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import { askedOnce } from '../../crypto/asked-once.js';
import { type Checked, checkPolicy } from '../../policy/all-rules.js';
import type { BundleProposal } from '../../policy/rule.js';
import { checkContents } from '../../verify/bundle-contents.js';
import { type OperationContext, policyContext } from '../context/operation-context.js';
import { lastNotWithdrawn, type PastBundle, withForgeries } from '../lifecycle/bundle-history.js';
import { checkViews } from '../lifecycle/client-views.js';
import { commitmentTo } from '../lifecycle/reserve.js';
import { dryRunSignature } from '../signing/dry-run-signature.js';
import { type BundleOptions, type NextBundle, nextBundle } from './next-bundle.js';

export interface UnsignedBundle extends NextBundle {
  readonly proposal: Checked<BundleProposal>;
  /** What clients may hold when this one is published: the bundles on disk, and the unsigned ones before it. */
  readonly history: readonly PastBundle[];
  /** Relative to the authority. */
  readonly file: string;
  /** Clients, in words, that accept it only with the files of its departing roots. */
  readonly needFiles: readonly string[];
}

/** Returns the roots that sign, each once. */
export function signersOf({ listed, departing }: NextBundle): readonly HeldRoot[] {
  return [...listed, ...departing];
}

/** Returns what a root signs for a payload. */
export function contentFor(root: AsCredential, payloadBytes: Uint8Array): Uint8Array {
  return sigStructure(signatureProtected(fingerprintOf(root), root.payload.ciphersuite.scheme), payloadBytes);
}

export function bundleFile(sequence: number): string {
  return `bundles/bundle-${String(sequence).padStart(6, '0')}.cose`;
}

/** When a bundle is issued. Anything not given follows from the options, and from the bundles before it. */
export interface BundleTerms {
  readonly issuedAt: number;
  readonly expiresAt?: number;
  readonly sequence?: number;
}

/**
 * Returns the terms of `count` bundles, the first issued now, each `bundle_every` after the one before. Error: `usage`.
 */
export function seriesTerms({ authority, atSeconds }: OperationContext, count: number): readonly BundleTerms[] {
  if (count < 1 || count > MAX_SERIES)
    throw usage(`a series has 1 to ${String(MAX_SERIES)} bundles, not ${String(count)}`);
  return Array.from({ length: count }, (_, i) => ({
    issuedAt: addDuration(atSeconds, multiple(authority.settings.bundleEvery, i)),
  }));
}

/**
 * Returns the next bundles of the authority, unsigned. Errors: those of `nextBundle`, the rules, the format, and
 * `clients-would-refuse`.
 */
export function composeBundles(
  context: OperationContext,
  wanted: BundleOptions,
  history: readonly PastBundle[],
  terms: readonly BundleTerms[],
): readonly UnsignedBundle[] {
  const atSeconds = terms[0]?.issuedAt ?? context.atSeconds;
  return dryRunInTurn(
    context,
    history,
    { roots: context.authority.roots, repin: wanted.repin === true },
    terms,
    (one, past) => nextBundle(context.authority, wanted, past, { ...one, atSeconds }),
  );
}

/** Returns bundles that follow from each other. Each goes through its dry run before the next is made. */
export function dryRunInTurn<T>(
  context: OperationContext,
  history: readonly PastBundle[],
  means: DryRunMeans,
  each: readonly T[],
  next: (one: T, past: readonly PastBundle[]) => NextBundle,
): readonly UnsignedBundle[] {
  const unsigned: UnsignedBundle[] = [];
  const trying = { ...context, engines: askedOnce(context.engines) };
  let past = history;
  for (const one of each) {
    const { bundle, dryRun } = dryRunBundle(trying, next(one, past), past, means);
    unsigned.push(bundle);
    past = [...past, dryRun];
  }
  return unsigned;
}

export interface DryRunMeans {
  /** Roots whose files clients may have. */
  readonly roots: readonly HeldRoot[];
  readonly repin: boolean;
}

/**
 * Makes the whole bundle once with throw-away keys, and checks its form, its size, every credential in it, and whether
 * clients would accept it.
 */
function dryRunBundle(
  context: OperationContext,
  next: NextBundle,
  history: readonly PastBundle[],
  { roots, repin }: DryRunMeans,
): { readonly bundle: UnsignedBundle; readonly dryRun: PastBundle } {
  const { payload, listed } = next;
  const proposal = propose(context, next);
  const { payloadBytes } = proposal;
  const file = bundleFile(payload.sequence);
  const encoded = encodeBundle(
    payloadBytes,
    signersOf(next).map(({ credential }) => {
      const { scheme } = credential.payload.ciphersuite;
      const signature = dryRunSignature(scheme, contentFor(credential, payloadBytes), context);
      return bundleSignature(fingerprintOf(credential), scheme, signature);
    }),
  );
  checkContents(decodeBundle(encoded), context.engines);
  const views = withForgeries(context.authority, history);
  const base = new Set(lastNotWithdrawn(history)?.payload.nextRoots.map(toHex));
  const committed = next.reserve.find(({ credential }) => base.has(toHex(commitmentTo(credential))));
  const needFiles = checkViews({ encoded, payload, listed, roots, history: views, repin, committed });
  return {
    bundle: { ...next, proposal, history, file, needFiles },
    dryRun: { file, payload, payloadBytes, encoded, mark: undefined },
  };
}

function propose(context: OperationContext, { payload, listed, departing }: NextBundle): Checked<BundleProposal> {
  const { asDomain, issuedAt, expiresAt } = payload;
  const terms = {
    act: 'sign-bundle' as const,
    asDomain,
    issuedAt,
    expiresAt,
    signers: listed.map(({ credential }) => credential),
    departing: departing.map(({ credential }) => credential),
  };
  const policy = policyContext(context);
  // The encoder refuses what the format forbids. The rules, which know more and explain it better, come first.
  checkPolicy({ ...terms, payloadBytes: new Uint8Array() }, policy);
  return checkPolicy({ ...terms, payloadBytes: encodeBundlePayload(payload) }, policy);
}
