/**
 * Checks of one decoded credential. Each throws with the wire format's code (`usage` for an object that no decoder
 * made). All engines judge every signature.
 */
import { refused } from '../common/errors.js';
import { formatTime } from '../common/time.js';
import { type Engines, verifyWithAll } from '../crypto/engine.js';
import { checkSignatureEncoding, isCanonicalSignature } from '../crypto/signature-encoding.js';
import { checkDecoded } from './decoded.js';
import {
  type AnyCredential,
  type AnyRequest,
  CREDENTIAL_KINDS,
  type CredentialWithSigner,
  KINDS,
  SIGNED_KINDS,
} from './kinds.js';
import { selfSignatureContent, signatureContent } from './self-signed.js';

export type { Engines } from '../crypto/engine.js';
export type { CredentialWithSigner } from './kinds.js';

/**
 * Checks the proof of possession, whose encoding was checked when it was decoded. Errors: `non-canonical-signature`,
 * `bad-self-signature`.
 */
export function checkSelfSignature(credential: AnyCredential | AnyRequest, engines: Engines): void {
  checkDecoded('the credential', credential);
  const { structName, title } = KINDS[credential.kind];
  const { publicKey, ciphersuite } = credential.payload;
  if (!isCanonicalSignature(ciphersuite.scheme, credential.selfSignature))
    throw highS(`the self signature of the ${title}`);
  const content = selfSignatureContent(structName, credential.payloadBytes);
  if (!verifyWithAll(engines, ciphersuite.scheme, publicKey, content, credential.selfSignature)) {
    throw refused('bad-self-signature', `the self signature of the ${title} is not by the key in it`, {
      hint: 'It was changed after it was made, or whoever made it does not hold the key.',
    });
  }
}

/** Checks the signer's signature. Errors: `bad-signature-encoding`, `non-canonical-signature`, `bad-signature`. */
export function checkSignature(credential: CredentialWithSigner, signer: AnyCredential, engines: Engines): void {
  checkDecoded('the credential', credential, SIGNED_KINDS);
  checkDecoded('the signer', signer, CREDENTIAL_KINDS);
  const { structName, title } = KINDS[credential.kind];
  const { publicKey, ciphersuite } = signer.payload;
  checkSignatureEncoding(ciphersuite.scheme, credential.signature);
  if (!isCanonicalSignature(ciphersuite.scheme, credential.signature)) throw highS(`the signature of the ${title}`);
  const content = signatureContent(structName, credential.selfSignedBytes);
  if (!verifyWithAll(engines, ciphersuite.scheme, publicKey, content, credential.signature)) {
    throw refused(
      'bad-signature',
      `the signature of the ${title} is not by the ${KINDS[signer.kind].title} that it names`,
      {
        hint: 'It was changed after it was signed, or another key signed it.',
      },
    );
  }
}

/** Checks that a validity lies within its signer's, at both ends. Error: `validity-not-nested`. */
export function checkNesting(credential: CredentialWithSigner | AnyRequest, signer: AnyCredential): void {
  checkDecoded('the credential', credential);
  checkDecoded('the signer', signer, CREDENTIAL_KINDS);
  const inner = credential.payload.expirationData;
  const outer = signer.payload.expirationData;
  if (inner.notBefore >= outer.notBefore && inner.notAfter <= outer.notAfter) return;
  const [end, found, limit] =
    inner.notBefore < outer.notBefore
      ? ['begins', inner.notBefore, outer.notBefore]
      : ['ends', inner.notAfter, outer.notAfter];
  throw refused(
    'validity-not-nested',
    `the ${KINDS[credential.kind].title} ${end} ${formatTime(found)}, outside its signer's validity (${formatTime(limit)})`,
    { hint: `The largest validity that fits is ${formatTime(outer.notBefore)} to ${formatTime(outer.notAfter)}.` },
  );
}

function highS(what: string): Error {
  return refused('non-canonical-signature', `${what} has its S in the upper half; only the lower one is accepted`, {
    hint: 'Make the signature again with a tool that gives low S.',
  });
}
