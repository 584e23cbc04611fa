/**
 * Somebody who has copied an authority's folder and knows the passphrase of one root: what they can sign without any
 * other key.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  bundleSignature,
  decodeBundle,
  encodeBundle,
  signatureProtected,
  sigStructure,
} from '../../../src/bundle/bundle.js';
import { type BundlePayload, encodeBundlePayload, payloadHash } from '../../../src/bundle/payload.js';
import { fromHex, utf8 } from '../../../src/common/bytes.js';
import type { AsCredential } from '../../../src/credential/as-credential.js';
import { decodeCredentialFile } from '../../../src/credential/credential-file.js';
import { fingerprintOf } from '../../../src/credential/fingerprint-of.js';
import {
  decodeIntermediateAsCredential,
  encodeIntermediateAsCredentialPayload,
  type IntermediateAsCredential,
} from '../../../src/credential/intermediate-as-credential.js';
import { attachSignature, selfSignatureContent, signatureContent } from '../../../src/credential/self-signed.js';
import { sign } from '../../../src/crypto/private-key.js';
import type { Signer } from '../../../src/signer/signer.js';
import { openSoftwareKey } from '../../../src/signer/software-key.js';
import { payloadOf } from '../../../src/verify/bundle-trust.js';
import { newKeyPair } from '../keys/software-keys.js';
import { PASSPHRASE } from './cli-authority.js';

export interface Theft {
  /** Of the root's key file, where it isn't that of the tests with the program. */
  readonly passphrase?: string;
  /** Fingerprints (hex) that it revokes besides. */
  readonly revokes: readonly string[];
  /** One above the base's where it isn't given. */
  readonly sequence?: number;
  /** What else the thief writes; the signature is the stolen root's alone. */
  readonly change?: (payload: BundlePayload, thief: IntermediateAsCredential) => Partial<BundlePayload>;
}

/**
 * A bundle on top of `base` by the stolen root `root-1`, which lists an intermediate of the thief's and none of the
 * authority's.
 */
export async function stealBundle(dir: string, base: Uint8Array, theft: Theft): Promise<Uint8Array> {
  const bytesOf = (file: string): Uint8Array => new Uint8Array(readFileSync(join(dir, file)));
  const root = decodeCredentialFile(bytesOf('credentials/root-1.pem'), ['as_credential']);
  const signer = await openSoftwareKey({
    uri: 'file:keys/root-1.age',
    ageFile: bytesOf('keys/root-1.age'),
    passphrase: utf8(theft.passphrase ?? PASSPHRASE),
  });
  try {
    const held = decodeBundle(base);
    const was = payloadOf(held);
    const own = await intermediateBy(root, signer);
    // Not after the base, which may be of this very second: no client holds what is dated ahead.
    const { issuedAt } = was;
    const payload: BundlePayload = {
      ...was,
      sequence: theft.sequence ?? was.sequence + 1,
      previous: payloadHash(held.payloadBytes),
      issuedAt,
      asIntermediateCredentials: [own],
      revokedCerts: [
        ...was.revokedCerts,
        ...theft.revokes.map((one) => ({
          fingerprint: fromHex(one) ?? new Uint8Array(),
          revokedAt: issuedAt,
          reason: 'key-compromise' as const,
        })),
      ],
    };
    const bytes = encodeBundlePayload({ ...payload, ...theft.change?.(payload, own) });
    const { scheme } = root.payload.ciphersuite;
    const kid = fingerprintOf(root);
    const signature = await signer.sign(sigStructure(signatureProtected(kid, scheme), bytes));
    return encodeBundle(bytes, [bundleSignature(kid, scheme, signature)]);
  } finally {
    await signer.close();
  }
}

async function intermediateBy(root: AsCredential, signer: Signer): Promise<IntermediateAsCredential> {
  const { ciphersuite, expirationData } = root.payload;
  const own = newKeyPair(ciphersuite.scheme);
  const payload = encodeIntermediateAsCredentialPayload({
    expirationData,
    ciphersuite,
    publicKey: own.publicKey,
    signerFingerprint: fingerprintOf(root),
  });
  const content = selfSignatureContent('IntermediateAsCredential', payload);
  const request = attachSignature(payload, sign(ciphersuite.scheme, own.privateKey, content));
  const signature = await signer.sign(signatureContent('IntermediateAsCredential', request));
  return decodeIntermediateAsCredential(attachSignature(request, signature));
}
