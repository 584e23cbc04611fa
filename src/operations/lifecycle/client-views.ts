/** Tries a bundle as every client will see it, so that nothing is published that honest clients refuse. */
import { basename } from 'node:path';
import type { HeldRoot } from '../../authority/authority.js';
import type { BundlePayload } from '../../bundle/payload.js';
import { toHex } from '../../common/bytes.js';
import type { Code } from '../../common/codes.js';
import { type Advice, CeremonyError, type Finding, refused } from '../../common/errors.js';
import { formatTime } from '../../common/time.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import type { VerificationEngine } from '../../crypto/engine.js';
import { acceptBundle, type AcceptedBundle, type HeldTrust } from '../../verify/accept-bundle.js';
import { heldByClients, type PastBundle } from './bundle-history.js';

/** The signatures have been verified by all engines, and the result does not depend on the client. */
const ONLY_RULES: readonly VerificationEngine[] = [{ name: 'rules alone', verify: () => true }];

export interface Views {
  readonly encoded: Uint8Array;
  readonly payload: BundlePayload;
  /** Roots that the bundle lists. */
  readonly listed: readonly HeldRoot[];
  /** Every root of the authority: clients can be given the files of those that a bundle names as signers. */
  readonly roots: readonly HeldRoot[];
  /** What clients may hold, including what somebody else signed. */
  readonly history: readonly PastBundle[];
  /** Whether holders of earlier bundles don't count, because they pin again. */
  readonly repin: boolean;
  /** A root in reserve that clients hold a commitment to, and that the bundle does not list. */
  readonly committed?: HeldRoot | undefined;
}

interface View {
  readonly who: string;
  /** The bundle that they hold, if nobody has said yet whether it was published. */
  readonly unmarked?: string;
  readonly held: HeldTrust;
}

/**
 * Tries the bundle, when it begins and in its last second, as a new client that pinned any one of its roots, and as
 * holders of every earlier bundle still in use. Returns which of them accept it only with the file of a root that signs
 * and isn't listed (`unknown-signer` without it). Error: `clients-would-refuse`, with a finding for each client that
 * refuses it whatever files it has.
 */
export function checkViews(views: Views): readonly string[] {
  const { refusing, needFiles } = refusingViews(views);
  const findings = refusing.map(({ who, code, why }): Finding => ({
    rule: 'client-view',
    code,
    message: `${who}: ${why}`,
  }));
  const [first] = findings;
  if (first === undefined) return needFiles;
  throw refused(
    'clients-would-refuse',
    `clients would refuse bundle ${String(views.payload.sequence)}: ${first.message}`,
    {
      findings,
      ...adviceOn(refusing, views.committed),
    },
  );
}

function adviceOn(refusing: readonly RefusingView[], committed: HeldRoot | undefined): Advice {
  const begin = `Nothing was signed. ${withdrawalHint(refusing)}`;
  const repin = { option: 'repin' } as const;
  if (committed === undefined)
    return {
      hint: `${begin}Have enough of the roots sign that these clients trust; only if that is impossible, have clients pin again.`,
      remedies: [repin],
    };
  return {
    hint: `${begin}Clients let the key of ${committed.file}, which is in reserve, change the roots: list it. Only if no root that they trust can sign, have clients pin again.`,
    remedies: [{ option: 'list', value: basename(committed.file, '.pem') }, repin],
  };
}

/** Returns a hint about bundles that may never have been published: nobody holds such a bundle. */
function withdrawalHint(refusing: readonly RefusingView[]): string {
  const files = refusing.flatMap(({ unmarked }) => (unmarked === undefined ? [] : [unmarked]));
  if (files.length === 0) return '';
  return `If ${files.join(', ')} never went out and never will, put that on record first. `;
}

/** A client in words, and why it refuses. */
export interface RefusingView {
  readonly who: string;
  readonly unmarked?: string;
  readonly code: Code;
  readonly why: string;
}

/** As `checkViews`, but without throwing. */
export function refusingViews(views: Views): {
  readonly refusing: readonly RefusingView[];
  readonly needFiles: readonly string[];
} {
  const refusing: RefusingView[] = [];
  const needFiles: string[] = [];
  for (const { held, ...view } of viewsOf(views)) {
    if (refusalOf(views, held, []) === undefined) continue;
    const error = refusalOf(views, held, views.roots);
    if (error === undefined) needFiles.push(view.who);
    else refusing.push({ ...view, code: error.code, why: error.message });
  }
  return { refusing, needFiles };
}

/** Returns why a client that has the files of these roots refuses the bundle, or undefined if it accepts it. */
function refusalOf(
  { encoded: bundle, payload: { issuedAt, expiresAt, asDomain } }: Views,
  held: HeldTrust,
  files: readonly HeldRoot[],
): CeremonyError | undefined {
  const known = files.map(({ credential }) => credential);
  try {
    for (const atSeconds of [issuedAt, expiresAt])
      acceptBundle({ bundle, held, known, atSeconds, engines: ONLY_RULES, expectedDomain: asDomain });
    return undefined;
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    return error;
  }
}

function viewsOf({ payload, listed, history, repin }: Views): View[] {
  const { issuedAt, expiresAt } = payload;
  const lasting = listed.filter(({ credential }) => expiresAt <= credential.payload.expirationData.notAfter);
  // If none of them outlives the bundle, no new client accepts it, whoever else signs, and each of these views shows
  // it.
  const fresh = (lasting.length > 0 ? lasting : listed).map(({ credential, file, fingerprint }): View => ({
    who: `a new client that pinned ${file} (${fingerprint.slice(0, 16)})`,
    held: { pins: [fingerprintOf(credential)] },
  }));
  const holders = heldByClients(history, issuedAt).map(
    ({ file, mark, forged, encoded, payload: { sequence } }): View => ({
      who: `a client that holds bundle ${String(sequence)}${forged === true ? `, which somebody else signed (${file})` : ''}`,
      ...(mark === undefined && forged !== true ? { unmarked: file } : {}),
      held: { last: encoded },
    }),
  );
  return repin ? fresh : [...fresh, ...holders];
}

/** Verifies every signature of a bundle with all engines, and the whole bundle as a client that pinned all roots. */
export function acceptWhole(
  encoded: Uint8Array,
  {
    roots,
    engines,
    asDomain,
    atSeconds,
  }: {
    readonly roots: readonly HeldRoot[];
    readonly engines: readonly VerificationEngine[];
    readonly asDomain: string;
    readonly atSeconds: number;
  },
): AcceptedBundle {
  return acceptBundle({
    bundle: encoded,
    held: { pins: roots.map(({ credential }) => fingerprintOf(credential)), threshold: 1 },
    known: roots.map(({ credential }) => credential),
    atSeconds,
    engines,
    expectedDomain: asDomain,
  });
}

/** Returns, for people, what ends while the bundle is in use, and when. */
export function endingsIn({ asCredentials, asIntermediateCredentials, expiresAt }: BundlePayload): string[] {
  return [...asCredentials, ...asIntermediateCredentials]
    .filter(({ payload }) => payload.expirationData.notAfter < expiresAt)
    .map((one) => {
      const kind = one.kind === 'as_credential' ? 'root' : 'intermediate';
      return `the ${kind} ${toHex(fingerprintOf(one)).slice(0, 16)} ends ${formatTime(one.payload.expirationData.notAfter)}, while this bundle is in use`;
    });
}
