/** Dry runs: everything that a real signature goes through, with a throw-away key in place of the signer. */
import { wipe } from '../../common/bytes.js';
import { refused } from '../../common/errors.js';
import {
  attachSignature,
  selfSignatureContent,
  signatureContent,
  type StructName,
} from '../../credential/self-signed.js';
import type { SchemeInfo } from '../../crypto/ciphersuite.js';
import { type VerificationEngine, verifyWithAll } from '../../crypto/engine.js';
import { derivePublicKey, generatePrivateKey, sign } from '../../crypto/private-key.js';

interface Means {
  readonly random: (length: number) => Uint8Array;
  readonly engines: readonly VerificationEngine[];
}

/** Returns a public key whose private key is gone, to stand in for one that is not made yet. */
export function standInPublicKey(scheme: SchemeInfo, random: Means['random']): Uint8Array {
  const privateKey = generatePrivateKey(scheme, random);
  try {
    return derivePublicKey(scheme, privateKey);
  } finally {
    wipe(privateKey);
  }
}

/** Returns a signature by a key that is thrown away at once, verified as a real one would be. */
export function dryRunSignature(scheme: SchemeInfo, content: Uint8Array, { random, engines }: Means): Uint8Array {
  const privateKey = generatePrivateKey(scheme, random);
  try {
    const signature = sign(scheme, privateKey, content);
    if (!verifyWithAll(engines, scheme, derivePublicKey(scheme, privateKey), content, signature)) {
      throw refused('signature-check-failed', 'the signature of the dry run does not verify', {
        hint: 'Sign nothing on this machine: its memory or processor may be at fault.',
      });
    }
    return signature;
  } finally {
    wipe(privateKey);
  }
}

/** Returns a payload with a stand-in for its self signature. */
export function dryRunSelfSign(
  name: StructName,
  scheme: SchemeInfo,
  payloadBytes: Uint8Array,
  means: Means,
): Uint8Array {
  return attachSignature(payloadBytes, dryRunSignature(scheme, selfSignatureContent(name, payloadBytes), means));
}

/** Returns a self-signed payload with a stand-in for its signer's signature. */
export function dryRunSign(
  name: StructName,
  signerScheme: SchemeInfo,
  selfSignedBytes: Uint8Array,
  means: Means,
): Uint8Array {
  return attachSignature(
    selfSignedBytes,
    dryRunSignature(signerScheme, signatureContent(name, selfSignedBytes), means),
  );
}
