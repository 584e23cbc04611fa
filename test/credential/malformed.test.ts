/** Every decoding code, for every kind that can have it: our own encodings and the shared ones. */
import { describe, expect, test } from '@jest/globals';
import { DECODING_CODES } from '../../src/common/codes.js';
import { decodeCredentialFile } from '../../src/credential/credential-file.js';
import { type Kind, KINDS } from '../../src/credential/kinds.js';
import { hex, outcome } from '../bundle/support.js';
import { describeWithVectors } from '../support/shared-vectors.js';
import { type MalformedVector, ownVectors } from './vectors.js';

function outcomeOf({ kind, encoded, file }: MalformedVector): string {
  return outcome(() =>
    file === undefined
      ? KINDS[kind].decode(hex(encoded ?? ''))
      : decodeCredentialFile(new TextEncoder().encode(file), [kind]),
  );
}

function defineTests(vectors: readonly MalformedVector[]): void {
  test.each(vectors.map((vector) => [vector.kind, vector.name, vector.expect, vector] as const))(
    '%s: %s: %s',
    (_kind, _name, expected, vector) => {
      expect(outcomeOf(vector)).toBe(expected);
    },
  );
}

const EVERY_KIND = [
  'truncated',
  'trailing-bytes',
  'non-minimal-length',
  'bad-length',
  'bad-validity',
  'unsupported-hash',
  'unsupported-signature-scheme',
  'bad-public-key',
  'bad-signature-encoding',
  'bad-pem',
  'wrong-kind',
];
const MORE: Readonly<Record<Kind, readonly string[]>> = {
  as_credential: ['bad-domain'],
  intermediate_as_credential: ['bad-fingerprint'],
  intermediate_as_credential_request: ['bad-fingerprint'],
  client_credential: ['bad-domain', 'bad-client-id', 'bad-fingerprint'],
  client_credential_request: ['bad-domain', 'bad-client-id', 'bad-fingerprint'],
  leaf_credential: ['bad-fingerprint'],
};

describe('own vectors', () => {
  const vectors = ownVectors('malformed');

  test.each(Object.entries(MORE))('%s has a case for each of its codes, and for no other', (kind, more) => {
    const found = new Set(vectors.filter((one) => one.kind === kind).map((one) => one.expect));
    expect([...found].sort()).toEqual([...EVERY_KIND, ...more, 'valid'].sort());
  });

  test('every decoding code has a case', () => {
    const found = new Set(vectors.map((one) => one.expect));
    expect([...found].filter((code) => code !== 'valid').sort()).toEqual([...DECODING_CODES].sort());
    expect(Object.keys(MORE).sort()).toEqual(Object.keys(KINDS).sort());
  });

  defineTests(vectors);
});

describeWithVectors('phoenix/malformed.json', (vectors: readonly MalformedVector[]) => {
  test('all 85', () => {
    expect(vectors).toHaveLength(85);
  });
  defineTests(vectors);
});
