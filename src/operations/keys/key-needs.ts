/** What still needs a private key: it belongs to a credential in use, or to one of which clients must yet be told. */
import type { Authority, HeldKeyRecord } from '../../authority/authority.js';
import type { AnyHeld } from '../../authority/find-credential.js';
import { commitmentOf } from '../../bundle/commitment.js';
import { equalBytes } from '../../common/bytes.js';
import { formatTime } from '../../common/time.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import { revokedHere } from '../context/operation-context.js';
import { historyOf, type PastBundle, withForgeries } from '../lifecycle/bundle-history.js';
import { issuingDeadline } from '../lifecycle/credential-state.js';

/** Returns one sentence for each need; empty if the key may be destroyed. Error: `authority-damaged`. */
export function needsOf(authority: Authority, record: HeldKeyRecord, atSeconds: number): readonly string[] {
  const bundles = bundlesThatCount(authority, atSeconds);
  const commitment = commitmentOf(record.scheme, record.publicKey);
  return [
    ...authority.roots.filter((one) => hasKey(one, record)).flatMap((root) => rootNeeds(authority, root, atSeconds)),
    ...authority.intermediates
      .filter((one) => hasKey(one, record))
      .flatMap((one) => intermediateNeeds(authority, one, atSeconds)),
    ...bundles
      .filter(({ payload }) => payload.nextRoots.some((one) => equalBytes(one, commitment)))
      .slice(-1)
      .map(({ payload }) => `bundle ${String(payload.sequence)} commits to it as the key of the next root`),
  ];
}

export function hasKey({ credential: { payload } }: AnyHeld, { scheme, publicKey }: HeldKeyRecord): boolean {
  return payload.ciphersuite.scheme === scheme && equalBytes(payload.publicKey, publicKey);
}

/**
 * Returns the bundles that clients may hold, and the newest even if it has expired, since clients accept the next one
 * through it.
 */
function bundlesThatCount(authority: Authority, atSeconds: number): readonly PastBundle[] {
  const notWithdrawn = withForgeries(authority, historyOf(authority)).filter(({ mark }) => mark?.state !== 'withdrawn');
  return notWithdrawn.filter(({ payload }, i) => payload.expiresAt >= atSeconds || i === notWithdrawn.length - 1);
}

function rootNeeds(authority: Authority, root: Authority['roots'][number], atSeconds: number): string[] {
  const { file, credential, fingerprint } = root;
  const { notAfter } = credential.payload.expirationData;
  // Nobody would accept what it would sign now.
  if (notAfter < atSeconds) return [];
  const lists = ({ payload }: PastBundle): boolean =>
    payload.asCredentials.some((one) => equalBytes(fingerprintOf(one), fingerprintOf(credential)));
  const last = bundlesThatCount(authority, atSeconds).filter(lists).at(-1);
  if (last !== undefined) {
    const { sequence, expiresAt } = last.payload;
    const until =
      expiresAt < atSeconds ? 'the newest, and expired' : `which clients may hold until ${formatTime(expiresAt)}`;
    return [
      `bundle ${String(sequence)}, ${until}, lists ${file}: for its holders this root signs, even if only its own end`,
    ];
  }
  const everListed = historyOf(authority).some((one) => one.mark?.state !== 'withdrawn' && lists(one));
  if (everListed || revokedHere(authority)(credential)) return [];
  return [`${file} (${fingerprint}) is valid until ${formatTime(notAfter)}, and was never published`];
}

function intermediateNeeds(
  authority: Authority,
  { file, credential }: Authority['intermediates'][number],
  atSeconds: number,
): string[] {
  const isRevoked = revokedHere(authority);
  const signer = authority.roots.find((root) =>
    equalBytes(fingerprintOf(root.credential), credential.payload.signerFingerprint),
  );
  if (isRevoked(credential) || (signer !== undefined && isRevoked(signer.credential))) return [];
  const deadline = issuingDeadline(credential.payload.expirationData, authority.settings.lifetimes.client);
  return deadline < atSeconds ? [] : [`${file} can issue until ${formatTime(deadline)}`];
}
