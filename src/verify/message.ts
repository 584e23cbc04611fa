import { bytesIn, recordIn, textIn } from '../common/door.js';
import { refused } from '../common/errors.js';
import type { Engines } from '../credential/checks.js';
import { verifyWithAll } from '../crypto/engine.js';
import { signContent } from '../crypto/sign-with-label.js';
import { checkVerified, type VerifiedChain } from './chain.js';

export interface SignedMessage {
  readonly label: string;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Verifies a message's signature under the key of a verified chain's leaf credential (SignWithLabel, RFC 9420 §5.1.2).
 * High S is allowed here, since MLS does not forbid it. Errors: `wrong-kind`, `bad-signature`; `usage` for a chain that
 * wasn't verified.
 */
export function verifyMessage(chain: VerifiedChain, signed: SignedMessage, engines: Engines): void {
  checkVerified(chain);
  const given = recordIn('the signed message', signed, ['label', 'message', 'signature']);
  const label = textIn('the label', given.label);
  const message = bytesIn('the message', given.message);
  const signature = bytesIn('the signature', given.signature);
  const leaf = chain.at(-1)?.credential;
  if (leaf?.kind !== 'leaf_credential')
    throw refused('wrong-kind', 'a message is signed by the key of a leaf credential');
  const { ciphersuite, publicKey } = leaf.payload;
  if (!verifyWithAll(engines, ciphersuite.scheme, publicKey, signContent(label, message), signature)) {
    throw refused(
      'bad-signature',
      `the signature of the message under the label ${JSON.stringify(label)} is not by the leaf credential's key`,
    );
  }
}
