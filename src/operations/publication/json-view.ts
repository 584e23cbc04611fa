/** A bundle as JSON, for people and scripts that do not read COSE. Only the bundle itself is authoritative. */
import { decodeBundle } from '../../bundle/bundle.js';
import { BUNDLE_VERSION, payloadHash } from '../../bundle/payload.js';
import { toBase64, toHex, utf8 } from '../../common/bytes.js';
import { timeJson } from '../../common/time.js';
import type { AsCredential } from '../../credential/as-credential.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import type { IntermediateAsCredential } from '../../credential/intermediate-as-credential.js';
import { ciphersuiteName } from '../../crypto/ciphersuite.js';
import { hash } from '../../crypto/hash.js';
import type { PastBundle } from '../lifecycle/bundle-history.js';

/**
 * Returns the JSON: times twice (RFC 3339 and Unix seconds), fingerprints and keys in hex, encodings and signatures in
 * base64.
 */
export function jsonView({ payload, payloadBytes, encoded }: PastBundle): Uint8Array {
  const view = {
    version: BUNDLE_VERSION,
    as_domain: payload.asDomain,
    sequence: payload.sequence,
    previous: payload.previous === null ? null : toHex(payload.previous),
    ...timeJson('issued_at', payload.issuedAt),
    ...timeJson('expires_at', payload.expiresAt),
    threshold: payload.threshold,
    next_roots: payload.nextRoots.map(toHex),
    as_credentials: payload.asCredentials.map(credentialView),
    as_intermediate_credentials: payload.asIntermediateCredentials.map(credentialView),
    revoked_certs: payload.revokedCerts.map(({ fingerprint, revokedAt, reason }) => ({
      fingerprint: toHex(fingerprint),
      ...timeJson('revoked_at', revokedAt),
      reason,
    })),
    signatures: decodeBundle(encoded).signatures.map(({ kid, scheme, signature }) => ({
      kid: toHex(kid),
      alg: scheme.coseAlgorithm,
      scheme: scheme.name,
      signature: toBase64(signature),
    })),
    payload_sha256: toHex(payloadHash(payloadBytes)),
    bundle_sha256: toHex(hash('sha256', encoded)),
  };
  return utf8(`${JSON.stringify(view, undefined, 2)}\n`);
}

function credentialView(credential: AsCredential | IntermediateAsCredential): object {
  const { payload, encoded, kind } = credential;
  return {
    kind,
    fingerprint: toHex(fingerprintOf(credential)),
    ...(kind === 'as_credential'
      ? { as_domain: credential.payload.asDomain }
      : { signer_fingerprint: toHex(credential.payload.signerFingerprint) }),
    ...timeJson('not_before', payload.expirationData.notBefore),
    ...timeJson('not_after', payload.expirationData.notAfter),
    ciphersuite: ciphersuiteName(payload.ciphersuite),
    public_key: toHex(payload.publicKey),
    encoded: toBase64(encoded),
  };
}
