/**
 * The form of the signed bundle: COSE_Sign (RFC 9052 §4.1), tagged, deterministic throughout. `verify/accept-bundle.ts`
 * decides whether one is accepted.
 */
import { type CborLimits, CborTagged, type CborValue, decodeCbor, encodeCbor } from '../codec/cbor.js';
import { compareBytes, equalBytes } from '../common/bytes.js';
import { bytesIn } from '../common/door.js';
import { sealed } from '../common/sealed.js';
import { schemeByCoseAlgorithm, type SchemeInfo } from '../crypto/ciphersuite.js';
import { derToRaw, rawToDer } from '../crypto/signature-encoding.js';
import { checkBundleSize, checkCount, MAX_BUNDLE_BYTES, MAX_ROOTS, maxItems } from './limits.js';
import { decodeBundlePayload, type UnverifiedBundlePayload } from './payload.js';
import { arrayField, bytesField, checkRising, integerField, MALFORMED, malformed, mapField } from './payload-fields.js';

/** A COSE_Signature (RFC 9052 §4.1) by one AS credential. */
export interface BundleSignature {
  /** The AS credential's fingerprint. */
  readonly kid: Uint8Array;
  readonly scheme: SchemeInfo;
  /** The protected header, as it was signed. */
  readonly protectedBytes: Uint8Array;
  /** The signature as COSE encodes it: EdDSA raw, ECDSA r‖s (RFC 9053 §2). */
  readonly signature: Uint8Array;
}

/** A well-formed bundle, sealed. Neither its credentials nor its signatures have been verified. */
export interface UnverifiedBundle {
  readonly payload: UnverifiedBundlePayload;
  readonly payloadBytes: Uint8Array;
  readonly signatures: readonly BundleSignature[];
  readonly encoded: Uint8Array;
}

/** `typ` (RFC 9596) in the body's protected header. */
export const BUNDLE_TYPE = 'application/vnd.as-credential-bundle+cose';

const COSE_SIGN = 98;
const ALG = 1;
const KID = 4;
const TYP = 16;
const LIMITS: Omit<CborLimits, 'maxItems'> = {
  code: MALFORMED,
  what: 'the bundle',
  maxBytes: MAX_BUNDLE_BYTES,
  maxDepth: 6,
  // COSE_Sign has 4 parts, a COSE_Signature 3.
  maxEntries: MAX_ROOTS,
  tags: [COSE_SIGN],
};
const HEADER_LIMITS: CborLimits = { ...LIMITS, what: 'a protected header', maxDepth: 4, maxItems: 8, tags: [] };

function bodyProtected(): Uint8Array {
  return encodeCbor(new Map([[TYP, BUNDLE_TYPE]]));
}

/** Returns the protected header of a signature by the AS credential with this fingerprint and scheme. */
export function signatureProtected(kid: Uint8Array, scheme: SchemeInfo): Uint8Array {
  return encodeCbor(
    new Map<number, CborValue>([
      [ALG, scheme.coseAlgorithm],
      [KID, kid],
    ]),
  );
}

/** Returns what one signature of a bundle signs: Sig_structure (RFC 9052 §4.4) with an empty external_aad. */
export function sigStructure(protectedBytes: Uint8Array, payloadBytes: Uint8Array): Uint8Array {
  return encodeCbor(['Signature', bodyProtected(), protectedBytes, new Uint8Array(), payloadBytes]);
}

/**
 * Returns the COSE form of a Signer's signature (EdDSA raw, ECDSA DER) over `sigStructure(signatureProtected(kid,
 * scheme), payloadBytes)`.
 */
export function bundleSignature(kid: Uint8Array, scheme: SchemeInfo, signature: Uint8Array): BundleSignature {
  const raw = scheme.fieldBytes === undefined ? signature : derToRaw(scheme, signature);
  return { kid, scheme, protectedBytes: signatureProtected(kid, scheme), signature: raw };
}

/**
 * Returns the signature in the form of credentials and engines (EdDSA raw, ECDSA DER), or undefined if its length is
 * wrong for the scheme.
 */
export function signatureOf({ scheme, signature }: BundleSignature): Uint8Array | undefined {
  const length = scheme.fieldBytes === undefined ? scheme.signatureLength : 2 * scheme.fieldBytes;
  if (signature.length !== length) return undefined;
  return scheme.fieldBytes === undefined ? signature : rawToDer(scheme, signature);
}

/**
 * Encodes a bundle, and sorts its signatures. Refuses whatever a decoder would refuse. Errors: `bundle-too-large`,
 * `bundle-malformed`.
 */
export function encodeBundle(payloadBytes: Uint8Array, signatures: readonly BundleSignature[]): Uint8Array {
  checkCount(signatures.length, MAX_ROOTS, 'bear', 'signatures');
  const sorted = [...signatures].sort((a, b) => compareBytes(a.kid, b.kid));
  const bytes = encodeCbor(
    new CborTagged(COSE_SIGN, [
      bodyProtected(),
      new Map(),
      payloadBytes,
      sorted.map(({ protectedBytes, signature }) => [protectedBytes, new Map(), signature]),
    ]),
  );
  if (bytes.length > MAX_BUNDLE_BYTES) checkBundleSize(bytes.length, decodeBundlePayload(payloadBytes));
  decodeBundle(bytes);
  return bytes;
}

/** Decodes a bundle, strictly; nothing is verified. Errors: `bundle-malformed`, `usage`. */
export function decodeBundle(given: Uint8Array): UnverifiedBundle {
  const bytes = bytesIn('the bundle', given);
  const tagged = decodeCbor(bytes, { ...LIMITS, maxItems: maxItems(bytes.length) });
  if (!(tagged instanceof CborTagged) || tagged.tag !== COSE_SIGN)
    throw malformed('it is not a COSE_Sign: tag 98 is missing');
  const [body, unprotected, payloadItem, signatureItems] = tuple('COSE_Sign', tagged.value, 4);
  if (!equalBytes(bytesField("the body's protected header", body), bodyProtected())) {
    throw malformed(`the body's protected header is not {16: ${JSON.stringify(BUNDLE_TYPE)}}`);
  }
  mapField("the body's unprotected header", unprotected, []);
  const payloadBytes = bytesField('the payload', payloadItem);
  const signatures = arrayField('signatures', signatureItems).map(signatureField);
  if (signatures.length === 0) throw malformed('it has no signature');
  checkRising(
    'signatures (by kid)',
    signatures.map(({ kid }) => kid),
  );
  return sealed({ payload: decodeBundlePayload(payloadBytes), payloadBytes, signatures, encoded: bytes });
}

function signatureField(item: CborValue): BundleSignature {
  const [header, unprotected, signature] = tuple('COSE_Signature', item, 3);
  const protectedBytes = bytesField("a signature's protected header", header);
  mapField("a signature's unprotected header", unprotected, []);
  const map = mapField("a signature's protected header", decodeCbor(protectedBytes, HEADER_LIMITS), [ALG, KID]);
  const algorithm = integerField('alg', map.get(ALG), Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  const scheme = schemeByCoseAlgorithm(algorithm);
  if (scheme === undefined)
    throw malformed(`alg ${String(algorithm)} is not one of the fully specified algorithms of this format`);
  return {
    kid: bytesField('kid', map.get(KID)),
    scheme,
    protectedBytes,
    signature: bytesField('a signature', signature),
  };
}

function tuple(name: string, value: CborValue, length: number): readonly CborValue[] {
  const items = arrayField(name, value);
  if (items.length !== length) throw malformed(`${name} has ${String(items.length)} parts, not ${String(length)}`);
  return items;
}
