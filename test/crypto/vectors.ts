/** The repository's own signature vectors; `make-vectors.py` beside this file makes them. */
import { readFileSync } from 'node:fs';
import { fromHex } from '../../src/common/bytes.js';
import { schemeByName, type SchemeInfo, type SchemeName, SCHEMES } from '../../src/crypto/ciphersuite.js';

export interface SignatureVector {
  readonly scheme: SchemeName;
  readonly name: string;
  readonly publicKey: string;
  readonly message: string;
  readonly signature: string;
  /** What `checkPublicKey` says. */
  readonly keyAccepted: boolean;
  /** What `checkSignatureEncoding` says. */
  readonly encodingAccepted: boolean;
  /** What `isCanonicalSignature` says, where the encoding is accepted. */
  readonly canonical: boolean;
  /** The verdict of every engine. */
  readonly expect: boolean;
}

const FILE = new URL('../vectors/crypto.json', import.meta.url);
export const SIGNATURE_VECTORS = JSON.parse(readFileSync(FILE, 'utf8')) as readonly SignatureVector[];

export function bytes(hex: string): Uint8Array {
  const decoded = fromHex(hex);
  if (decoded === undefined) throw new Error(`not hexadecimal: ${hex}`);
  return decoded;
}

export function scheme(name: string): SchemeInfo {
  const found = schemeByName(name);
  if (found === undefined) throw new Error(`no scheme ${name}`);
  return found;
}

export const ECDSA_SCHEMES = SCHEMES.filter(({ digest }) => digest !== undefined);

/** The code of the error that `action` throws, or undefined where it throws none. */
export function codeOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code ?? 'no code';
  }
}
