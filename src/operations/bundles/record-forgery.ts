/**
 * Records a bundle that somebody else signed with a stolen root. From now on, what is signed here follows it too,
 * because clients may hold it.
 */
import { basename } from 'node:path';
import type { Authority, HeldRoot } from '../../authority/authority.js';
import { forgeryPath } from '../../authority/folders/bundles-folder.js';
import { encodeRevocation, revocationPath } from '../../authority/formats/small-files.js';
import { applyChange } from '../../authority/store.js';
import { decodeBundle } from '../../bundle/bundle.js';
import { payloadHash } from '../../bundle/payload.js';
import { fromHex, toHex } from '../../common/bytes.js';
import { refused } from '../../common/errors.js';
import { remark } from '../../common/remedy.js';
import { formatTime } from '../../common/time.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import { hash } from '../../crypto/hash.js';
import type { AcceptedBundle } from '../../verify/accept-bundle.js';
import { type OperationContext, revokedFingerprints, type Row } from '../context/operation-context.js';
import { verifiedHistory, withForgeries } from '../lifecycle/bundle-history.js';
import { contentFor } from './dry-run-bundle.js';
import { type NamedBundle, onRecord, takenBy } from './held-now.js';
import { revokedReserves } from './revoked-reserves.js';

export interface RecordedForgery {
  /** Relative to the authority. */
  readonly file: string;
  readonly sequence: number;
  /** Fingerprints (hex) that this authority revokes from now on. */
  readonly revoked: readonly string[];
  /**
   * Roots in reserve that the forgery revokes, although their keys are committed to: their credentials must be signed
   * again.
   */
  readonly again: readonly HeldRoot[];
}

const WORDS = 'somebody else signed it';

/**
 * Records a forgery, and revokes the roots that signed it and whatever it lists that this authority does not hold.
 * Clients with a bundle on record must accept it, or it would affect nobody. Errors: `own-bundle`, `nothing-new`,
 * `not-yet-valid`, `declined`; the codes of accepting a bundle.
 */
export async function recordForgery(context: OperationContext, named: NamedBundle): Promise<RecordedForgery> {
  const { authority, engines, atSeconds, recordIn } = context;
  const history = withForgeries(authority, verifiedHistory(authority, engines, atSeconds));
  checkNew(authority, named, onRecord(history, named));
  const { bundle, holder } = takenBy(context, history, named);
  checkBegun(context, named, bundle);
  const stolen = authority.roots.filter(({ fingerprint }) =>
    bundle.signers.some((one) => one.fingerprint === fingerprint),
  );
  const file = forgeryPath(named.bytes);
  const known = revokedFingerprints(authority);
  const theirs = bundle.payload.revokedCerts.map(({ fingerprint }) => toHex(fingerprint));
  const said = theirs.filter((one) => !known.has(one));
  const strange = strangersIn(authority, bundle);
  const revoked = [...stolen.map(({ fingerprint }) => fingerprint), ...strange].filter(
    (one) => !known.has(one) && !theirs.includes(one),
  );
  const sha256 = toHex(hash('sha256', named.bytes));
  const again = revokedReserves(authority, theirs);
  const { sequence, issuedAt, expiresAt } = bundle.payload;
  const which = (fingerprint: string): string => {
    const held = [...authority.roots, ...authority.intermediates].find((one) => one.fingerprint === fingerprint);
    return held === undefined ? fingerprint : `${fingerprint} (${held.file})`;
  };
  await context.confirm({
    title: 'A bundle that this authority did not make: a root is stolen',
    rows: [
      ['SHA-256', sha256],
      ['sequence', String(sequence)],
      ['issued at', formatTime(issuedAt)],
      ['expires at', formatTime(expiresAt)],
      ['taken by', holder === undefined ? 'clients that pinned a root' : `clients that hold ${holder.file}`],
      ...stolen.map(({ file: root, fingerprint }): Row => ['signed by', `${fingerprint} (${root})`]),
      ...said.map((one): Row => ['it revokes', which(one)]),
      ...strange.map((one): Row => ['it lists, and it is not ours', one]),
    ],
    changes: [
      `${file} is written: every bundle from now on is one that its holders accept too`,
      ...revoked.map((one) => `${which(one)} is revoked, for good`),
      'what it revokes stays revoked',
      ...again.map((root) => `the credential of ${root.file} must be signed again`),
    ],
    warnings: [
      remark(
        'Revocations cannot be undone. If this folder is an old copy, or another site signed that bundle, no root is stolen: take over what they have.',
        { command: 'ledger receive', args: ['COPY-OF-THE-OTHER-SITE'] },
      ),
    ],
    words: WORDS,
    typed: true,
  });
  applyChange(authority, {
    operation: 'bundle forged',
    files: [
      { path: file, bytes: named.bytes },
      ...revoked.map((one) => {
        const fingerprint = fromHex(one) ?? new Uint8Array();
        const record = { fingerprint, revokedAtSeconds: atSeconds, reason: 'key-compromise' as const };
        return { path: revocationPath(fingerprint), bytes: encodeRevocation(record) };
      }),
    ],
    events: [
      {
        event: 'forged',
        fields: {
          what: 'a bundle that somebody else signed with a stolen root',
          bundle_sha256: sha256,
          payload_sha256: toHex(payloadHash(bundle.payloadBytes)),
          sequence,
          signed_by: stolen.map(({ fingerprint }) => fingerprint),
          revokes: said,
        },
      },
      ...(revoked.length === 0
        ? []
        : [{ event: 'revoke', fields: { fingerprints: revoked, reason: 'key-compromise' } } as const]),
    ],
    atSeconds,
    recordIn,
  });
  return { file, sequence, revoked, again };
}

/** Returns what the bundle lists and this authority does not hold. */
function strangersIn({ roots, intermediates }: Authority, { payload }: AcceptedBundle): readonly string[] {
  const held = new Set([...roots, ...intermediates].map(({ fingerprint }) => fingerprint));
  return [...payload.asCredentials, ...payload.asIntermediateCredentials]
    .map((one) => toHex(fingerprintOf(one)))
    .filter((one) => !held.has(one));
}

/** Checks that the bundle is new. Errors: `nothing-new`, `own-bundle`. */
function checkNew(authority: Authority, { name, bytes }: NamedBundle, known: ReturnType<typeof onRecord>): void {
  if (known?.forged === true) {
    throw refused('nothing-new', `${name} is on record already: ${known.file}`, { hint: 'Nothing is left to do.' });
  }
  if (known !== undefined) throw ownBundle(`${name} is ${known.file}: this authority made it`);
  const { payloadBytes, payload } = decodeBundle(bytes);
  const signed = new Set(
    authority.roots.map(({ credential }) => toHex(hash('sha256', contentFor(credential, payloadBytes)))),
  );
  const own = authority.bundleSignatures.find(({ signedSha256 }) => signed.has(signedSha256));
  if (own === undefined) return;
  throw ownBundle(
    `${name} is a bundle ${String(payload.sequence)} that ${own.kid.slice(0, 16)} signed here, as ${own.where}, says`,
    ' If no root signed it here, somebody planted that transcript: move it elsewhere.',
  );
}

/**
 * Checks that the bundle has begun. If it were recorded, a number above the clock would leave no number for this
 * authority until then, and nobody holds such a bundle yet. Error: `not-yet-valid`.
 */
function checkBegun(
  { authority, atSeconds }: OperationContext,
  { name }: NamedBundle,
  { payload, signers }: AcceptedBundle,
): void {
  if (payload.issuedAt <= atSeconds) return;
  const ours = authority.roots.find((root) => signers.some(({ fingerprint }) => fingerprint === root.fingerprint));
  const signer = ours === undefined ? 'the root that signed it' : basename(ours.file, '.pem');
  throw refused('not-yet-valid', `${name} is issued ${formatTime(payload.issuedAt)}: no client holds it before`, {
    hint: `Check the clock. If it is right, ${signer} is stolen all the same: sign and publish a bundle that revokes it, and whoever holds that never accepts this one. Revoke it.`,
    remedies: [
      { command: 'revoke', args: [ours === undefined ? 'ROOT' : signer], options: { reason: 'key-compromise' } },
    ],
  });
}

function ownBundle(message: string, more = ''): Error {
  return refused('own-bundle', message, {
    hint: `No root is stolen by that. If it is not kept here, assemble it here, or bring this folder up to date.${more}`,
    remedies: [{ command: 'ledger receive', args: ['COPY-OF-THE-OTHER-SITE'] }],
  });
}
