/**
 * The file in which one root's signatures over prepared bundles travel back to where the bundles are assembled. Form
 * only; nothing is verified here.
 */
import { type CborValue, encodeCbor } from '../codec/cbor.js';
import { isFingerprint } from '../credential/credential-fingerprint.js';
import { schemeByCoseAlgorithm, type SchemeInfo } from '../crypto/ciphersuite.js';
import { type BundleSignature, signatureProtected } from './bundle.js';
import { arrayField, bytesField, integerField, malformed } from './payload-fields.js';
import { decodeStageFile, SIGNATURES } from './stage-file.js';

/** The signatures of one root over the bundles of a prepared file. */
export interface DetachedSignatures {
  /** The SHA-256 of the prepared file. */
  readonly preparedSha256: Uint8Array;
  readonly kid: Uint8Array;
  readonly scheme: SchemeInfo;
  /** In rising order of sequence, encoded as in COSE. */
  readonly signatures: readonly { readonly sequence: number; readonly signature: Uint8Array }[];
}

export const MAX_SIGNATURES_FILE = 64 * 1024;
const SHA256_BYTES = 32;

export function encodeSignatures({ preparedSha256, kid, scheme, signatures }: DetachedSignatures): Uint8Array {
  const bytes = encodeCbor(
    new Map<string, CborValue>([
      ['type', SIGNATURES],
      ['version', 1],
      ['prepared_sha256', preparedSha256],
      ['kid', kid],
      ['alg', scheme.coseAlgorithm],
      ['signatures', signatures.map(({ sequence, signature }) => [sequence, signature])],
    ]),
  );
  decodeSignatures(bytes);
  return bytes;
}

/** Decodes the file's form; nothing is verified. Error: `signatures-malformed`. */
export function decodeSignatures(bytes: Uint8Array): DetachedSignatures {
  return decodeStageFile(
    bytes,
    SIGNATURES,
    MAX_SIGNATURES_FILE,
    (map) => {
      const preparedSha256 = bytesField('prepared_sha256', map.get('prepared_sha256'));
      if (preparedSha256.length !== SHA256_BYTES) throw malformed('prepared_sha256 is not a SHA-256');
      const algorithm = integerField('alg', map.get('alg'), Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
      const scheme = schemeByCoseAlgorithm(algorithm);
      if (scheme === undefined) throw malformed(`alg ${String(algorithm)} is not one of this format`);
      const kid = bytesField('kid', map.get('kid'));
      if (!isFingerprint(kid)) throw malformed('kid is not a fingerprint');
      const signatures = arrayField('signatures', map.get('signatures')).map((item) => {
        const [sequence, signature, ...others] = arrayField('an entry of signatures', item);
        if (others.length > 0) throw malformed('an entry of signatures has more than a sequence and a signature');
        return {
          sequence: integerField('sequence', sequence, 1, Number.MAX_SAFE_INTEGER),
          signature: bytesField('a signature', signature),
        };
      });
      if (
        signatures.length === 0 ||
        signatures.some(({ sequence }, i) => sequence <= (signatures[i - 1]?.sequence ?? 0))
      )
        throw malformed('signatures is empty, or its sequences do not rise');
      return { preparedSha256, kid, scheme, signatures };
    },
    ['prepared_sha256', 'kid', 'alg', 'signatures'],
  );
}

/** Returns the signature as it appears in the bundle with that sequence, or undefined if there is none. */
export function signatureFor(
  { kid, scheme, signatures }: DetachedSignatures,
  sequence: number,
): BundleSignature | undefined {
  const found = signatures.find((one) => one.sequence === sequence);
  if (found === undefined) return undefined;
  return { kid, scheme, protectedBytes: signatureProtected(kid, scheme), signature: found.signature };
}
