/**
 * The encodings of signatures: EdDSA raw (RFC 8032), ECDSA as strict DER `SEQUENCE { r INTEGER, s INTEGER }` (RFC 3279
 * §2.2.3, X.690 §8.3 and §10.1), and r‖s at fixed width (RFC 9053 §2.1, PKCS#11).
 */
import { bytesToNumberBE, numberToBytesBE } from '@noble/curves/utils.js';
import { concatBytes } from '../common/bytes.js';
import { type CeremonyError, refused } from '../common/errors.js';
import type { SchemeInfo } from './ciphersuite.js';
import { ECDSA_PARAMETERS, isEdwards } from './curves.js';

const SEQUENCE = 0x30;
const INTEGER = 0x02;

interface Element {
  readonly value: Uint8Array;
  readonly rest: Uint8Array;
}

/** Reads the first element with this tag and a definite, minimal length, or returns undefined. */
function readElement(bytes: Uint8Array, tag: number): Element | undefined {
  const first = bytes[1];
  if (bytes[0] !== tag || first === undefined) return undefined;
  let length = first;
  let start = 2;
  if (first >= 0x80) {
    const count = first - 0x80;
    if (count === 0 || count > 4 || bytes.length < 2 + count) return undefined;
    length = 0;
    for (; start < 2 + count; start++) length = length * 256 + (bytes[start] ?? 0);
    if (length < 0x80 || length < 256 ** (count - 1)) return undefined;
  }
  const end = start + length;
  return end <= bytes.length ? { value: bytes.subarray(start, end), rest: bytes.subarray(end) } : undefined;
}

/** Returns whether an INTEGER's content is minimal and not negative. */
function isUnsigned(value: Uint8Array): boolean {
  const [first, second] = value;
  return first !== undefined && first < 0x80 && !(first === 0 && second !== undefined && second < 0x80);
}

export interface Integers {
  readonly r: bigint;
  readonly s: bigint;
}

/** Returns r and s of strict DER, of any size, or undefined if it is not strict DER. */
export function readDer(der: Uint8Array): Integers | undefined {
  const sequence = readElement(der, SEQUENCE);
  if (sequence?.rest.length !== 0) return undefined;
  const r = readElement(sequence.value, INTEGER);
  const s = r && readElement(r.rest, INTEGER);
  if (r === undefined || s?.rest.length !== 0 || !isUnsigned(r.value) || !isUnsigned(s.value)) return undefined;
  return { r: bytesToNumberBE(r.value), s: bytesToNumberBE(s.value) };
}

function element(tag: number, value: Uint8Array): Uint8Array {
  const n = value.length;
  return concatBytes(n < 0x80 ? Uint8Array.of(tag, n) : Uint8Array.of(tag, 0x81, n), value);
}

function integer(value: bigint): Uint8Array {
  // One bit more than the number has, so that it isn't read as negative.
  const length = Math.floor(value.toString(2).length / 8) + 1;
  return element(INTEGER, numberToBytesBE(value, length));
}

function writeDer({ r, s }: Integers): Uint8Array {
  return element(SEQUENCE, concatBytes(integer(r), integer(s)));
}

/** Returns whether an ECDSA signature is strict DER. Its values may still be out of range. */
export function isStrictDer(der: Uint8Array): boolean {
  return readDer(der) !== undefined;
}

function badEncoding(what: string): CeremonyError {
  return refused('bad-signature-encoding', what, {
    hint: 'The signature was damaged or written by a program that does not keep to RFC 9420 §5.1.2; have it made again.',
  });
}

function sizesOf(scheme: SchemeInfo): { n: bigint; width: number } {
  if (isEdwards(scheme.name) || scheme.fieldBytes === undefined)
    throw new TypeError(`${scheme.name} is not an ECDSA scheme`);
  return { n: ECDSA_PARAMETERS[scheme.name].n, width: scheme.fieldBytes };
}

function integersOf(scheme: SchemeInfo, der: Uint8Array): Integers {
  const integers = readDer(der);
  if (integers === undefined) {
    throw badEncoding(
      `the ${scheme.name} signature is not strict DER: a SEQUENCE of two minimal non-negative INTEGERs, nothing after it`,
    );
  }
  return integers;
}

/**
 * Checks the length for EdDSA, and strict DER for ECDSA; verification checks whether r and s are in range. Error:
 * `bad-signature-encoding`.
 */
export function checkSignatureEncoding(scheme: SchemeInfo, signature: Uint8Array): void {
  if (!isEdwards(scheme.name)) {
    integersOf(scheme, signature);
  } else if (signature.length !== scheme.signatureLength) {
    const expected = String(scheme.signatureLength);
    throw badEncoding(`the ${scheme.name} signature has ${String(signature.length)} bytes, expected ${expected}`);
  }
}

/**
 * Returns false only for ECDSA with (n−1)/2 < s ≤ n−1, for which an equivalent low s exists. Other values are simply
 * bad signatures. Error: `bad-signature-encoding`.
 */
export function isCanonicalSignature(scheme: SchemeInfo, signature: Uint8Array): boolean {
  if (isEdwards(scheme.name)) return true;
  const { n } = sizesOf(scheme);
  const { s } = integersOf(scheme, signature);
  return s <= (n - 1n) / 2n || s >= n;
}

/**
 * Returns r‖s, each at the width of the curve's field. Error: `bad-signature-encoding`, also if a number is too wide.
 */
export function derToRaw(scheme: SchemeInfo, der: Uint8Array): Uint8Array {
  const { width } = sizesOf(scheme);
  const { r, s } = integersOf(scheme, der);
  const limit = 1n << BigInt(8 * width);
  if (r >= limit || s >= limit)
    throw badEncoding(`r or s of the ${scheme.name} signature has more than ${String(width)} bytes`);
  return concatBytes(numberToBytesBE(r, width), numberToBytesBE(s, width));
}

/** Returns r‖s as strict DER. Error: `bad-signature-encoding` if the length is wrong. */
export function rawToDer(scheme: SchemeInfo, raw: Uint8Array): Uint8Array {
  const { width } = sizesOf(scheme);
  if (raw.length !== 2 * width) {
    throw badEncoding(
      `the raw ${scheme.name} signature has ${String(raw.length)} bytes, expected ${String(2 * width)}`,
    );
  }
  return writeDer({ r: bytesToNumberBE(raw.slice(0, width)), s: bytesToNumberBE(raw.slice(width)) });
}

/**
 * Returns the other signature that is equally valid: n − s in place of s. Values out of range are left alone. Error:
 * `bad-signature-encoding`.
 */
export function withOtherS(scheme: SchemeInfo, der: Uint8Array): Uint8Array {
  const { n } = sizesOf(scheme);
  const { r, s } = integersOf(scheme, der);
  return s > 0n && s < n ? writeDer({ r, s: n - s }) : der;
}

/**
 * Returns the equivalent signature with s ≤ (n−1)/2. Values out of range are left alone. Error:
 * `bad-signature-encoding`.
 */
export function toLowS(scheme: SchemeInfo, der: Uint8Array): Uint8Array {
  return isCanonicalSignature(scheme, der) ? der : withOtherS(scheme, der);
}
