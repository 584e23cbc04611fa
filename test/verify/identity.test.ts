import { describe, expect, test } from '@jest/globals';
import { toHex } from '../../src/common/bytes.js';
import { identityHash, identityHashOf } from '../../src/credential/identity.js';
import { hex, outcome } from '../bundle/support.js';
import { decodeKind, type IdentityVector, ownVectors } from '../credential/vectors.js';
import { describeWithVectors } from '../support/shared-vectors.js';

function defineTests(vectors: readonly IdentityVector[]): void {
  test.each(vectors.map((vector) => [vector.name, vector] as const))('%s', (_name, vector) => {
    const user = { asDomain: vector.as_domain, userName: vector.user_name };
    const fingerprints = vector.fingerprints.map(hex);
    expect(toHex(identityHashOf(user, fingerprints))).toBe(vector.identity_hash);
    expect(toHex(identityHashOf(user, [...fingerprints].reverse()))).toBe(vector.identity_hash);
    const clients = vector.clients?.map((encoded) => decodeKind('client_credential', encoded));
    if (clients !== undefined) expect(toHex(identityHash(clients))).toBe(vector.identity_hash);
  });
}

describe('own vectors', () => {
  defineTests(ownVectors('identity'));
});

describeWithVectors('phoenix/identity.json', (vectors: readonly IdentityVector[]) => {
  defineTests(vectors);
});

describe('refused', () => {
  const user = { asDomain: 'example.org', userName: 'alice' };
  const one = new Uint8Array(32).fill(1);
  const clients = ownVectors('identity').flatMap(({ clients: list = [] }) =>
    list.map((encoded) => decodeKind('client_credential', encoded)),
  );

  test('nobody, twice the same, two users', () => {
    expect(outcome(() => identityHashOf(user, []))).toBe('identity');
    expect(outcome(() => identityHashOf(user, [one, new Uint8Array(32), one]))).toBe('identity');
    expect(outcome(() => identityHash([]))).toBe('identity');
    expect(outcome(() => identityHash(clients))).toBe('identity');
    expect(outcome(() => identityHash([...clients.slice(0, 1), ...clients.slice(0, 1)]))).toBe('identity');
  });

  test('what is no fingerprint, no user and no domain', () => {
    expect(outcome(() => identityHashOf(user, [one.slice(1)]))).toBe('bad-fingerprint');
    expect(outcome(() => identityHashOf({ ...user, userName: '' }, [one]))).toBe('bad-client-id');
    expect(outcome(() => identityHashOf({ ...user, asDomain: 'A' }, [one]))).toBe('bad-domain');
  });

  test('another name or domain is another identity', () => {
    const hash = toHex(identityHashOf(user, [one]));
    expect(toHex(identityHashOf({ ...user, userName: 'alicf' }, [one]))).not.toBe(hash);
    expect(toHex(identityHashOf({ ...user, asDomain: 'example.com' }, [one]))).not.toBe(hash);
  });
});
