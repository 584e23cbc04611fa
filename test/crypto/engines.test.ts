import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SCHEMES } from '../../src/crypto/ciphersuite.js';
import { type VerificationEngine, verifyWithAll } from '../../src/crypto/engine.js';
import { nobleEngine } from '../../src/crypto/noble-engine.js';
import { nodeEngine } from '../../src/crypto/node-engine.js';
import { derivePublicKey, generatePrivateKey, sign } from '../../src/crypto/private-key.js';
import { bytes, codeOf, ECDSA_SCHEMES, scheme, SIGNATURE_VECTORS } from './vectors.js';

const ENGINES = [nobleEngine, nodeEngine];

/** Random-looking bytes that a test can repeat. */
const counted = (seed: number) => (length: number) =>
  Uint8Array.from({ length }, (_, i) => (seed * 31 + i * 7 + 1) & 0xff);

describe.each(ENGINES)('$name', (engine) => {
  test.each(SIGNATURE_VECTORS)('$scheme: $name', (vector) => {
    const verdict = engine.verify(
      scheme(vector.scheme),
      bytes(vector.publicKey),
      bytes(vector.message),
      bytes(vector.signature),
    );
    expect(verdict).toBe(vector.expect);
  });

  test('a key that was refused once stays refused, and a good one good', () => {
    const vectors = SIGNATURE_VECTORS.filter(({ scheme: name }) => name === 'ed25519');
    for (const vector of [...vectors, ...vectors]) {
      const [key, message, signature] = [bytes(vector.publicKey), bytes(vector.message), bytes(vector.signature)];
      expect(engine.verify(scheme('ed25519'), key, message, signature)).toBe(vector.expect);
    }
  });

  test.each(SCHEMES)('$name: a key that comes often gets the same verdicts, good and bad', (info) => {
    const privateKey = generatePrivateKey(info, counted(3));
    const publicKey = derivePublicKey(info, privateKey);
    for (let i = 0; i < 12; i++) {
      const message = Uint8Array.of(i);
      const signature = sign(info, privateKey, message);
      expect(engine.verify(info, publicKey, message, signature)).toBe(true);
      expect(engine.verify(info, publicKey, Uint8Array.of(i + 1), signature)).toBe(false);
    }
  });

  test('a signature of one scheme is no signature of another', () => {
    for (const of of SCHEMES) {
      const privateKey = generatePrivateKey(of, counted(1));
      const publicKey = derivePublicKey(of, privateKey);
      const signature = sign(of, privateKey, new Uint8Array(3));
      for (const as of SCHEMES) {
        expect(engine.verify(as, publicKey, new Uint8Array(3), signature)).toBe(as === of);
      }
    }
  });
});

describe('both engines', () => {
  test.each(SCHEMES.map((s) => [s.name, s] as const))('agree on any mutation of a %s signature', (_, info) => {
    const input = fc.record({
      seed: fc.nat(255),
      message: fc.uint8Array({ maxLength: 200 }),
      target: fc.constantFrom('none', 'key', 'message', 'signature'),
      at: fc.nat(),
      xor: fc.integer({ min: 1, max: 255 }),
    });
    let good = 0;
    fc.assert(
      fc.property(input, ({ seed, message, target, at, xor }) => {
        const privateKey = generatePrivateKey(info, counted(seed));
        const parts = { key: derivePublicKey(info, privateKey), message, signature: sign(info, privateKey, message) };
        if (target !== 'none') {
          const changed = target === 'message' && message.length === 0 ? new Uint8Array(1) : parts[target].slice();
          changed[at % changed.length] = (changed[at % changed.length] ?? 0) ^ xor;
          parts[target] = changed;
        }
        const verdict = verifyWithAll(ENGINES, info, parts.key, parts.message, parts.signature);
        if (verdict) good++;
        expect(verdict).toBe(target === 'none');
      }),
      {
        numRuns: info.name === 'ed25519' ? 60 : 20,
        examples: [[{ seed: 1, message: new Uint8Array(3), target: 'none', at: 0, xor: 1 }]],
      },
    );
    expect(good).toBeGreaterThan(0);
  });

  test.each(SCHEMES.map((s) => [s.name, s] as const))(
    'agree on arbitrary bytes as %s keys and signatures',
    (_, info) => {
      const length = info.signatureLength ?? 2 * (info.fieldBytes ?? 0) + 8;
      const key = fc.uint8Array({ minLength: info.publicKeyLength, maxLength: info.publicKeyLength });
      const signature = fc.oneof(
        fc.uint8Array({ minLength: length, maxLength: length }),
        fc.uint8Array({ maxLength: 200 }),
      );
      fc.assert(
        fc.property(key, fc.uint8Array({ maxLength: 40 }), signature, (publicKey, message, sig) => {
          expect(verifyWithAll(ENGINES, info, publicKey, message, sig)).toBe(false);
        }),
        { numRuns: 40 },
      );
    },
  );

  test('agree on random r and s of any size', () => {
    for (const info of ECDSA_SCHEMES) {
      const publicKey = derivePublicKey(info, generatePrivateKey(info, counted(9)));
      const small = fc.uint8Array({ minLength: 1, maxLength: 80 }).map((number) => {
        const start = number.findIndex((byte) => byte !== 0);
        const stripped = start < 0 ? Uint8Array.of(0) : number.slice(start);
        const content = (stripped[0] ?? 0) > 0x7f ? Uint8Array.of(0, ...stripped) : stripped;
        return [2, content.length, ...content];
      });
      fc.assert(
        fc.property(small, small, (r, s) => {
          const n = r.length + s.length;
          const signature = Uint8Array.of(0x30, ...(n < 128 ? [n] : [0x81, n]), ...r, ...s);
          expect(verifyWithAll(ENGINES, info, publicKey, new Uint8Array(1), signature)).toBe(false);
        }),
        { numRuns: 20 },
      );
    }
  });
});

describe('verifyWithAll', () => {
  const engine = (verdict: boolean): VerificationEngine => ({ name: String(verdict), verify: () => verdict });
  const call = (engines: readonly VerificationEngine[]) => () =>
    verifyWithAll(engines, scheme('ed25519'), new Uint8Array(32), new Uint8Array(), new Uint8Array(64));

  test('gives the verdict that all share', () => {
    expect(call([engine(true), engine(true)])()).toBe(true);
    expect(call([engine(false), engine(false)])()).toBe(false);
    expect(call([engine(true)])()).toBe(true);
  });

  test('refuses where they differ, whichever comes first', () => {
    expect(codeOf(call([engine(true), engine(false)]))).toBe('engines-disagree');
    expect(codeOf(call([engine(false), engine(true)]))).toBe('engines-disagree');
    expect(call([engine(true), engine(false)])).toThrow(/ed25519.*true accepts it, false refuses it/);
  });

  test('without an engine there is no verdict', () => {
    expect(call([])).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
