/**
 * What taking over from another site means, for people: by name, and in words to type if roots, threshold or
 * commitments change.
 */
import type { Authority } from '../../authority/authority.js';
import type { AnyHeld } from '../../authority/find-credential.js';
import { decodeBundle } from '../../bundle/bundle.js';
import { equalBytes, toHex } from '../../common/bytes.js';
import { type Remark, remark, remediesOf, textOf } from '../../common/remedy.js';
import { clampedSum, formatTime } from '../../common/time.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import { ciphersuiteName } from '../../crypto/ciphersuite.js';
import { hash } from '../../crypto/hash.js';
import { bundleChanges, type BundleSides, type ChangeKind } from '../../verify/compare-bundles.js';
import { jumpWords } from '../bundles/numbers-said.js';
import { fewOfEach } from '../context/few-rows.js';
import { revokedFingerprints, type Row } from '../context/operation-context.js';
import { fallenBy, lossesOf, NOTHING_LEFT } from '../credentials/revoke-credential.js';
import { forgeriesOf, lastNotWithdrawn, type PastBundle } from '../lifecycle/bundle-history.js';
import type { JudgedBundles } from './judge-bundles.js';
import type { Offer } from './offer.js';

export interface Said {
  readonly rows: readonly Row[];
  readonly warnings: readonly Remark[];
  /** To be typed; undefined if whom clients trust does not change. */
  readonly words: string | undefined;
  /**
   * Whether roots, threshold or commitments change, or numbers are used up, so that a person who saw it must type the
   * words.
   */
  readonly typed: boolean;
}

/** What a change means for clients that hold the bundle with it. */
const MEANS: Partial<Record<ChangeKind, string>> = {
  'root-removed': 'clients accept nothing that it signs any longer',
  threshold: 'clients accept the next bundle only with that many signatures',
  'next-root-added': 'whoever has this key can help to change the roots',
  'next-root-removed': 'whoever has this key can no longer change the roots',
};

export function saidOf(authority: Authority, offer: Offer, judged: JudgedBundles, atSeconds: number): Said {
  const name = naming(authority, offer);
  const own = judged.together.filter(({ file }) => !isOffered(offer, file));
  const before = lastNotWithdrawn(own);
  const after = lastNotWithdrawn(judged.together);
  // A mark of withdrawal is a plain file, so what it undoes in the newest bundle here is shown as well.
  const bases = [...new Set([before, own.at(-1)])];
  const changes = bases.flatMap((base) =>
    base === undefined || after === undefined
      ? []
      : bundleChanges(sides(base), sides(after)).map((one) => ({ ...one, since: base.file })),
  );
  const shown = changes.filter(({ kind }) => !['sequence', 'times', 'signer-added', 'signer-removed'].includes(kind));
  const gone = newlyRevoked(authority, offer, judged);
  const roots = gone.filter(({ held }) => held?.credential.kind === 'as_credential');
  const ended = changes.filter(({ kind }) => kind === 'root-removed');
  const losses = lossesOf(authority, fallenBy(authority, gone), atSeconds);
  const jump = after && jumpWords(after.payload.sequence, before?.payload.sequence);
  const disputed = disputedIn(authority, offer);
  const long = offer.intermediates.filter((one) => isTooLong(authority, one));
  const foreign = offer.intermediates.filter((one) => !isAllowed(authority, one));
  const parts = [
    ...(losses.length > 0 ? [NOTHING_LEFT] : roots.length + ended.length > 0 ? ['a root of ours ends'] : []),
    ...(changes.some(({ kind }) => kind === 'threshold') ? ['the threshold changes'] : []),
    ...(changes.some(({ kind }) => kind.startsWith('next-root')) ? ['the commitments change'] : []),
    ...(judged.repinned.length > 0 ? ['clients pin again'] : []),
    ...(jump === undefined ? [] : [jump]),
    ...(disputed.length > 0 ? ["a bundle that is on record here as somebody else's"] : []),
    ...(offer.marksDiffer.length > 0 ? ['one bundle has two records'] : []),
    ...(long.length > 0 ? ['a validity beyond our maxima'] : []),
    ...(foreign.length > 0 ? ['a ciphersuite that we do not allow'] : []),
  ];
  return {
    rows: [
      ...offeredRows(offer, name),
      ...[...new Set(shown.map(({ since }) => since))].flatMap((file) =>
        fewOfEach(
          shown.filter(({ since }) => since === file),
          ({ kind, text, fingerprint }) => {
            const named = fingerprint === undefined ? text : text.replace(fingerprint, name(fingerprint));
            const means = MEANS[kind];
            return means === undefined ? named : `${named}: ${means}`;
          },
        ).map((text): Row => [`since ${file}`, text]),
      ),
    ],
    warnings: [
      ...losses,
      ...roots.map(({ held }) => `${held?.file ?? ''} is a root of this site, and it is revoked there, for good.`),
      ...judged.repinned.map(
        ({ file }) => `Clients that hold the newest bundle here refuse ${file}: they must pin its roots again.`,
      ),
      ...(jump === undefined
        ? []
        : ['Its number is far above that of the newest bundle here: clients will never again accept a lower one.']),
      ...disputed,
      ...offer.marksDiffer,
      ...long.map(({ file }) => `${file} is valid for longer than authority.yaml allows here (maxima.intermediate).`),
      ...foreign.map(
        ({ file, credential }) =>
          `${file} has the ciphersuite ${ciphersuiteName(credential.payload.ciphersuite)}, which authority.yaml does not allow here (allowed_ciphersuites).`,
      ),
      ...offer.left.map((one) => remark(`Not taken over: ${textOf(one)}`, ...remediesOf(one))),
    ],
    words: parts.length === 0 ? undefined : parts.join(', and '),
    typed: roots.length > 0 || ended.length > 0 || parts.some((part) => part !== NOTHING_LEFT),
  };
}

/** Returns a sentence for each bundle that the other site made, and that this one has on record as a forgery. */
function disputedIn(authority: Authority, { bundles }: Offer): readonly string[] {
  return forgeriesOf(authority).flatMap((forgery) =>
    bundles
      .filter(({ payloadBytes }) => equalBytes(payloadBytes, forgery.payloadBytes))
      .map(
        ({ file }) =>
          `${file} is ${forgery.file}, which is on record here as signed by somebody else. One of the two records is wrong: find out which before you go on.`,
      ),
  );
}

/**
 * Returns whether it was signed with one of our roots, but against our rules: by whoever stole the root, or by a site
 * with other settings.
 */
function isTooLong({ settings }: Authority, { credential }: Offer['intermediates'][number]): boolean {
  const { notBefore, notAfter } = credential.payload.expirationData;
  return notAfter > clampedSum(notBefore, settings.maxima.intermediate) - 1;
}

function isAllowed({ settings }: Authority, { credential }: Offer['intermediates'][number]): boolean {
  return settings.allowedCiphersuites.includes(ciphersuiteName(credential.payload.ciphersuite));
}

function isOffered({ bundles }: Offer, file: string): boolean {
  return bundles.some((one) => one.file === file);
}

function sides({ payload, encoded }: PastBundle): BundleSides {
  return { payload, signers: decodeBundle(encoded).signatures.map(({ kid }) => toHex(kid)) };
}

/** Returns a fingerprint with the file that holds it, here or there. */
function naming(authority: Authority, { roots, intermediates }: Offer): (fingerprint: string) => string {
  const files = new Map(
    [...authority.roots, ...authority.intermediates, ...roots, ...intermediates].map((one) => [
      one.fingerprint,
      one.file,
    ]),
  );
  return (fingerprint) => `${fingerprint} (${files.get(fingerprint) ?? 'not held here'})`;
}

/** Returns what the copy's records, or the newest of its bundles, revoke in addition to what is revoked here. */
function newlyRevoked(
  authority: Authority,
  { revocations }: Offer,
  { together }: JudgedBundles,
): readonly { readonly fingerprint: string; readonly held: AnyHeld | undefined }[] {
  const known = revokedFingerprints(authority);
  const signed = together.flatMap(({ payload }) => payload.revokedCerts);
  const prints = new Set([...revocations, ...signed].map(({ fingerprint }) => toHex(fingerprint)));
  const all: readonly AnyHeld[] = [...authority.roots, ...authority.intermediates];
  return [...prints]
    .filter((fingerprint) => !known.has(fingerprint))
    .map((fingerprint) => ({ fingerprint, held: all.find((one) => one.fingerprint === fingerprint) }));
}

function offeredRows(offer: Offer, name: (fingerprint: string) => string): Row[] {
  const until = ({ credential, file }: AnyHeld): string => {
    const { ciphersuite, expirationData } = credential.payload;
    const there = offer.sources.get(file);
    return `${ciphersuiteName(ciphersuite)}, valid until ${formatTime(expirationData.notAfter)}${there === undefined ? '' : `; at the other site ${there}`}`;
  };
  return [
    ...offer.roots.map((one): Row => [one.file, `a new root, which you named: ${one.fingerprint}, ${until(one)}`]),
    ...offer.reserves.map((one): Row => [one.file, 'in reserve: listed by no bundle until it is needed']),
    ...offer.intermediates.map((one): Row => {
      const signer = name(toHex(one.credential.payload.signerFingerprint));
      return [one.file, `a new intermediate: ${one.fingerprint}, ${until(one)}, signed by ${signer}`];
    }),
    ...offer.revocations.map(({ fingerprint, reason, revokedAtSeconds }): Row => [
      'revoked there',
      `${name(toHex(fingerprint))}, ${reason}, ${formatTime(revokedAtSeconds)}`,
    ]),
    ...offer.bundles.map(({ file, payload, encoded }): Row => [
      file,
      `lists ${payload.asCredentials.map((root) => name(toHex(fingerprintOf(root)))).join(', ')}; from ${formatTime(payload.issuedAt)} to ${formatTime(payload.expiresAt)}; SHA-256 ${toHex(hash('sha256', encoded))}`,
    ]),
  ];
}
