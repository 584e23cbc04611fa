import { createPrivateKey, createPublicKey, randomBytes, verify } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SCHEMES } from '../../src/crypto/ciphersuite.js';
import { ECDSA_PARAMETERS } from '../../src/crypto/curves.js';
import { nodeEngine } from '../../src/crypto/node-engine.js';
import { derivePublicKey, generatePrivateKey, sign } from '../../src/crypto/private-key.js';
import { checkPublicKey } from '../../src/crypto/public-key.js';
import { isCanonicalSignature } from '../../src/crypto/signature-encoding.js';
import { codeOf, ECDSA_SCHEMES } from './vectors.js';

const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
const toNumber = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);

describe.each(SCHEMES)('$name', (info) => {
  test('a generated key has a good public key, and OpenSSL takes what it signs', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (message) => {
        const privateKey = generatePrivateKey(info, randomBytes);
        const publicKey = derivePublicKey(info, privateKey);
        const signature = sign(info, privateKey, message);
        expect(
          codeOf(() => {
            checkPublicKey(info, publicKey);
          }),
        ).toBeUndefined();
        expect(isCanonicalSignature(info, signature)).toBe(true);
        expect(nodeEngine.verify(info, publicKey, message, signature)).toBe(true);
        expect(sign(info, privateKey, message)).toEqual(signature);
      }),
      { numRuns: 8 },
    );
  });

  test('the random bytes are asked for once, and another length or none is refused when signing', () => {
    const asked: number[] = [];
    const privateKey = generatePrivateKey(info, (length) => {
      asked.push(length);
      return new Uint8Array(length).fill(7);
    });
    const expected = { ed25519: 32, ed448: 57, p256: 40, p384: 56, p521: 74 };
    expect(asked).toEqual([expected[info.name]]);
    expect(() => sign(info, privateKey.slice(1), new Uint8Array())).toThrow();
    expect(() => derivePublicKey(info, new Uint8Array([...privateKey, 0]))).toThrow();
  });
});

test.each(SCHEMES)('a source that gives too few or too many bytes makes no $name key', (info) => {
  for (const off of [-1, 1]) {
    const given: Uint8Array[] = [];
    const random = (length: number): Uint8Array => {
      given.push(new Uint8Array(length + off).fill(5));
      return given[0] ?? new Uint8Array();
    };
    expect(codeOf(() => generatePrivateKey(info, random))).toBe('random-failed');
    expect(given[0]?.every((byte) => byte === 0)).toBe(true);
  }
});

describe.each(SCHEMES.filter(({ digest }) => digest === undefined))('$name', (info) => {
  test('OpenSSL derives the same public key and makes the same signature', () => {
    const privateKey = generatePrivateKey(info, randomBytes);
    const oid = info.name === 'ed25519' ? '302e020100300506032b6570042204 20' : '3047020100300506032b6571043b04 39';
    const pkcs8 = Buffer.concat([Buffer.from(oid.replace(' ', ''), 'hex'), privateKey]);
    const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
    expect(createPublicKey(key).export({ format: 'jwk' }).x).toBe(b64(derivePublicKey(info, privateKey)));
    expect(verify(null, Buffer.from('m'), createPublicKey(key), sign(info, privateKey, Buffer.from('m')))).toBe(true);
  });
});

describe.each(ECDSA_SCHEMES)('$name', (info) => {
  const { n } = ECDSA_PARAMETERS[info.name as 'p256'];
  const length = Math.ceil((n.toString(2).length + 64) / 8);
  const encode = (value: bigint): Uint8Array => Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex');

  test('scalars are (c mod (n − 1)) + 1, so 1 and n − 1 are the limits (FIPS 186-5 A.2.1)', () => {
    for (const [c, d] of [
      [0n, 1n],
      [1n, 2n],
      [n - 2n, n - 1n],
      [n - 1n, 1n],
      [n, 2n],
      [5n * (n - 1n) + 3n, 4n],
    ] as const) {
      const scalar = generatePrivateKey(info, () => encode(c));
      expect(scalar).toHaveLength(info.fieldBytes ?? 0);
      expect(toNumber(scalar)).toBe(d);
    }
  });

  test('the random bytes are wiped', () => {
    const bytes = new Uint8Array(length).fill(9);
    generatePrivateKey(info, () => bytes);
    expect(bytes).toEqual(new Uint8Array(length));
  });

  test('0 and n are no private keys', () => {
    const width = info.fieldBytes ?? 0;
    expect(() => derivePublicKey(info, new Uint8Array(width))).toThrow();
    expect(() => sign(info, encode(n).slice(-width), new Uint8Array())).toThrow();
    expect(derivePublicKey(info, encode(n - 1n).slice(-width))).toHaveLength(info.publicKeyLength);
  });
});
