/** How PKCS#11 encodes the five schemes: key types, mechanisms, curve parameters, points, signatures. */
import { concatBytes, utf8 } from '../../common/bytes.js';
import { type SchemeInfo, type SchemeName, SCHEMES } from '../../crypto/ciphersuite.js';
import { rawToDer, toLowS } from '../../crypto/signature-encoding.js';
import { CKK, CKM } from './constants.js';

export interface KeyType {
  readonly keyType: number;
  readonly generate: number;
  readonly sign: number;
  /** The key size in bits, as mechanism infos count it. */
  readonly bits: number;
  /** Accepted forms of CKA_EC_PARAMS in hex, the usual one first: an OID, or the curve's name as a PrintableString. */
  readonly parameters: readonly string[];
  /** Parameters in hex that CKM_EDDSA may need (CK_EDDSA_PARAMS: pure, no context), tried in this order. */
  readonly signParameters: readonly (string | undefined)[];
}

function printable(name: string): string {
  const bytes = concatBytes(Uint8Array.of(0x13, name.length), utf8(name));
  return Buffer.from(bytes).toString('hex');
}

const EDWARDS = { keyType: CKK.edwards, generate: CKM.edwardsKeyPairGen, sign: CKM.eddsa } as const;
const EC = { keyType: CKK.ec, generate: CKM.ecKeyPairGen, sign: CKM.ecdsa, signParameters: [undefined] } as const;
/** CK_EDDSA_PARAMS on a 64-bit machine, all zero. */
const PURE = '00'.repeat(24);

const KEY_TYPES: Readonly<Record<SchemeName, KeyType>> = {
  ed25519: {
    ...EDWARDS,
    bits: 255,
    parameters: ['06032b6570', printable('edwards25519')],
    signParameters: [undefined],
  },
  ed448: {
    ...EDWARDS,
    bits: 448,
    parameters: ['06032b6571', printable('edwards448')],
    signParameters: [undefined, PURE],
  },
  p256: { ...EC, bits: 256, parameters: ['06082a8648ce3d030107', printable('secp256r1')] },
  p384: { ...EC, bits: 384, parameters: ['06052b81040022', printable('secp384r1')] },
  p521: { ...EC, bits: 521, parameters: ['06052b81040023', printable('secp521r1')] },
};

export function keyTypeOf(scheme: SchemeInfo): KeyType {
  return KEY_TYPES[scheme.name];
}

/** Returns the scheme for a key's CKA_KEY_TYPE and CKA_EC_PARAMS (hex), or undefined for any other key. */
export function schemeOfKey(keyType: number | undefined, parameters: string | null): SchemeInfo | undefined {
  return SCHEMES.find((scheme) => {
    const known = KEY_TYPES[scheme.name];
    return known.keyType === keyType && parameters !== null && known.parameters.includes(parameters);
  });
}

/**
 * Returns the public key in a CKA_EC_POINT: bare, in a DER OCTET STRING or BIT STRING, or with a damaged length (some
 * tokens write a wrong one for P-521). It is parsed by the length that it must have, and the result is undefined if
 * that is impossible. The caller checks that the key is valid.
 */
export function publicKeyOfPoint(scheme: SchemeInfo, point: Uint8Array): Uint8Array | undefined {
  const expected = scheme.publicKeyLength;
  const extra = point.length - expected;
  if (extra < 0 || extra > 5) return undefined;
  const prefix = point.subarray(0, extra);
  const isWrapped = extra >= 2 && (prefix[0] === 0x04 || prefix[0] === 0x03);
  if (extra > 0 && !isWrapped) return undefined;
  return point.slice(extra);
}

/**
 * Returns a token's signature in this program's encoding. The caller decides what is sent to the token: the whole
 * message for EdDSA, its hash for ECDSA.
 */
export function signatureFromToken(scheme: SchemeInfo, raw: Uint8Array): Uint8Array {
  return scheme.digest === undefined ? raw : toLowS(scheme, rawToDer(scheme, raw));
}
