/** Keys and expected errors for the tests of software keys. */
import { randomBytes } from 'node:crypto';
import { expect } from '@jest/globals';
import type { SchemeInfo } from '../../../src/crypto/ciphersuite.js';
import { derivePublicKey, generatePrivateKey } from '../../../src/crypto/private-key.js';

export function random(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length));
}

export function newKeyPair(scheme: SchemeInfo): { privateKey: Uint8Array; publicKey: Uint8Array } {
  const privateKey = generatePrivateKey(scheme, random);
  return { privateKey, publicKey: derivePublicKey(scheme, privateKey) };
}

/** What a CeremonyError of exit code 3 looks like to `toThrow` and `toEqual`. */
export function couldNotError(code: string, message = ''): unknown {
  return expect.objectContaining({ kind: 'could-not', code, message: expect.stringContaining(message) as unknown });
}
