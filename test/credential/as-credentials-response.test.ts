import { expect, test } from '@jest/globals';
import { encodeVector } from '../../src/codec/tls.js';
import { concatBytes, toHex } from '../../src/common/bytes.js';
import {
  decodeAsCredentialsResponse,
  encodeAsCredentialsResponse,
} from '../../src/credential/as-credentials-response.js';
import { hex, outcome } from '../bundle/support.js';
import { ownChain, ownVectors } from './vectors.js';

const { root, intermediate } = ownChain('ed25519-sha256');
const NONE = encodeVector(new Uint8Array());
const decode = (...parts: readonly Uint8Array[]): string =>
  outcome(() => decodeAsCredentialsResponse(concatBytes(...parts)));

test('an empty response is three empty vectors', () => {
  const response = { asCredentials: [], asIntermediateCredentials: [], revokedCerts: [] };
  expect(toHex(encodeAsCredentialsResponse(response))).toBe('000000');
  expect(decodeAsCredentialsResponse(hex('000000'))).toEqual(response);
});

test('credentials of every ciphersuite, in the order that they have', () => {
  const chains = ownVectors('credentials').map(({ name }) => ownChain(name));
  const response = {
    asCredentials: chains.map((chain) => chain.root),
    asIntermediateCredentials: chains.map((chain) => chain.intermediate).reverse(),
    revokedCerts: [32, 64, 48].map((length) => new Uint8Array(length).fill(length)),
  };
  const encoded = encodeAsCredentialsResponse(response);
  expect(decodeAsCredentialsResponse(encoded)).toEqual(response);
  expect(outcome(() => decodeAsCredentialsResponse(encoded.slice(0, -1)))).toBe('truncated');
  expect(outcome(() => decodeAsCredentialsResponse(concatBytes(encoded, Uint8Array.of(0))))).toBe('trailing-bytes');
});

test('each list by itself is strict', () => {
  const roots = encodeVector(root.encoded);
  const intermediates = encodeVector(intermediate.encoded);
  expect(decode(roots, intermediates, NONE)).toBe('valid');
  expect(decode(encodeVector(root.encoded.slice(0, -1)), NONE, NONE)).toBe('truncated');
  expect(decode(encodeVector(concatBytes(root.encoded, Uint8Array.of(11))), NONE, NONE)).toBe('truncated');
  expect(decode(roots, encodeVector(intermediate.selfSignedBytes), NONE)).toBe('truncated');
  expect(decode(NONE, NONE, encodeVector(encodeVector(new Uint8Array(31))))).toBe('bad-fingerprint');
  expect(decode(NONE, NONE, encodeVector(hex('4020')))).toBe('non-minimal-length');
  expect(decode(NONE, NONE, hex('c0'))).toBe('bad-length');
  expect(decode(NONE, NONE)).toBe('truncated');
});

test('structure of all lists before the fields of any', () => {
  const badDomain = Uint8Array.from(root.encoded);
  badDomain[1] = 0x41;
  expect(decode(encodeVector(badDomain), NONE, NONE)).toBe('bad-domain');
  expect(decode(encodeVector(badDomain), NONE, encodeVector(hex('20')))).toBe('truncated');
  expect(decode(encodeVector(badDomain), NONE, encodeVector(encodeVector(new Uint8Array(31))))).toBe('bad-domain');
});
