/**
 * The hashes and signature schemes of CredentialCiphersuite, from the TLS HashAlgorithm and SignatureScheme registries
 * and the COSE algorithms.
 */
import { looking, recordIn, wrongInput } from '../common/door.js';
import { sealed } from '../common/sealed.js';

export type HashName = 'sha256' | 'sha384' | 'sha512';
export type SchemeName = 'ed25519' | 'ed448' | 'p256' | 'p384' | 'p521';

export interface HashInfo {
  readonly name: HashName;
  /** TLS HashAlgorithm, RFC 5246 §7.4.1.4.1. */
  readonly code: number;
  /** The length of a digest in bytes. */
  readonly length: number;
}

export interface SchemeInfo {
  readonly name: SchemeName;
  /** TLS SignatureScheme, RFC 8446 §4.2.3. */
  readonly code: number;
  /** COSE algorithm, one of the fully specified ones of RFC 9864. */
  readonly coseAlgorithm: number;
  /** The length in bytes of a public key as RFC 9420 §5.1.1 encodes it. */
  readonly publicKeyLength: number;
  /** EdDSA only: the length of a signature in bytes. */
  readonly signatureLength?: number;
  /** ECDSA only: the length in bytes of a coordinate, of a scalar, and of r or s at fixed width. */
  readonly fieldBytes?: number;
  /** ECDSA only: the hash of the scheme. */
  readonly digest?: HashName;
}

/** `hash.signature_scheme` of a credential: the hash is that of its fingerprints, the scheme that of its key. */
export interface CredentialCiphersuite {
  readonly hash: HashInfo;
  readonly scheme: SchemeInfo;
}

export const HASHES: readonly HashInfo[] = sealed([
  { name: 'sha256', code: 4, length: 32 },
  { name: 'sha384', code: 5, length: 48 },
  { name: 'sha512', code: 6, length: 64 },
]);

export const SCHEMES: readonly SchemeInfo[] = sealed([
  { name: 'ed25519', code: 0x0807, coseAlgorithm: -19, publicKeyLength: 32, signatureLength: 64 },
  { name: 'ed448', code: 0x0808, coseAlgorithm: -53, publicKeyLength: 57, signatureLength: 114 },
  { name: 'p256', code: 0x0403, coseAlgorithm: -9, publicKeyLength: 65, fieldBytes: 32, digest: 'sha256' },
  { name: 'p384', code: 0x0503, coseAlgorithm: -51, publicKeyLength: 97, fieldBytes: 48, digest: 'sha384' },
  { name: 'p521', code: 0x0603, coseAlgorithm: -52, publicKeyLength: 133, fieldBytes: 66, digest: 'sha512' },
]);

export function hashByCode(code: number): HashInfo | undefined {
  return HASHES.find((hash) => hash.code === code);
}

export function schemeByCode(code: number): SchemeInfo | undefined {
  return SCHEMES.find((scheme) => scheme.code === code);
}

export function schemeByName(name: string): SchemeInfo | undefined {
  return SCHEMES.find((scheme) => scheme.name === name);
}

export function schemeByCoseAlgorithm(algorithm: number): SchemeInfo | undefined {
  return SCHEMES.find((scheme) => scheme.coseAlgorithm === algorithm);
}

/**
 * Returns the registered scheme that the value stands for: itself, or its counterpart from another copy of the library.
 * Error: `usage`.
 */
export function schemeIn(name: string, value: unknown): SchemeInfo {
  return registered(name, SCHEMES, value);
}

function hashIn(name: string, value: unknown): HashInfo {
  return registered(name, HASHES, value);
}

function registered<T extends SchemeInfo | HashInfo>(what: string, registry: readonly T[], value: unknown): T {
  const given = (value ?? {}) as Partial<T>;
  const [name, code] = looking(what, () => [given.name, given.code]);
  const found = registry.find((one) => one.name === name && one.code === code);
  if (found === undefined) throw wrongInput(what, 'is not one of those registered');
  return found;
}

/** Returns scheme and hash with a hyphen, such as `ed25519-sha256`. */
export function ciphersuiteName(ciphersuite: CredentialCiphersuite): string {
  const { hash, scheme } = recordIn('the ciphersuite', ciphersuite, ['hash', 'scheme']);
  return `${schemeIn('the scheme', scheme).name}-${hashIn('the hash', hash).name}`;
}

/** Returns the ciphersuite for a name from `ciphersuiteName`, or undefined for any other text. */
export function parseCiphersuite(text: string): CredentialCiphersuite | undefined {
  for (const scheme of SCHEMES) {
    for (const hash of HASHES) {
      if (ciphersuiteName({ hash, scheme }) === text) return Object.freeze({ hash, scheme });
    }
  }
  return undefined;
}
