/** The bundles that are about to be signed: each checked in full, with stand-ins for its signatures, before any key is opened. */
import { addDuration, multiple } from '../common/time.js';
import { bundleSignature, decodeBundle, encodeBundle, signatureProtected, sigStructure } from '../bundle/bundle.js';
import { encodeBundlePayload } from '../bundle/payload.js';
import type { AsCredential } from '../credential/as-credential.js';
import { fingerprintOf } from '../credential/fingerprint.js';
import { checkPolicy, type Checked } from '../policy/index.js';
import type { BundleProposal } from '../policy/rule.js';
import { checkContents } from '../verify/bundle-contents.js';
import { checkViews } from './bundle-views.js';
import { policyContext, type Desk } from './desk.js';
import type { PastBundle } from './history.js';
import { nextBundle, type BundleWish, type HeldRoot, type NextBundle } from './next-bundle.js';
import { trialSignature } from './trial.js';

export interface PlannedBundle extends NextBundle {
  readonly proposal: Checked<BundleProposal>;
  /** What clients may hold when this one is out: those on disk, and those planned before it. */
  readonly history: readonly PastBundle[];
  /** Relative to the authority. */
  readonly file: string;
}

/** Those who sign, each once. */
export function signersOf({ listed, departing }: NextBundle): readonly HeldRoot[] {
  return [...listed, ...departing];
}

/** What a root signs of a payload. */
export function contentFor(root: AsCredential, payloadBytes: Uint8Array): Uint8Array {
  return sigStructure(signatureProtected(fingerprintOf(root), root.payload.ciphersuite.scheme), payloadBytes);
}

export function bundleFile(sequence: number): string {
  return `bundles/bundle-${String(sequence).padStart(6, '0')}.cose`;
}

/** `count` bundles, the first issued now, each `every` after the one before. Errors: those of `nextBundle`, the rules, the format, and `clients-would-refuse`. */
export function planBundles(
  desk: Desk,
  wish: BundleWish,
  history: readonly PastBundle[],
  count: number,
): readonly PlannedBundle[] {
  const planned: PlannedBundle[] = [];
  let past = history;
  for (let i = 0; i < count; i++) {
    const one = planBundle(
      desk,
      wish,
      past,
      addDuration(desk.atSeconds, multiple(desk.authority.settings.bundleEvery, i)),
    );
    planned.push(one.plan);
    past = [...past, one.trial];
  }
  return planned;
}

function planBundle(
  desk: Desk,
  wish: BundleWish,
  history: readonly PastBundle[],
  issuedAt: number,
): { readonly plan: PlannedBundle; readonly trial: PastBundle } {
  const { authority, atSeconds } = desk;
  const next = nextBundle(authority, wish, history, { atSeconds, issuedAt });
  const { payload, listed } = next;
  const proposal = propose(desk, next);
  const { payloadBytes } = proposal;
  const file = bundleFile(payload.sequence);
  // The whole bundle once with throw-away keys: form, size, every credential in it, and whether clients would take it.
  const encoded = encodeBundle(
    payloadBytes,
    signersOf(next).map(({ credential }) => {
      const { scheme } = credential.payload.ciphersuite;
      const signature = trialSignature(scheme, contentFor(credential, payloadBytes), desk);
      return bundleSignature(fingerprintOf(credential), scheme, signature);
    }),
  );
  checkContents(decodeBundle(encoded), desk.engines);
  checkViews({ encoded, payload, listed, roots: authority.roots, history, repin: wish.repin === true });
  return {
    plan: { ...next, proposal, history, file },
    trial: { file, payload, payloadBytes, encoded, mark: undefined },
  };
}

function propose(desk: Desk, { payload, listed, departing }: NextBundle): Checked<BundleProposal> {
  const { asDomain, issuedAt, expiresAt } = payload;
  const terms = {
    act: 'sign-bundle' as const,
    asDomain,
    issuedAt,
    expiresAt,
    signers: listed.map(({ credential }) => credential),
    departing: departing.map(({ credential }) => credential),
  };
  const context = policyContext(desk);
  // The encoder refuses what the format forbids; the rules, which know more and say it better, come first.
  checkPolicy({ ...terms, payloadBytes: new Uint8Array() }, context);
  return checkPolicy({ ...terms, payloadBytes: encodeBundlePayload(payload) }, context);
}
