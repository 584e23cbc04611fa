/** Judges bundles from another site as clients do: by what this site holds, and by nothing that came with them. */
import type { HeldRoot } from '../../authority/authority.js';
import { inAuthority } from '../../authority/ground/layout.js';
import { payloadHash } from '../../bundle/payload.js';
import { equalBytes, fromHex, toHex } from '../../common/bytes.js';
import { type Advice, CeremonyError, refused, usage } from '../../common/errors.js';
import { formatTime } from '../../common/time.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import { acceptBundle, type HeldTrust } from '../../verify/accept-bundle.js';
import type { OperationContext } from '../context/operation-context.js';
import { heldByClients, lastNotWithdrawn, type PastBundle } from '../lifecycle/bundle-history.js';
import { acceptWhole } from '../lifecycle/client-views.js';
import { notTogether, sitesDiffer } from './sites-differ.js';

/** Whom to trust, as a person says on the command line. */
export interface TrustOptions {
  /** Whole fingerprints, known from another source than the copy. */
  readonly trust: readonly Uint8Array[];
  /** How many of the pinned roots must have signed, if no bundle here says so, or none that counts. */
  readonly threshold?: number;
  /**
   * Whether to continue although clients that hold this site's newest bundle refuse it: only the roots of `trust`
   * count.
   */
  readonly repin: boolean;
}

export interface JudgedBundles {
  /** The bundles here and the offered ones, without the other site's marks, by sequence. */
  readonly together: readonly PastBundle[];
  /** Bundles that clients accept only if they pin again. */
  readonly repinned: readonly PastBundle[];
}

/**
 * Judges the bundles. `own` has been verified; `roots` are those here and those of the copy that are trusted. A bundle
 * that the copy marks as withdrawn is judged like the others, but the next one is not judged by it, since nobody holds
 * it. Errors: `sites-differ`, `untrusted`, `usage`.
 */
export function judgeBundles(
  context: OperationContext,
  own: readonly PastBundle[],
  offered: readonly PastBundle[],
  roots: readonly HeldRoot[],
  wanted: TrustOptions,
): JudgedBundles {
  const newest = own.at(-1)?.payload.sequence ?? 0;
  const known = new Set(roots.map(({ fingerprint }) => fingerprint));
  const repinned: PastBundle[] = [];
  let together = own;
  const add = (one: PastBundle): void => {
    checkRootsKnown(one, known);
    together = [...together, one].sort((a, b) => a.payload.sequence - b.payload.sequence);
  };
  const older = offered.filter(({ payload }) => payload.sequence < newest);
  for (const one of [...older].reverse()) {
    checkNamed(context, one, together, roots);
    add(one);
  }
  for (const one of offered.filter(({ payload }) => payload.sequence > newest)) {
    checkNumber(one, context);
    if (!accept(context, one, together, roots, wanted)) repinned.push(one);
    add(one);
  }
  const isOffered = (one: PastBundle): boolean => offered.includes(one);
  return { together: together.map((one) => (isOffered(one) ? { ...one, mark: undefined } : one)), repinned };
}

/** Checks that a bundle lists only roots that somebody here knows from another source. Error: `untrusted`. */
function checkRootsKnown({ file, payload }: PastBundle, known: ReadonlySet<string>): void {
  const stranger = payload.asCredentials.map((root) => toHex(fingerprintOf(root))).find((one) => !known.has(one));
  if (stranger !== undefined) throw newRoot(`${file} lists a root that is new here`, stranger);
}

/** Makes the error for an unknown root. Code: `untrusted`. */
export function newRoot(what: string, fingerprint: string): CeremonyError {
  return refused('untrusted', `${what}: ${fingerprint}`, {
    hint: 'Nothing was taken over. Compare the whole fingerprint with the paper of the ceremony that made this root, not with the copy; then name it.',
    remedies: [{ option: 'trust', value: fingerprint }],
  });
}

/**
 * Checks that a bundle leaves a number for the next one, which is higher but never above the clock, since clients would
 * refuse that. Error: `sites-differ`.
 */
function checkNumber({ file, payload: { sequence } }: PastBundle, { atSeconds }: OperationContext): void {
  if (sequence < atSeconds) return;
  throw sitesDiffer(
    `${file}: its number ${String(sequence)} is not below the time here, ${String(atSeconds)} (${formatTime(atSeconds)} in Unix seconds), so that no bundle could follow it`,
    undefined,
    {
      hint: 'Nothing was taken over. Check the clock; if it is right, no client accepts that bundle: find out at the other site whether a root is stolen.',
    },
  );
}

/** Checks a bundle that is older than those here: the bundle after it names its hash. Error: `sites-differ`. */
function checkNamed(
  context: OperationContext,
  one: PastBundle,
  together: readonly PastBundle[],
  roots: readonly HeldRoot[],
): void {
  // Numbers may have been passed over between the two.
  const hash = payloadHash(one.payloadBytes);
  const next = together.find(({ payload }) => payload.sequence > one.payload.sequence);
  if (next === undefined || next.payload.previous === null || !equalBytes(next.payload.previous, hash)) {
    throw sitesDiffer(`${one.file} is older than the newest bundle here, and none here follows from it`);
  }
  naming(context, one, undefined, () =>
    acceptWhole(one.encoded, {
      roots,
      engines: context.engines,
      asDomain: context.authority.settings.domain,
      atSeconds: one.payload.issuedAt,
    }),
  );
}

/**
 * Returns whether clients that hold the newest bundle here accept it; true for the very first, which is judged by pins.
 * Errors: `sites-differ`, `usage`.
 */
function accept(
  context: OperationContext,
  one: PastBundle,
  past: readonly PastBundle[],
  roots: readonly HeldRoot[],
  wanted: TrustOptions,
): boolean {
  const { authority, engines, atSeconds } = context;
  const { issuedAt } = one.payload;
  const by = (held: HeldTrust): unknown =>
    acceptBundle({
      bundle: one.encoded,
      held,
      known: roots.map(({ credential }) => credential),
      expectedDomain: authority.settings.domain,
      atSeconds: issuedAt,
      engines,
    });
  // For clients now, or when it begins: of a series, nobody holds what hasn't begun by then.
  const last = heldByClients(past, Math.max(atSeconds, issuedAt)).at(-1) ?? lastNotWithdrawn(past);
  const { trust, threshold, repin } = wanted;
  if (last === undefined) {
    const pins = [...ownPins(context), ...trust];
    naming(context, one, undefined, () => by({ pins, threshold }));
    return true;
  }
  try {
    by({ last: last.encoded });
    return true;
  } catch (error) {
    if (!repin || !(error instanceof CeremonyError)) naming(context, one, last, raise(error));
    if (trust.length === 0) {
      throw usage('clients must pin again, but no roots are named', {
        hint: 'Name them.',
        remedies: [{ option: 'trust' }],
      });
    }
    naming(context, one, undefined, () => by({ pins: trust, threshold }));
    return false;
  }
}

const raise = (error: unknown) => (): never => {
  throw error;
};

/** Returns the roots of this site except for those in reserve, which have signed nothing yet. */
function ownPins({ authority }: OperationContext): Uint8Array[] {
  return authority.roots
    .filter(({ fingerprint }) => !authority.reserves.has(fingerprint))
    .map(({ fingerprint }) => fromHex(fingerprint) ?? new Uint8Array());
}

/** Makes a refusal say which bundle it is about, and what can be done. Errors: `sites-differ`, `usage`. */
function naming(
  { authority }: OperationContext,
  one: PastBundle,
  last: PastBundle | undefined,
  judge: () => unknown,
): void {
  try {
    judge();
  } catch (error) {
    if (!(error instanceof CeremonyError) || error.code === 'engines-disagree' || error.kind === 'usage') throw error;
    const hint = 'Nothing was taken over. Clients that hold what this site holds would refuse it.';
    const advice: Advice =
      last === undefined || last.mark !== undefined
        ? { hint }
        : {
            hint: `${hint} If ${last.file} never went out and never will, put that on record here first.`,
            remedies: [{ command: 'bundle withdraw', args: [inAuthority(authority.dir, last.file)] }],
          };
    throw notTogether(`${one.file}: ${error.message}`, error, advice);
  }
}
