import type { Authority } from '../../authority/authority.js';
import { type AnyHeld, findCredential } from '../../authority/find-credential.js';
import { encodeRevocation, revocationPath } from '../../authority/formats/small-files.js';
import { applyChange } from '../../authority/store.js';
import type { RevocationReason } from '../../bundle/revocation.js';
import { equalBytes, fromHex, toHex } from '../../common/bytes.js';
import { refused, usage } from '../../common/errors.js';
import { type Remark, remark } from '../../common/remedy.js';
import { formatTime } from '../../common/time.js';
import { parseFingerprint } from '../../credential/credential-fingerprint.js';
import type { OperationContext, Row } from '../context/operation-context.js';
import { revokedFingerprints, revokedHere } from '../context/operation-context.js';
import { historyOf, lastNotWithdrawn, revocationsOf } from '../lifecycle/bundle-history.js';
import { successorIn } from '../lifecycle/reserve.js';
import { rootsInUse, usableRoots } from './roots.js';

export interface RevokeOptions {
  /** How a person names the credential: as for `findCredential`, or by its whole fingerprint if it is `unknown`. */
  readonly name: string;
  readonly reason: RevocationReason;
  /** Whether the authority does not hold it: somebody else made it, or it was lost. */
  readonly unknown: boolean;
}

export interface Revoked {
  /** In hex. */
  readonly fingerprint: string;
  /** The credential's file, relative to the authority; undefined if it isn't held. */
  readonly credential: string | undefined;
  /** The revocation's file, relative to the authority. */
  readonly file: string;
}

interface Target {
  readonly fingerprint: string;
  readonly held: AnyHeld | undefined;
}

/**
 * Records that credentials are revoked, for good. Clients learn it once a bundle says so. With `key-compromise`, every
 * credential of the authority with that key is revoked. Errors: `unknown-credential`, `ambiguous-name`,
 * `already-revoked`, `declined`, `usage`.
 */
export async function revoke(context: OperationContext, wanted: RevokeOptions): Promise<readonly Revoked[]> {
  const { authority, atSeconds } = context;
  const targets = notYetRevoked(authority, targetsOf(authority, wanted));
  const isGone = fallenBy(authority, targets);
  const losses = lossesOf(authority, isGone, atSeconds);
  await context.confirm({
    title: targets.length === 1 ? 'A credential is revoked, for good' : 'Credentials are revoked, for good',
    rows: [
      ...targets.flatMap(({ fingerprint, held }): readonly Row[] => [
        ['revoked', fingerprint],
        ['which is', held === undefined ? 'not held by this authority' : held.file],
      ]),
      ['reason', wanted.reason],
      ...[...isGone]
        .filter((one) => !targets.some(({ held }) => held === one))
        .map((one) => ['falls with it', `${one.file} (${one.fingerprint})`] as const),
    ],
    changes: [
      ...targets.map(({ fingerprint }) => `${revocationPath(bytesOf(fingerprint))} is written`),
      'clients know it once a bundle that says so is published',
      ...successionBy(authority, isGone, atSeconds),
      'nothing ever takes it back',
    ],
    warnings: [...losses, ...(targets.some(({ held }) => held !== undefined) ? [] : [UNKNOWN])],
    ...(losses.length === 0 ? {} : { words: NOTHING_LEFT }),
  });
  applyChange(authority, {
    operation: 'revoke',
    files: targets.map(({ fingerprint }) => {
      const record = { fingerprint: bytesOf(fingerprint), revokedAtSeconds: atSeconds, reason: wanted.reason };
      return { path: revocationPath(record.fingerprint), bytes: encodeRevocation(record) };
    }),
    events: [
      {
        event: 'revoke',
        fields: { fingerprints: targets.map(({ fingerprint }) => fingerprint), reason: wanted.reason },
      },
    ],
    atSeconds,
    recordIn: context.recordIn,
  });
  return targets.map(({ fingerprint, held }) => ({
    fingerprint,
    credential: held?.file,
    file: revocationPath(bytesOf(fingerprint)),
  }));
}

/** What a person types if nothing usable is left afterwards. */
export const NOTHING_LEFT = 'nothing usable is left';
const UNKNOWN =
  'The authority does not hold this credential, so nothing more can be checked: compare every digit with your source.';

function targetsOf(authority: Authority, { name, reason, unknown }: RevokeOptions): readonly Target[] {
  const all: readonly AnyHeld[] = [...authority.roots, ...authority.intermediates];
  if (unknown) {
    const fingerprint = parseFingerprint(name);
    if (fingerprint === undefined) {
      throw usage(`${JSON.stringify(name)} is not a whole fingerprint: 64, 96 or 128 hex digits`, {
        hint: 'For what the authority does not hold nothing else will do.',
      });
    }
    const held = all.find((one) => one.fingerprint === toHex(fingerprint));
    if (held === undefined) return [{ fingerprint: toHex(fingerprint), held: undefined }];
    throw usage(`the authority does hold it: ${held.file}`, {
      hint: 'Leave out that it is unknown.',
      remedies: [{ option: 'unknown' }],
    });
  }
  const named = findCredential(authority, name);
  const { publicKey, ciphersuite } = named.credential.payload;
  const sharesKey = ({ credential: { payload } }: AnyHeld): boolean =>
    payload.ciphersuite.scheme.code === ciphersuite.scheme.code && equalBytes(payload.publicKey, publicKey);
  const covered = reason === 'key-compromise' ? all.filter((one) => one === named || sharesKey(one)) : [named];
  return covered.map((held) => ({ fingerprint: held.fingerprint, held }));
}

function notYetRevoked(authority: Authority, targets: readonly Target[]): readonly Target[] {
  const revoked = revokedFingerprints(authority);
  const left = targets.filter(({ fingerprint }) => !revoked.has(fingerprint));
  const [first] = targets;
  if (left.length > 0 || first === undefined) return left;
  const known = revocationsOf(authority, historyOf(authority), Number.MAX_SAFE_INTEGER).find(
    (one) => toHex(one.fingerprint) === first.fingerprint,
  );
  const when = known === undefined ? '' : ` since ${formatTime(known.revokedAt)}, reason ${known.reason}`;
  throw refused('already-revoked', `${first.fingerprint} is revoked already${when}`, {
    hint: 'A revocation is permanent, and so is its reason. Publish a bundle that lists it.',
  });
}

/** Returns what clients stop accepting: the targets, and whatever roots among them signed. */
export function fallenBy(authority: Authority, targets: readonly Target[]): ReadonlySet<AnyHeld> {
  const fallen = new Set(targets.flatMap(({ held }) => (held === undefined ? [] : [held])));
  const prints = new Set(targets.map(({ fingerprint }) => fingerprint));
  const isRevoked = revokedHere(authority);
  for (const one of authority.intermediates) {
    if (prints.has(toHex(one.credential.payload.signerFingerprint)) && !isRevoked(one.credential)) fallen.add(one);
  }
  return fallen;
}

/** Returns what it means if no usable root, or no usable intermediate, is left. */
export function lossesOf(authority: Authority, isGone: ReadonlySet<AnyHeld>, atSeconds: number): Remark[] {
  const isRevoked = revokedHere(authority);
  const roots = usableRoots(authority, atSeconds);
  const intermediates = authority.intermediates.filter(({ credential }) => {
    const { notBefore, notAfter } = credential.payload.expirationData;
    return !isRevoked(credential) && notBefore <= atSeconds && atSeconds <= notAfter;
  });
  const isLast = (usable: readonly AnyHeld[]): boolean => usable.length > 0 && usable.every((one) => isGone.has(one));
  return [
    ...(isLast(roots)
      ? [
          remark(
            'It is the last usable root: nothing can be issued any more, and once a bundle that says so is published, clients accept no credential of this domain until they trust another root. Where its key is still yours, make its successor first.',
            { command: 'root rotate' },
          ),
        ]
      : []),
    ...(isLast(intermediates)
      ? [
          remark(
            'No usable intermediate is left: once a bundle that says so is published, clients accept no client credential of this domain until another intermediate is published. Make its successor first.',
            { command: 'intermediate rotate' },
          ),
        ]
      : []),
  ];
}

/** Returns the root in reserve that takes over, if none in use is left. */
function successionBy(authority: Authority, isGone: ReadonlySet<AnyHeld>, atSeconds: number): string[] {
  if (rootsInUse(authority, atSeconds).some((one) => !isGone.has(one))) return [];
  const left = usableRoots(authority, atSeconds).filter((one) => !isGone.has(one));
  const successor = successorIn(lastNotWithdrawn(historyOf(authority))?.payload, left);
  return successor === undefined ? [] : [`${successor.file}, in reserve until now, will be listed by the next bundle`];
}

function bytesOf(fingerprint: string): Uint8Array {
  return fromHex(fingerprint) ?? new Uint8Array();
}
