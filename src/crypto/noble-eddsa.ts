/**
 * EdDSA verification on noble's points: `encode([S]B − [k]A)` must equal R byte for byte. Noble's own `verify`
 * multiplies by the cofactor before it compares, and so accepts more signatures than OpenSSL does.
 */
import { bytesToNumberLE } from '@noble/curves/utils.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { shake256 } from '@noble/hashes/sha3.js';
import { concatBytes, equalBytes, utf8 } from '../common/bytes.js';
import { EDWARDS_PARAMETERS, type EdwardsName } from './curves.js';
import { isStrictEncoding, isStrictResult, splitSignature } from './edwards-checks.js';
import { verificationKey } from './edwards-keys.js';

/** dom4(0, "") of RFC 8032 §5.2: pure Ed448 with an empty context. */
const DOM4 = concatBytes(utf8('SigEd448'), Uint8Array.of(0, 0));

/** Returns k of RFC 8032 §5.1.7 and §5.2.7, modulo L. */
function challenge(name: EdwardsName, R: Uint8Array, publicKey: Uint8Array, message: Uint8Array): bigint {
  const digest =
    name === 'ed25519'
      ? sha512.create().update(R).update(publicKey).update(message).digest()
      : shake256.create({ dkLen: 114 }).update(DOM4).update(R).update(publicKey).update(message).digest();
  return bytesToNumberLE(digest) % EDWARDS_PARAMETERS[name].n;
}

export function verifyEddsa(
  name: EdwardsName,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const parts = splitSignature(name, signature);
  const key = verificationKey(name, publicKey);
  if (parts === undefined || key === null) return false;
  if (name === 'ed25519' && !isStrictEncoding(name, parts.R)) return false;
  const R = key.combine(parts.S, challenge(name, parts.R, publicKey, message));
  return equalBytes(R.toBytes(), parts.R) && (name === 'ed25519' || isStrictResult(R, parts.R));
}
