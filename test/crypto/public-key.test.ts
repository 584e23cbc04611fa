import { describe, expect, test } from '@jest/globals';
import { checkPublicKey } from '../../src/crypto/public-key.js';
import { bytes, codeOf, scheme, SIGNATURE_VECTORS } from './vectors.js';

/** One vector a distinct key. */
const KEYS = [...new Map(SIGNATURE_VECTORS.map((vector) => [`${vector.scheme} ${vector.publicKey}`, vector])).values()];

describe('checkPublicKey', () => {
  test.each(KEYS)('$scheme: $name', (vector) => {
    const code = codeOf(() => {
      checkPublicKey(scheme(vector.scheme), bytes(vector.publicKey));
    });
    expect(code).toBe(vector.keyAccepted ? undefined : 'bad-public-key');
  });

  test('names the length it got and the one it expected', () => {
    expect(() => {
      checkPublicKey(scheme('ed448'), new Uint8Array(56));
    }).toThrow('ed448 public key has 56 bytes, expected 57');
  });
});
