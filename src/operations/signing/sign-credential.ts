/** The only place where credentials and requests are signed. It accepts only what policy has checked. */
import { equalBytes, toHex } from '../../common/bytes.js';
import { refused } from '../../common/errors.js';
import { type AsCredential, decodeAsCredential } from '../../credential/as-credential.js';
import { checkNesting, checkSelfSignature, checkSignature } from '../../credential/checks.js';
import {
  decodeIntermediateAsCredential,
  decodeIntermediateAsCredentialRequest,
  type IntermediateAsCredential,
  type IntermediateAsCredentialRequest,
} from '../../credential/intermediate-as-credential.js';
import { attachSignature, selfSignatureContent, signatureContent } from '../../credential/self-signed.js';
import { hash } from '../../crypto/hash.js';
import { isCanonicalSignature } from '../../crypto/signature-encoding.js';
import type { Checked } from '../../policy/all-rules.js';
import type { IssueProposal, RequestProposal, RootProposal } from '../../policy/rule.js';
import type { Signer } from '../../signer/signer.js';
import type { OperationContext, Planned } from '../context/operation-context.js';

type Engines = Planned<Pick<OperationContext, 'engines'>>;

/** A signature that was made, for the transcript: whose key, and the SHA-256 (hex) of the bytes that were signed. */
export interface SignatureMade {
  readonly publicKeySha256: string;
  readonly signedSha256: string;
}

export interface Made<C> {
  readonly credential: C;
  readonly signature: SignatureMade;
}

export async function signRoot(
  proposal: Checked<RootProposal>,
  signer: Signer,
  { engines }: Engines,
): Promise<Made<AsCredential>> {
  const { candidate } = proposal;
  const content = selfSignatureContent('AsCredential', candidate.payloadBytes);
  const signature = await signWith(signer, candidate.payload.publicKey, content);
  const credential = decodeAsCredential(attachSignature(candidate.payloadBytes, signature));
  mustEqual(credential.payloadBytes, candidate.payloadBytes);
  checkSelfSignature(credential, engines);
  return { credential, signature: recordOf(signer, content) };
}

export async function signRequest(
  proposal: Checked<RequestProposal>,
  signer: Signer,
  { engines }: Engines,
): Promise<Made<IntermediateAsCredentialRequest>> {
  const { candidate } = proposal;
  const content = selfSignatureContent('IntermediateAsCredential', candidate.payloadBytes);
  const signature = await signWith(signer, candidate.payload.publicKey, content);
  const credential = decodeIntermediateAsCredentialRequest(attachSignature(candidate.payloadBytes, signature));
  mustEqual(credential.payloadBytes, candidate.payloadBytes);
  checkSelfSignature(credential, engines);
  return { credential, signature: recordOf(signer, content) };
}

export async function signIntermediate(
  proposal: Checked<IssueProposal>,
  signer: Signer,
  { engines }: Engines,
): Promise<Made<IntermediateAsCredential>> {
  const { candidate, request, signer: root } = proposal;
  const content = signatureContent('IntermediateAsCredential', candidate.selfSignedBytes);
  const signature = await signWith(signer, root.payload.publicKey, content);
  const credential = decodeIntermediateAsCredential(attachSignature(request.encoded, signature));
  mustEqual(credential.selfSignedBytes, candidate.selfSignedBytes);
  checkSelfSignature(credential, engines);
  checkSignature(credential, root, engines);
  checkNesting(credential, root);
  return { credential, signature: recordOf(signer, content) };
}

async function signWith(signer: Signer, expectedPublicKey: Uint8Array, content: Uint8Array): Promise<Uint8Array> {
  if (!equalBytes(signer.publicKey, expectedPublicKey)) {
    throw refused(
      'key-mismatch',
      `${signer.uri} holds another key: its public key is ${toHex(signer.publicKey)}, not ${toHex(expectedPublicKey)}`,
    );
  }
  const signature = await signer.sign(content);
  if (!isCanonicalSignature(signer.scheme, signature)) {
    throw refused(
      'signature-check-failed',
      `a signature of ${signer.uri} has its S in the upper half; it was thrown away`,
      {
        hint: 'Report this: a signer must give the lower S.',
      },
    );
  }
  return signature;
}

/** Checks that what was signed, decoded again, is what was checked; anything else is a fault of this program. */
function mustEqual(signed: Uint8Array, checkedBytes: Uint8Array): void {
  if (!equalBytes(signed, checkedBytes)) {
    throw refused('signed-bytes-differ', 'what was signed is not what was checked; nothing was kept', {
      hint: 'Sign nothing more with this program, and report this.',
    });
  }
}

function recordOf(signer: Signer, content: Uint8Array): SignatureMade {
  return {
    publicKeySha256: toHex(hash('sha256', signer.publicKey)),
    signedSha256: toHex(hash('sha256', content)),
  };
}
