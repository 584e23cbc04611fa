import type { SchemeInfo } from '../crypto/ciphersuite.js';
import type { HsmUse } from './pkcs11/use.js';

/** A private key, wherever it is stored. */
export interface Signer {
  /** The key's URI: `file:…` or `pkcs11:…`. */
  readonly uri: string;
  readonly scheme: SchemeInfo;
  /** In the scheme's encoding (RFC 9420 §5.1.1). */
  readonly publicKey: Uint8Array;
  /** For a key in an HSM: the token and the key as they were read back, for the transcript. */
  readonly hsm?: HsmUse;
  /**
   * Signs a whole message: EdDSA raw, or ECDSA in strict DER with low S. Both engines verify the signature before it is
   * returned.
   */
  sign(message: Uint8Array): Promise<Uint8Array>;
  /** Wipes the secrets, or ends the session. It is safe to call twice. */
  close(): Promise<void>;
}
