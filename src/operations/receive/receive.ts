/**
 * Brings this copy of an authority up to date from the copy of another site. Whoever carries the copy can change it, so
 * nothing that comes with it vouches for it. Bundles are judged by what is held here, roots by fingerprints that a
 * person knows, intermediates by their root's signature, and plain records by the head of the other site's transcripts,
 * which is on paper or signed by witnesses.
 */
import { type Authority, openAuthority } from '../../authority/authority.js';
import { reservePath } from '../../authority/formats/small-files.js';
import { withScratchCopy } from '../../authority/scratch-copy.js';
import { applyChange, type Change } from '../../authority/store.js';
import { toHex } from '../../common/bytes.js';
import { CeremonyError, refused, retold } from '../../common/errors.js';
import { type Remark, remediesOf, textOf } from '../../common/remedy.js';
import { checkNesting, checkSelfSignature, checkSignature } from '../../credential/checks.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import type { VerificationEngine } from '../../crypto/engine.js';
import type { OperationContext } from '../context/operation-context.js';
import { checkRoots } from '../credentials/roots.js';
import { lastNotWithdrawn, verifiedHistory } from '../lifecycle/bundle-history.js';
import { commitmentTo } from '../lifecycle/reserve.js';
import { judgeBundles, type JudgedBundles, newRoot, type TrustOptions } from './judge-bundles.js';
import { checkKeysOnce } from './keys-once.js';
import { type Offer, offeredBytes, offerOf } from './offer.js';
import { saidOf } from './said.js';
import { notTogether } from './sites-differ.js';

export interface ReceiveOptions extends TrustOptions {
  /** The folder that `from` is a copy of, for people. */
  readonly name: string;
  /** Returns, in words, who vouches for this head of the other site's record, and throws if nobody does. */
  readonly vouch: (head: string) => Promise<string>;
}

export interface Received {
  /** Relative to the authority. */
  readonly files: readonly string[];
  /** What was not taken over, one sentence each. */
  readonly left: readonly Remark[];
}

/**
 * Takes over credentials, revocations and bundles. Where keys are, which were destroyed, and which bundles were
 * published remains each site's own business; settings and allowed_signers belong to the operator. `from` was opened in
 * a copy that nobody else can write, and its own transcripts name every file of it. Errors: `domain-mismatch`,
 * `nothing-new`, `sites-differ`, `untrusted`, `usage`, `declined`, and those of `vouch`.
 */
export async function receive(context: OperationContext, from: Authority, wanted: ReceiveOptions): Promise<Received> {
  const { authority, atSeconds, recordIn, engines } = context;
  const { head } = from.transcripts;
  if (from.settings.domain !== authority.settings.domain) {
    throw refused(
      'domain-mismatch',
      `${wanted.name} is of ${from.settings.domain}, and this one of ${authority.settings.domain}`,
      { hint: 'Name the copy of another site of the same authority.' },
    );
  }
  const all = offerOf(authority, from);
  const own = verifiedHistory(authority, engines, atSeconds);
  checkNewRoots(all, wanted);
  const judged = judgeBundles(context, own, all.bundles, [...authority.roots, ...all.roots], wanted);
  const offer = withReservesOf(all, judged);
  const paths = pathsOf(offer);
  if (paths.length === 0) {
    throw refused('nothing-new', `${wanted.name} holds nothing that is not here`, {
      hint: [
        offer.marksDiffer.length === 0 ? 'Nothing is left to do.' : 'The records differ all the same.',
        ...offer.marksDiffer,
        ...offer.left.map((one) => `Not taken over: ${textOf(one)}.`),
      ].join(' '),
      remedies: offer.left.flatMap(remediesOf),
    });
  }
  const change: Change = {
    operation: 'ledger receive',
    files: paths.map((path) => ({ path, bytes: offeredBytes(from, offer, path) })),
    events: [{ event: 'received', fields: { head } }],
    atSeconds,
    recordIn,
  };
  await checkTogether(context, change);
  const vouched = await wanted.vouch(head);
  const { rows, warnings, words, typed } = saidOf(authority, offer, judged, atSeconds);
  await context.confirm({
    title: 'What another site made',
    rows: [['from', wanted.name], ['head of its record', head], ['vouched for', vouched], ...rows],
    changes: paths.map((path) => `${path} is written`),
    warnings: [...warnings, 'The next bundle lists these credentials and revocations, and nothing is ever unrevoked.'],
    ...(words === undefined ? {} : { words, typed }),
  });
  const trusted = offer.roots.map(({ fingerprint }) => fingerprint);
  const repinned = judged.repinned.map(({ payload }) => payload.sequence);
  const fields = {
    head,
    vouched,
    ...(trusted.length > 0 ? { trusted } : {}),
    ...(repinned.length > 0 ? { repinned } : {}),
  };
  applyChange(authority, { ...change, events: [{ event: 'received', fields }] });
  return { files: paths, left: offer.left };
}

/** Checks that every new root is trusted. Error: `untrusted`. */
function checkNewRoots({ roots }: Offer, { trust }: TrustOptions): void {
  const trusted = new Set(trust.map(toHex));
  const stranger = roots.find(({ fingerprint }) => !trusted.has(fingerprint));
  if (stranger !== undefined) throw newRoot(`${stranger.file} is a root that is new here`, stranger.fingerprint);
}

/**
 * Takes over the mark of reserve together with a new root. For a root that is already here, the mark counts if clients
 * are committed to it and no bundle lists it: otherwise whoever carries a copy could keep one of our roots out of the
 * next bundle.
 */
function withReservesOf(offer: Offer, { together }: JudgedBundles): Offer {
  const committed = new Set(lastNotWithdrawn(together)?.payload.nextRoots.map(toHex));
  const listed = new Set(
    together.flatMap(({ payload }) => payload.asCredentials.map((one) => toHex(fingerprintOf(one)))),
  );
  const isTaken = (root: Offer['reserves'][number]): boolean =>
    offer.roots.includes(root) ||
    (committed.has(toHex(commitmentTo(root.credential))) && !listed.has(root.fingerprint));
  const left = offer.reserves.filter((root) => !isTaken(root)).map(({ file }) => reservePath(file));
  return {
    ...offer,
    reserves: offer.reserves.filter(isTaken),
    left: [...offer.left, ...left.map((path) => `${path}: no bundle commits to that root, or one lists it`)],
  };
}

function pathsOf({ roots, reserves, intermediates, revocations, bundles }: Offer): string[] {
  const files = [...roots, ...intermediates, ...revocations, ...bundles].map(({ file }) => file);
  return [...files, ...reserves.map(({ file }) => reservePath(file))].sort();
}

/** Opens and verifies what the two sites hold together, in a copy. Error: `sites-differ`. */
async function checkTogether({ authority, engines, atSeconds }: OperationContext, change: Change): Promise<void> {
  await withScratchCopy(authority.dir, async (copy) => {
    applyChange(await openAuthority(copy), change);
    try {
      const together = await openAuthority(copy);
      checkRoots(together, engines);
      checkIntermediates(together, engines);
      checkKeysOnce(together, authority, atSeconds);
      verifiedHistory(together, engines, atSeconds);
    } catch (error) {
      if (!(error instanceof CeremonyError) || error.code === 'engines-disagree') throw error;
      const what = error.message.replaceAll(`${copy}/`, '');
      throw error.code === 'sites-differ' ? retold(error, what) : notTogether(what, error);
    }
  });
}

/** Checks the intermediates whose root is here; no bundle lists any other. Errors: the wire format's codes. */
function checkIntermediates({ roots, intermediates }: Authority, engines: readonly VerificationEngine[]): void {
  for (const { credential } of intermediates) {
    const signer = toHex(credential.payload.signerFingerprint);
    const root = roots.find(({ fingerprint }) => fingerprint === signer)?.credential;
    if (root === undefined) continue;
    checkSelfSignature(credential, engines);
    checkSignature(credential, root, engines);
    checkNesting(credential, root);
  }
}
