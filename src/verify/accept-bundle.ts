/** Accepts a signed bundle, in the six phases of "Accepting a bundle" in the bundle format. */
import { decodeBundle } from '../bundle/bundle.js';
import { type BundlePayload, payloadHash } from '../bundle/payload.js';
import { markAccepted } from '../bundle/published-set.js';
import { equalBytes, toHex } from '../common/bytes.js';
import { CeremonyError, refused, retold } from '../common/errors.js';
import { sealed } from '../common/sealed.js';
import { formatTime } from '../common/time.js';
import { checkContents, checkDomain } from './bundle-contents.js';
import { type BundleSigner, checkSignatures } from './bundle-signatures.js';
import { type LastBundle, payloadOf, type Trust, trustFrom, trustInLast } from './bundle-trust.js';
import { type BundleQuestion, bundleQuestionIn } from './inputs.js';

export type { HeldTrust } from './bundle-trust.js';
export type { BundleQuestion } from './inputs.js';

declare const accepted: unique symbol;
/**
 * A bundle that passed every phase. Only `acceptBundle` makes one. It is frozen, and recognised at run time too
 * (`publishedSetOf`).
 */
export interface AcceptedBundle {
  readonly [accepted]: true;
  readonly payload: BundlePayload;
  readonly payloadBytes: Uint8Array;
  readonly encoded: Uint8Array;
  readonly sequence: number;
  /** Everyone whose signature is on it, by kid; all these signatures are good. */
  readonly signers: readonly BundleSigner[];
  /** Whether it has the same payload as the last accepted bundle. */
  readonly unchanged: boolean;
}

/**
 * Verifies a bundle against what the client holds. Errors: those of the phases, in this order: `bundle-malformed`;
 * `domain-mismatch`; the credentials' own codes, `revoked`; `unknown-signer`, `bad-signature`,
 * `non-canonical-signature`, `untrusted`; `rollback`, `broken-history`; `not-yet-valid`, `bundle-expired`. An error for
 * a bundle in `via` says which. Before all of them comes `usage`, for bad arguments.
 */
export function acceptBundle(given: BundleQuestion): AcceptedBundle {
  const question = bundleQuestionIn(given);
  const { bundle, held, via, known, atSeconds } = question;
  let trust = trustFrom(held, known);
  via.forEach((bytes, i) => {
    trust = trustInLast(
      namingStep(i + 1, () => acceptAtAnyTime(bytes, trust, question)),
      known,
    );
  });
  const result = acceptAtAnyTime(bundle, trust, question);
  checkTime(result.payload, atSeconds);
  markAccepted(result);
  return result;
}

function acceptAtAnyTime(bytes: Uint8Array, trust: Trust, { expectedDomain, engines }: BundleQuestion): AcceptedBundle {
  const bundle = decodeBundle(bytes);
  checkDomain(bundle, trust, expectedDomain);
  const roots = checkContents(bundle, engines);
  const signers = checkSignatures(bundle, roots, trust, engines);
  const { payloadBytes, encoded } = bundle;
  const payload = payloadOf(bundle);
  const unchanged = trust.last !== undefined && isUnchanged({ payload, payloadBytes }, trust.last);
  return sealed({ payload, payloadBytes, encoded, sequence: payload.sequence, signers, unchanged } as AcceptedBundle);
}

/**
 * Phase 5. Returns whether the bundle is L again, and throws if it is not a successor of L either. Errors: `rollback`,
 * `broken-history`.
 */
function isUnchanged(bundle: LastBundle, last: LastBundle): boolean {
  const { payload } = bundle;
  const [here, there] = [payload.sequence, last.payload.sequence];
  if (here < there) {
    throw refused('rollback', `the bundle's sequence is ${String(here)}, and ${String(there)} was accepted already`, {
      hint: 'Get the current bundle.',
    });
  }
  if (here === there) {
    if (equalBytes(bundle.payloadBytes, last.payloadBytes)) return true;
    throw broken(`two bundles have the sequence ${String(here)}`);
  }
  if (
    here === there + 1 &&
    (payload.previous === null || !equalBytes(payload.previous, payloadHash(last.payloadBytes)))
  ) {
    throw broken(`previous is not the hash of bundle ${String(there)}'s payload`);
  }
  const revoked = new Set(payload.revokedCerts.map(({ fingerprint }) => toHex(fingerprint)));
  const lost = last.payload.revokedCerts.map(({ fingerprint }) => toHex(fingerprint)).find((one) => !revoked.has(one));
  if (lost !== undefined) throw broken(`the revocation of ${lost} is missing`);
  if (payload.issuedAt < last.payload.issuedAt) {
    throw broken(
      `issued_at ${formatTime(payload.issuedAt)} is before the last bundle's ${formatTime(last.payload.issuedAt)}`,
    );
  }
  return false;
}

/** Phase 6. Errors: `not-yet-valid`, `bundle-expired`. */
function checkTime({ issuedAt, expiresAt }: BundlePayload, atSeconds: number): void {
  if (atSeconds < issuedAt) {
    throw refused('not-yet-valid', `the bundle is not valid before ${formatTime(issuedAt)}`, {
      hint: 'Check the clock.',
    });
  }
  if (atSeconds > expiresAt) {
    throw refused('bundle-expired', `the bundle was valid until ${formatTime(expiresAt)}`, {
      hint: 'Get the current bundle.',
    });
  }
}

function broken(what: string): CeremonyError {
  return refused('broken-history', `the bundle does not follow from the last accepted one: ${what}`, {
    hint: 'Check that both are from one authority and in the right order; if they are, ask the operator through another channel.',
  });
}

function namingStep<T>(number: number, accept: () => T): T {
  try {
    return accept();
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    throw retold(error, `bundle ${String(number)} of those stepped through: ${error.message}`);
  }
}
