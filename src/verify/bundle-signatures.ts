/** Phase 4 of accepting a bundle: every signature is good, and enough of them count. */
import { type BundleSignature, signatureOf, sigStructure, type UnverifiedBundle } from '../bundle/bundle.js';
import { commitmentOf } from '../bundle/commitment.js';
import type { BundlePayload } from '../bundle/payload.js';
import { malformed } from '../bundle/payload-fields.js';
import { equalBytes, toHex } from '../common/bytes.js';
import { cut, firstFew } from '../common/cut.js';
import { refused } from '../common/errors.js';
import { formatTime } from '../common/time.js';
import type { AsCredential } from '../credential/as-credential.js';
import type { Engines } from '../credential/checks.js';
import { verifyWithAll } from '../crypto/engine.js';
import { isCanonicalSignature } from '../crypto/signature-encoding.js';
import { keyName, type Trust } from './bundle-trust.js';

/** An AS credential whose signature on the bundle is good. */
export interface BundleSigner {
  /** In hex. */
  readonly fingerprint: string;
  readonly credential: AsCredential;
  /** Why it does not count towards the threshold; undefined if it does. */
  readonly notCounted: string | undefined;
}

/**
 * Checks all signatures. `roots` are the listed AS credentials by fingerprint (hex). Returns all signers, by kid.
 * Errors: `unknown-signer`, `bundle-malformed` (an alg of another scheme), `non-canonical-signature`, `bad-signature`,
 * `untrusted`.
 */
export function checkSignatures(
  bundle: UnverifiedBundle,
  roots: ReadonlyMap<string, AsCredential>,
  trust: Trust,
  engines: Engines,
): readonly BundleSigner[] {
  const signers = bundle.signatures.map((signature): BundleSigner => {
    const fingerprint = toHex(signature.kid);
    const credential = roots.get(fingerprint) ?? trust.others.get(fingerprint);
    if (credential === undefined) {
      throw refused(
        'unknown-signer',
        `the bundle is signed by an AS credential that is not at hand: ${cut(fingerprint)}`,
        {
          hint: 'Give that AS credential too.',
        },
      );
    }
    checkOne(signature, credential, bundle.payloadBytes, engines);
    return { fingerprint, credential, notCounted: whyNotCounted(fingerprint, credential, bundle, trust) };
  });
  checkThreshold(signers, trust);
  checkNewRootsSigned(signers, roots, trust);
  checkCommitment(signers, bundle, trust.last?.payload);
  return signers;
}

function checkOne(
  signature: BundleSignature,
  { payload }: AsCredential,
  payloadBytes: Uint8Array,
  engines: Engines,
): void {
  const { scheme } = payload.ciphersuite;
  const kid = toHex(signature.kid);
  if (signature.scheme.code !== scheme.code) {
    throw malformed(`alg of the signature by ${kid} is for ${signature.scheme.name}, and that key is ${scheme.name}`);
  }
  const encoded = signatureOf(signature);
  if (encoded !== undefined && !isCanonicalSignature(scheme, encoded)) {
    throw refused(
      'non-canonical-signature',
      `the signature by ${kid} has its S in the upper half; only the lower one is accepted`,
      {
        hint: 'Make the signature again with a tool that gives low S.',
      },
    );
  }
  const content = sigStructure(signature.protectedBytes, payloadBytes);
  if (encoded === undefined || !verifyWithAll(engines, scheme, payload.publicKey, content, encoded)) {
    throw refused('bad-signature', `the bundle's signature by ${kid} is not by that AS credential's key`, {
      hint: 'The bundle was changed after it was signed, or another key signed it.',
    });
  }
}

/**
 * Returns why a signer does not count. A signature stays valid if this same bundle revokes its root, so that a root can
 * announce its own end.
 */
function whyNotCounted(
  fingerprint: string,
  { payload }: AsCredential,
  bundle: UnverifiedBundle,
  trust: Trust,
): string | undefined {
  const { notBefore, notAfter } = payload.expirationData;
  const { issuedAt, expiresAt } = bundle.payload;
  if (!trust.trusted.has(fingerprint)) {
    return trust.last === undefined ? 'it is not pinned' : 'it is not a root of the last accepted bundle';
  }
  if (trust.revoked.has(fingerprint)) return 'the last accepted bundle revokes it';
  if (notBefore > issuedAt) return `it is not valid before ${formatTime(notBefore)}, after issued_at`;
  if (expiresAt > notAfter) return `it is valid until ${formatTime(notAfter)}, before expires_at`;
  return undefined;
}

function checkThreshold(signers: readonly BundleSigner[], { threshold }: Trust): void {
  // Counted by key: two encodings of one root are one signer.
  const keys = signers
    .filter(({ notCounted }) => notCounted === undefined)
    .map(({ credential }) => keyName(credential));
  const counted = new Set(keys).size;
  if (counted >= threshold) return;
  const reasons = signers.flatMap(({ fingerprint, notCounted }) =>
    notCounted === undefined ? [] : [`${fingerprint} does not: ${notCounted}`],
  );
  const why = reasons.length === 0 ? '' : `; ${firstFew(reasons, '; ')}`;
  throw refused('untrusted', `${String(threshold)} trusted signatures are needed, and ${String(counted)} count${why}`, {
    hint: 'Do not accept this bundle unless you know from another source that its roots are the right ones.',
  });
}

function checkNewRootsSigned(
  signers: readonly BundleSigner[],
  roots: ReadonlyMap<string, AsCredential>,
  { trusted }: Trust,
): void {
  const signed = new Set(signers.map(({ fingerprint }) => fingerprint));
  const missing = [...roots.keys()].find((root) => !trusted.has(root) && !signed.has(root));
  if (missing === undefined) return;
  throw refused('untrusted', `the new AS credential ${missing} has not signed the bundle that introduces it`, {
    hint: 'Every AS credential that is new to the verifier signs too.',
  });
}

/**
 * Checks pre-rotation: only the keys that L's `next_roots` commits to may change the set of roots, or `next_roots`
 * itself.
 */
function checkCommitment(
  signers: readonly BundleSigner[],
  { payload }: UnverifiedBundle,
  last: BundlePayload | undefined,
): void {
  if (last === undefined || last.nextRoots.length === 0) return;
  if (sameRoots(payload, last) && sameBytes(payload.nextRoots, last.nextRoots)) return;
  const committed = new Set(last.nextRoots.map(toHex));
  const fits = signers.some(({ credential }) =>
    committed.has(toHex(commitmentOf(credential.payload.ciphersuite.scheme, credential.payload.publicKey))),
  );
  if (fits) return;
  throw refused(
    'untrusted',
    'the roots or next_roots change without a signature by a key that the last bundle committed to',
    {
      hint: 'Somebody with the current root alone may have made it: ask the operator through another channel.',
    },
  );
}

/**
 * Returns whether the roots are the same. Both arrays are sorted by fingerprint, so equal sets have the same encodings
 * in the same order.
 */
function sameRoots(payload: UnverifiedBundle['payload'], last: BundlePayload): boolean {
  return sameBytes(
    payload.asCredentials.map(({ encoded }) => encoded),
    last.asCredentials.map(({ encoded }) => encoded),
  );
}

function sameBytes(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((bytes, i) => equalBytes(bytes, b[i] ?? new Uint8Array()));
}
