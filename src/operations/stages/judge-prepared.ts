/**
 * Judges a prepared file at one of its sites: it makes the same bundles again from the site's own copy of the
 * authority, and names every difference.
 */
import type { Authority, HeldRoot } from '../../authority/authority.js';
import { type BundlePayload, encodeBundlePayload, type Revocation } from '../../bundle/payload.js';
import {
  type PreparedBundle,
  type PreparedBundles,
  type PreparedForm,
  preparedForm,
  preparedIn,
} from '../../bundle/prepared.js';
import { equalBytes, toHex } from '../../common/bytes.js';
import { type Finding, refused, usage } from '../../common/errors.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import { payloadOf } from '../../verify/bundle-trust.js';
import { type BundleChange, bundleChanges, type ChangeKind } from '../../verify/compare-bundles.js';
import { dryRunInTurn, signersOf, type UnsignedBundle } from '../bundles/dry-run-bundle.js';
import { type BundleOptions, type NextBundle, nextBundle } from '../bundles/next-bundle.js';
import type { OperationContext } from '../context/operation-context.js';
import { lastNotWithdrawn, type PastBundle, withForgeries } from '../lifecycle/bundle-history.js';
import { checkClock, checkDate, checkFollows } from './prepared-stale.js';
import { trustChangesIn } from './trust-changes.js';

export interface Judged {
  readonly prepared: PreparedBundles;
  readonly unsigned: readonly UnsignedBundle[];
  readonly wanted: BundleOptions;
  /** What this copy would do differently, which does not stop the bundle from being assembled. */
  readonly remarks: readonly string[];
  /**
   * Words for what the file asks for, if this copy would not do so by itself and it changes whom clients trust. The
   * file may come from a courier.
   */
  readonly trustChanges: readonly string[];
}

/**
 * Judges a prepared file by this folder's copy of the authority, at the time for which it was prepared, with policy and
 * clients' views as at any signing. `strict` is for a root that is about to sign: then every difference is refused.
 * Otherwise, what was issued here since is a remark. Errors: `prepared-malformed`, `domain-mismatch`, `prepared-stale`,
 * `prepared-differs`, and those of planning.
 */
export function judgePrepared(
  context: OperationContext,
  bytes: Uint8Array,
  history: readonly PastBundle[],
  { strict }: { readonly strict: boolean },
): Judged {
  const { authority } = context;
  const form = checkedDomain(preparedForm(bytes), authority);
  checkFollows(authority, form, history);
  checkClock(form, context);
  checkDate(form, context, withForgeries(authority, history));
  const prepared = preparedIn(form);
  const wanted = optionsIn(prepared);
  const atSeconds = prepared.bundles[0]?.payload.issuedAt ?? context.atSeconds;
  const remarks = new Set<string>();
  const trustChanges = new Set<string>();
  const means = { roots: authority.roots, repin: prepared.repin };
  const unsigned = dryRunInTurn(context, history, means, prepared.bundles, (one, past) => {
    const { sequence, issuedAt, expiresAt } = one.payload;
    const own = nextBundle(authority, wanted, past, { atSeconds, issuedAt, expiresAt, sequence });
    const theirs = asPrepared(authority, one, own);
    for (const { text } of differences(own, theirs, strict)) remarks.add(text);
    for (const one of trustChangesIn(prepared, own.payload, theirs.payload)) trustChanges.add(one);
    return theirs;
  });
  return { prepared, unsigned, wanted, remarks: [...remarks], trustChanges: [...trustChanges] };
}

/**
 * The same for a folder that holds nothing of the authority: nothing can be compared, and `last` is what clients hold,
 * judged by whoever signs here. Errors: as above.
 */
export function judgeAlone(
  context: OperationContext,
  bytes: Uint8Array,
  {
    given,
    judged,
  }: { readonly given: number; readonly judged: (signers: readonly HeldRoot[]) => readonly PastBundle[] },
): Judged {
  const form = checkedDomain(preparedForm(bytes), context.authority);
  if (form.after > 0 && given === 0) {
    throw usage('this folder holds no bundle, and the prepared one follows from one', {
      hint: `Copy the public part of the authority here; or give bundle ${String(form.after)}, as it was published.`,
      remedies: [{ option: 'last' }],
    });
  }
  checkClock(form, context);
  const prepared = preparedIn(form);
  checkRevokedHere(context.authority, prepared);
  const bundles = prepared.bundles.map((one) => asPrepared(context.authority, one, undefined));
  const roots = bundles.flatMap(signersOf);
  const last = judged(roots);
  checkFollows(context.authority, form, last);
  checkDate(form, context, last);
  const unsigned = dryRunInTurn(context, last, { roots, repin: prepared.repin }, bundles, (one) => one);
  // Nothing is known here about a first bundle, so the file chose all of it.
  const base = lastNotWithdrawn(last)?.payload ?? { asCredentials: [], threshold: 1, nextRoots: [] };
  const trustChanges = new Set(bundles.flatMap(({ payload }) => trustChangesIn(prepared, base, payload)));
  return { prepared, unsigned, wanted: optionsIn(prepared), remarks: [], trustChanges: [...trustChanges] };
}

/** What was revoked in this folder, every bundle revokes. Error: `prepared-differs`. */
function checkRevokedHere({ revocations }: Authority, { bundles }: PreparedBundles): void {
  for (const { payload } of bundles) {
    const revoked = new Set(payload.revokedCerts.map(({ fingerprint }) => toHex(fingerprint)));
    const missing = revocations.find(({ fingerprint }) => !revoked.has(toHex(fingerprint)));
    if (missing === undefined) continue;
    throw refused(
      'prepared-differs',
      `the prepared bundle ${String(payload.sequence)} does not revoke a credential that is revoked here: ${toHex(missing.fingerprint)}`,
      { hint: 'Have it revoked at the site that prepares, and prepared again.' },
    );
  }
}

function checkedDomain(prepared: PreparedForm, { settings }: Authority): PreparedForm {
  if (prepared.asDomain === settings.domain) return prepared;
  throw refused(
    'domain-mismatch',
    `the prepared bundle is for ${prepared.asDomain}, and this authority is ${settings.domain}`,
    { hint: 'Sign it in the folder of its own authority.', remedies: [{ option: 'dir' }] },
  );
}

function optionsIn({ retire, lost, list, repin }: PreparedBundles): BundleOptions {
  return { retire: retire.map(toHex), lost: lost.map(toHex), list: list.map(toHex), repin };
}

/**
 * Returns their payload, with the roots as this authority holds them. Threshold and commitments are choices, which the
 * preview shows.
 */
function asPrepared(
  { roots }: Authority,
  { payload, departing }: PreparedBundle,
  own: NextBundle | undefined,
): NextBundle {
  const theirs = payloadOf({ payload });
  const held = (credential: HeldRoot['credential']): HeldRoot => {
    const fingerprint = toHex(fingerprintOf(credential));
    const found = roots.find((root) => root.fingerprint === fingerprint);
    return found ?? { credential, fingerprint, number: 0, file: `root ${fingerprint.slice(0, 16)}` };
  };
  return {
    payload: theirs,
    listed: theirs.asCredentials.map(held).sort((a, b) => a.number - b.number),
    departing: departing.map(held).sort((a, b) => a.number - b.number),
    reserve: own?.reserve ?? [],
  };
}

/** Whoever carries the file can put thousands of things into it; the message says how many there are. */
const MOST_FINDINGS = 32;

/** Something that is only in this copy does no harm once the others have signed; it comes with the next bundle. */
const HARMLESS: readonly ChangeKind[] = ['intermediate-removed'];

/**
 * Throws if the file proposes something other than what would be signed here. Returns harmless differences. Error:
 * `prepared-differs`.
 */
function differences(own: NextBundle, theirs: NextBundle, strict: boolean): readonly BundleChange[] {
  const { threshold, nextRoots } = theirs.payload;
  const revokedCerts = own.payload.revokedCerts.map((one) => agreed(one, theirs.payload));
  const withTheirs: BundlePayload = { ...own.payload, threshold, nextRoots, revokedCerts };
  const prints = (next: NextBundle): string[] => signersOf(next).map(({ fingerprint }) => fingerprint);
  const found = bundleChanges(
    { payload: withTheirs, signers: prints(own) },
    { payload: theirs.payload, signers: prints(theirs) },
  );
  const harmless = strict ? [] : found.filter(({ kind }) => HARMLESS.includes(kind));
  const refusedFor = found.filter((one) => !harmless.includes(one)).map(inWords);
  if (found.length === 0 && !sameBytes(withTheirs, theirs.payload))
    refusedFor.push(
      'a revocation for key-compromise has another reason in it: have it prepared at the site that says key-compromise',
    );
  const [first, ...others] = refusedFor;
  if (first === undefined) return harmless.map((one) => ({ ...one, text: inWords(one) }));
  const more = others.length === 0 ? '' : ` (and ${String(others.length)} more)`;
  throw refused(
    'prepared-differs',
    `the prepared bundle ${String(theirs.payload.sequence)} is not what this copy would sign: ${first}${more}`,
    {
      findings: refusedFor
        .slice(0, MOST_FINDINGS)
        .map((message): Finding => ({ rule: 'prepared', code: 'prepared-differs', message })),
      hint: 'Where this copy is right, have it prepared again; where it is behind, bring it up to date, and look at what is new.',
      remedies: [{ command: 'ledger receive', args: ['COPY-OF-THE-OTHER-SITE'] }],
    },
  );
}

/**
 * Returns the revocation to use if both sites revoke a credential, each in its own words: theirs, unless they
 * understate a compromised key, which also revokes every other credential that has it.
 */
function agreed(own: Revocation, { revokedCerts }: BundlePayload): Revocation {
  const theirs = revokedCerts.find(({ fingerprint }) => equalBytes(fingerprint, own.fingerprint));
  if (theirs === undefined || (own.reason === 'key-compromise' && theirs.reason !== own.reason)) return own;
  return theirs;
}

function sameBytes(a: BundlePayload, b: BundlePayload): boolean {
  return equalBytes(encodeBundlePayload(a), encodeBundlePayload(b));
}

const WORDS: Partial<Record<ChangeKind, string>> = {
  'root-added': 'it lists a root that this copy would not list',
  'root-removed': 'it does not list a root that this copy would list',
  'intermediate-added': 'it lists an intermediate that this copy would not list',
  'intermediate-removed': 'it does not list an intermediate that this copy would list',
  revoked: 'it revokes a credential that is not revoked here',
  unrevoked: 'it does not revoke a credential that is revoked here',
  'signer-added': 'it asks a root to sign that this copy would not',
  'signer-removed': 'it does not ask a root to sign that this copy would',
};

/** Returns a difference from what this copy would sign; `bundleChanges` words it as a change over time. */
function inWords({ kind, text, fingerprint }: BundleChange): string {
  const words = WORDS[kind];
  return words === undefined || fingerprint === undefined ? text : `${words}: ${fingerprint}`;
}
