/**
 * PKCS#8 version 1 (RFC 5208; the INTEGER is 0) private keys without attributes, byte for byte as OpenSSL 3 writes
 * them. All keys of a scheme have one encoding of the same length, so each scheme is a template: fixed bytes around the
 * key.
 */
import { concatBytes, equalBytes, fromHex } from '../common/bytes.js';
import { couldNot } from '../common/errors.js';
import { type SchemeInfo, type SchemeName, SCHEMES } from '../crypto/ciphersuite.js';

export interface Pkcs8Key {
  readonly scheme: SchemeInfo;
  /** EdDSA: the seed. ECDSA: the scalar, big-endian at fixed width. The caller wipes it. */
  readonly privateKey: Uint8Array;
  /** The public key that the file itself claims (ECDSA only); unverified. */
  readonly claimedPublicKey?: Uint8Array;
}

interface Template {
  readonly before: string;
  readonly privateKeyLength: number;
  /** ECDSA: the bytes between the scalar and the public key. */
  readonly between?: string;
}

/*
 * EdDSA (RFC 8410 §7): SEQUENCE { INTEGER 0, SEQUENCE { OID }, OCTET STRING { OCTET STRING seed } }.
 * ECDSA (RFC 5915 §3): SEQUENCE { INTEGER 0, SEQUENCE { OID id-ecPublicKey, OID curve }, OCTET STRING { SEQUENCE {
 *   INTEGER 1, OCTET STRING scalar, [1] { BIT STRING point } } } }, the curve in the AlgorithmIdentifier alone.
 */
const TEMPLATES: Readonly<Record<SchemeName, Template>> = {
  ed25519: { before: '302e 020100 3005 06032b6570 0422 0420', privateKeyLength: 32 },
  ed448: { before: '3047 020100 3005 06032b6571 043b 0439', privateKeyLength: 57 },
  p256: {
    before: '308187 020100 3013 06072a8648ce3d0201 06082a8648ce3d030107 046d 306b 020101 0420',
    privateKeyLength: 32,
    between: 'a144 034200',
  },
  p384: {
    before: '3081b6 020100 3010 06072a8648ce3d0201 06052b81040022 04819e 30819b 020101 0430',
    privateKeyLength: 48,
    between: 'a164 036200',
  },
  p521: {
    before: '3081ee 020100 3010 06072a8648ce3d0201 06052b81040023 0481d6 3081d3 020101 0442',
    privateKeyLength: 66,
    between: 'a18189 03818600',
  },
};

function bytesOf(spacedHex: string): Uint8Array {
  return fromHex(spacedHex.replaceAll(' ', '')) ?? new Uint8Array();
}

/**
 * Returns the DER of a private key; `publicKey` is included for ECDSA only. The caller wipes it. Error: RangeError for
 * a wrong length.
 */
export function encodePkcs8(scheme: SchemeInfo, privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const { before, privateKeyLength, between } = TEMPLATES[scheme.name];
  if (privateKey.length !== privateKeyLength || publicKey.length !== scheme.publicKeyLength) {
    const got = `${String(privateKey.length)} and ${String(publicKey.length)}`;
    const expected = `${String(privateKeyLength)} and ${String(scheme.publicKeyLength)}`;
    throw new RangeError(`${scheme.name} private and public keys have ${expected} bytes, got ${got}`);
  }
  const tail = between === undefined ? [] : [bytesOf(between), publicKey];
  return concatBytes(bytesOf(before), privateKey, ...tail);
}

/**
 * Returns the key in a DER file. The caller checks that the public key belongs to the private key. Error:
 * `bad-key-file`.
 */
export function decodePkcs8(der: Uint8Array): Pkcs8Key {
  for (const scheme of SCHEMES) {
    const { before, privateKeyLength, between } = TEMPLATES[scheme.name];
    const prefix = bytesOf(before);
    if (!equalBytes(der.subarray(0, prefix.length), prefix)) continue;
    const keyEnd = prefix.length + privateKeyLength;
    const middle = bytesOf(between ?? '');
    const publicKeyStart = keyEnd + middle.length;
    const end = between === undefined ? keyEnd : publicKeyStart + scheme.publicKeyLength;
    if (der.length !== end || !equalBytes(der.subarray(keyEnd, publicKeyStart), middle)) break;
    const privateKey = der.slice(prefix.length, keyEnd);
    return between === undefined
      ? { scheme, privateKey }
      : { scheme, privateKey, claimedPublicKey: der.slice(publicKeyStart) };
  }
  const names = SCHEMES.map((scheme) => scheme.name).join(', ');
  throw couldNot('bad-key-file', `the private key is not plain PKCS#8 version 1 of one of ${names}`, {
    hint: 'Keys of this form come from this tool, or from openssl genpkey; ECDSA keys carry their public key and a named curve.',
  });
}
