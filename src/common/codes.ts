/** Codes of the wire format, in errors and in JSON output alike. */
export const DECODING_CODES = Object.freeze([
  'truncated',
  'trailing-bytes',
  'non-minimal-length',
  'bad-length',
  'bad-domain',
  'bad-validity',
  'unsupported-hash',
  'unsupported-signature-scheme',
  'bad-public-key',
  'bad-fingerprint',
  'bad-signature-encoding',
  'bad-client-id',
  'bad-pem',
  'wrong-kind',
] as const);

export const VERIFYING_CODES = Object.freeze([
  'bad-self-signature',
  'bad-signature',
  'non-canonical-signature',
  'unknown-signer',
  'validity-not-nested',
  'not-yet-valid',
  'expired',
  'revoked',
  'domain-mismatch',
  'untrusted',
] as const);

/** Codes that only a bundle's acceptance gives. */
export const BUNDLE_CODES = Object.freeze([
  'bundle-malformed',
  'rollback',
  'broken-history',
  'bundle-expired',
] as const);

export type DecodingCode = (typeof DECODING_CODES)[number];
export type VerifyingCode = (typeof VERIFYING_CODES)[number];
export type BundleCode = (typeof BUNDLE_CODES)[number];
export type WireCode = DecodingCode | VerifyingCode | BundleCode;

const WIRE_CODES: ReadonlySet<string> = new Set([...DECODING_CODES, ...VERIFYING_CODES, ...BUNDLE_CODES]);

export function isWireCode(code: string): code is WireCode {
  return WIRE_CODES.has(code);
}
