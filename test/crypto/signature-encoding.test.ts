import { createHash, createPrivateKey, generateKeyPairSync, sign as nodeSign } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ECDSA_PARAMETERS, isEdwards } from '../../src/crypto/curves.js';
import {
  checkSignatureEncoding,
  derToRaw,
  isCanonicalSignature,
  rawToDer,
  toLowS,
} from '../../src/crypto/signature-encoding.js';
import { bytes, codeOf, ECDSA_SCHEMES, scheme, SIGNATURE_VECTORS } from './vectors.js';

const CURVE = { p256: 'P-256', p384: 'P-384', p521: 'P-521' } as const;

describe('checkSignatureEncoding and isCanonicalSignature', () => {
  test.each(SIGNATURE_VECTORS)('$scheme: $name', (vector) => {
    const info = scheme(vector.scheme);
    const signature = bytes(vector.signature);
    const code = codeOf(() => {
      checkSignatureEncoding(info, signature);
    });
    expect(code).toBe(vector.encodingAccepted ? undefined : 'bad-signature-encoding');
    if (vector.encodingAccepted) expect(isCanonicalSignature(info, signature)).toBe(vector.canonical);
    else if (!isEdwards(info.name))
      expect(codeOf(() => isCanonicalSignature(info, signature))).toBe('bad-signature-encoding');
  });

  test('a length of 128 is the first in the long form, 255 the last in one byte', () => {
    const of = (length: number, ...head: number[]): Uint8Array =>
      Uint8Array.of(
        0x30,
        ...head,
        2,
        1,
        1,
        2,
        ...(length - 5 < 128 ? [length - 5] : [0x81, length - 6]),
        ...new Array<number>(length - 5 < 128 ? length - 5 : length - 6).fill(1),
      );
    const accepted = (der: Uint8Array): boolean =>
      codeOf(() => {
        checkSignatureEncoding(scheme('p256'), der);
      }) === undefined;
    expect(accepted(of(127, 127))).toBe(true);
    expect(accepted(of(127, 0x81, 127))).toBe(false);
    expect(accepted(of(128, 128))).toBe(false);
    expect(accepted(of(128, 0x81, 128))).toBe(true);
    expect(accepted(of(255, 0x81, 255))).toBe(true);
    expect(accepted(of(255, 0x82, 0, 255))).toBe(false);
    expect(accepted(of(256, 0x82, 1, 0))).toBe(true);
  });
});

test('a number one above what fits is said to be too wide', () => {
  const wide = (first: number): Uint8Array =>
    Uint8Array.of(0x30, 38, 2, 33, first, ...new Array<number>(32).fill(first === 0 ? 255 : 0), 2, 1, 1);
  expect(derToRaw(scheme('p256'), wide(0))).toHaveLength(64);
  expect(codeOf(() => derToRaw(scheme('p256'), wide(1)))).toBe('bad-signature-encoding');
});

describe.each(ECDSA_SCHEMES)('$name', (info) => {
  const width = info.fieldBytes ?? 0;
  const raws = fc.oneof(
    fc.uint8Array({ minLength: 2 * width, maxLength: 2 * width }),
    // Short numbers, whose leading zeros DER leaves out.
    fc
      .tuple(fc.nat(width), fc.nat(width), fc.uint8Array({ minLength: 2 * width, maxLength: 2 * width }))
      .map(([r, s, raw]) => {
        const zeroed = raw.slice();
        zeroed.fill(0, 0, r);
        zeroed.fill(0, width, width + s);
        return zeroed;
      }),
  );

  test('derToRaw undoes rawToDer, which is strict DER', () => {
    fc.assert(
      fc.property(raws, (raw) => {
        const der = rawToDer(info, raw);
        checkSignatureEncoding(info, der);
        expect(derToRaw(info, der)).toEqual(raw);
      }),
    );
  });

  test('agree with what OpenSSL writes', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: CURVE[info.name as keyof typeof CURVE] });
    expect(createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })).type).toBe('private');
    for (let i = 0; i < 50; i++) {
      const message = createHash('sha256').update(String(i)).digest();
      const der = Uint8Array.from(nodeSign(info.digest, message, { key: privateKey, dsaEncoding: 'der' }));
      checkSignatureEncoding(info, der);
      expect(rawToDer(info, derToRaw(info, der))).toEqual(der);
    }
  });

  test('toLowS makes s low, keeps r, and does nothing to a low one', () => {
    const { n } = ECDSA_PARAMETERS[info.name as keyof typeof CURVE];
    const half = (n - 1n) / 2n;
    const der = (s: bigint): Uint8Array =>
      rawToDer(info, bytes('05'.padStart(2 * width, '0') + s.toString(16).padStart(2 * width, '0')));
    for (const [s, low] of [
      [1n, 1n],
      [half - 1n, half - 1n],
      [half, half],
      [half + 1n, half],
      [n - 1n, 1n],
      [n, n],
      [0n, 0n],
    ] as const) {
      expect(toLowS(info, der(s))).toEqual(der(low));
      expect(isCanonicalSignature(info, der(s))).toBe(s === low);
    }
  });

  test('what has no fixed width is refused', () => {
    expect(codeOf(() => rawToDer(info, new Uint8Array(2 * width - 1)))).toBe('bad-signature-encoding');
    expect(codeOf(() => rawToDer(info, new Uint8Array(2 * width + 1)))).toBe('bad-signature-encoding');
    const wide = (length: number): Uint8Array =>
      Uint8Array.of(0x30, length + 5, 2, length, 1, ...new Uint8Array(length - 1), 2, 1, 1);
    expect(derToRaw(info, wide(width)).slice(-1)).toEqual(Uint8Array.of(1));
    expect(codeOf(() => derToRaw(info, wide(width + 1)))).toBe('bad-signature-encoding');
  });
});

test('EdDSA has no DER form', () => {
  expect(() => derToRaw(scheme('ed25519'), new Uint8Array(64))).toThrow(TypeError);
});
