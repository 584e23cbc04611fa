/** Whether a credential is revoked, under whichever of its encodings. */
import { toHex } from '../common/bytes.js';
import { CeremonyError } from '../common/errors.js';
import { hash } from '../crypto/hash.js';
import type { SchemeInfo } from '../crypto/ciphersuite.js';
import { withOtherS } from '../crypto/signature-encoding.js';
import { toleratesHighS } from './checks.js';
import { fingerprintOf } from './fingerprint.js';
import type { AnyCredential } from './kinds.js';
import { attachSignature } from './self-signed.js';

/**
 * Whether a fingerprint (hex) in `revoked` names this credential. Where a scheme's high S is tolerated, whoever holds a credential can
 * give it another encoding and so another fingerprint: those count as well, so that none of them dodges the revocation.
 * `signerScheme` is that of the credential above; none for an AS credential.
 */
export function isRevoked(
  credential: AnyCredential,
  signerScheme: SchemeInfo | undefined,
  revoked: ReadonlySet<string>,
): boolean {
  if (revoked.size === 0) return false;
  if (revoked.has(toHex(fingerprintOf(credential)))) return true;
  const { ciphersuite } = credential.payload;
  return otherEncodings(credential, signerScheme).some((bytes) =>
    revoked.has(toHex(hash(ciphersuite.hash.name, bytes))),
  );
}

function otherEncodings(credential: AnyCredential, signerScheme: SchemeInfo | undefined): Uint8Array[] {
  const selfSigned = bothForms(credential.payload.ciphersuite.scheme, credential.selfSignature).map((signature) =>
    attachSignature(credential.payloadBytes, signature),
  );
  if (credential.kind === 'as_credential') return selfSigned;
  const outer = signerScheme === undefined ? [credential.signature] : bothForms(signerScheme, credential.signature);
  return selfSigned.flatMap((bytes) => outer.map((signature) => attachSignature(bytes, signature)));
}

function bothForms(scheme: SchemeInfo, signature: Uint8Array): Uint8Array[] {
  if (!toleratesHighS(scheme)) return [signature];
  try {
    return [signature, withOtherS(scheme, signature)];
  } catch (error) {
    // No signature at all, which another check says.
    if (error instanceof CeremonyError) return [signature];
    throw error;
  }
}
