/** What bundles and credentials say, as the model has it: decoded, never verified. */
import { decodeBundle } from '../../src/bundle/bundle.js';
import { commitmentOf } from '../../src/bundle/commitment.js';
import { decodedOf } from '../../src/bundle/listed-credential.js';
import { payloadHash } from '../../src/bundle/payload.js';
import { toHex } from '../../src/common/bytes.js';
import { utf8 } from '../../src/common/bytes.js';
import type { AsCredential } from '../../src/credential/as-credential.js';
import { fingerprintOf } from '../../src/credential/fingerprint-of.js';
import type { IntermediateAsCredential } from '../../src/credential/intermediate-as-credential.js';
import type { VerificationEngine } from '../../src/crypto/engine.js';
import { hash } from '../../src/crypto/hash.js';
import { nobleEngine } from '../../src/crypto/noble-engine.js';
import { nodeEngine } from '../../src/crypto/node-engine.js';
import type { Bundle, Intermediate, Root } from './rules.js';

export const DAY = 86_400;

export function rootFacts(credential: AsCredential): Root {
  const { ciphersuite, publicKey, expirationData } = credential.payload;
  return {
    name: toHex(fingerprintOf(credential)),
    key: toHex(commitmentOf(ciphersuite.scheme, publicKey)),
    from: expirationData.notBefore,
    to: expirationData.notAfter,
  };
}

export function intermediateFacts(credential: IntermediateAsCredential): Intermediate {
  const { signerFingerprint, expirationData } = credential.payload;
  return {
    name: toHex(fingerprintOf(credential)),
    signer: toHex(signerFingerprint),
    from: expirationData.notBefore,
    to: expirationData.notAfter,
  };
}

/** `knownRoots` are all that ever were, by name; `forgedBy` are names under which somebody else's key signed. */
export function bundleFacts(
  encoded: Uint8Array,
  knownRoots: ReadonlyMap<string, Root>,
  impostors: ReadonlySet<string> = new Set(),
): Bundle {
  const { payload, payloadBytes, signatures } = decodeBundle(encoded);
  const known = (name: string): Root => {
    const root = knownRoots.get(name);
    if (root === undefined) throw new TypeError(`nobody made the root ${name}`);
    return root;
  };
  return {
    sequence: payload.sequence,
    hash: toHex(payloadHash(payloadBytes)),
    previous: toHex(payload.previous ?? new Uint8Array()),
    issuedAt: payload.issuedAt,
    expiresAt: payload.expiresAt,
    roots: decodedOf(payload.asCredentials).map(({ credential }) => rootFacts(credential)),
    intermediates: decodedOf(payload.asIntermediateCredentials).map(({ credential }) => intermediateFacts(credential)),
    revoked: new Set(payload.revokedCerts.map(({ fingerprint }) => toHex(fingerprint))),
    threshold: payload.threshold,
    nextRoots: new Set(payload.nextRoots.map(toHex)),
    signers: signatures.map(({ kid }) => ({ root: known(toHex(kid)), genuine: !impostors.has(toHex(kid)) })),
  };
}

/** An engine that verifies each signature once: a decade looks at the same ones thousands of times. */
function remembering(engine: VerificationEngine): VerificationEngine {
  const seen = new Map<string, boolean>();
  return {
    name: engine.name,
    verify: (scheme, publicKey, message, signature) => {
      const key = [utf8(scheme.name), publicKey, hash('sha256', message), signature].map(toHex).join(' ');
      const verdict = seen.get(key) ?? engine.verify(scheme, publicKey, message, signature);
      seen.set(key, verdict);
      return verdict;
    },
  };
}

export const CLIENT_ENGINES = [remembering(nodeEngine)];
export const OPERATOR_ENGINES = [remembering(nobleEngine), remembering(nodeEngine)];
