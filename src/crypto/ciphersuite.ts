/**
 * The hashes and signature schemes of CredentialCiphersuite: TLS HashAlgorithm and SignatureScheme registries, COSE
 * algorithms.
 */
import { looking, recordIn, wrongInput } from '../common/door.js';
import { sealed } from '../common/sealed.js';

export type HashName = 'sha256' | 'sha384' | 'sha512';
export type SchemeName = 'ed25519' | 'ed448' | 'p256' | 'p384' | 'p521';

export interface HashInfo {
  readonly name: HashName;
  /** TLS HashAlgorithm, RFC 5246 §7.4.1.4.1. */
  readonly code: number;
  /** Bytes of a digest. */
  readonly length: number;
}

export interface SchemeInfo {
  readonly name: SchemeName;
  /** TLS SignatureScheme, RFC 8446 §4.2.3. */
  readonly code: number;
  /** COSE algorithm: the fully specified ones of RFC 9864. */
  readonly coseAlgorithm: number;
  /** Bytes of a public key as RFC 9420 §5.1.1 carries it. */
  readonly publicKeyLength: number;
  /** EdDSA only: bytes of a signature. */
  readonly signatureLength?: number;
  /** ECDSA only: bytes of a coordinate, of a scalar, and of r or s at fixed width. */
  readonly fieldBytes?: number;
  /** ECDSA only: the hash inside the scheme. */
  readonly digest?: HashName;
}

/** What `hash.signature_scheme` of a credential says: the hash names its fingerprints, the scheme its key. */
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

/** The registered one that is meant: itself, or its like in another copy of the library. Error: `usage`. */
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

/** Scheme and hash with a hyphen, such as `ed25519-sha256`. */
export function ciphersuiteName(ciphersuite: CredentialCiphersuite): string {
  const { hash, scheme } = recordIn('the ciphersuite', ciphersuite, ['hash', 'scheme']);
  return `${schemeIn('the scheme', scheme).name}-${hashIn('the hash', hash).name}`;
}

/** The ciphersuite of a name that `ciphersuiteName` gives; undefined for any other text. */
export function parseCiphersuite(text: string): CredentialCiphersuite | undefined {
  for (const scheme of SCHEMES) {
    for (const hash of HASHES) {
      if (ciphersuiteName({ hash, scheme }) === text) return Object.freeze({ hash, scheme });
    }
  }
  return undefined;
}
