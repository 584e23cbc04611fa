/** One credential a file; what each kind of file does with each kind that is expected. */
import { expect, test } from '@jest/globals';
import { encodePem } from '../../src/codec/pem.js';
import { toHex, utf8 } from '../../src/common/bytes.js';
import { decodeCredentialFile, encodeCredentialFile } from '../../src/credential/credential-file.js';
import { type Kind, KINDS } from '../../src/credential/kinds.js';
import { outcome } from '../bundle/support.js';
import { ownChain } from './vectors.js';

const { root, intermediate, client, leaf } = ownChain('p384-sha384');
const requests = [
  KINDS.intermediate_as_credential_request.decode(intermediate.selfSignedBytes),
  KINDS.client_credential_request.decode(client.selfSignedBytes),
];
const ALL = [root, intermediate, client, leaf, ...requests];
const ALL_KINDS = Object.keys(KINDS) as Kind[];

test('a PEM file says its kind', () => {
  expect(ALL.map(({ kind }) => kind).sort()).toEqual([...ALL_KINDS].sort());
  for (const one of ALL) {
    const file = utf8(encodeCredentialFile(one));
    expect(decodeCredentialFile(file, ALL_KINDS)).toEqual(one);
    for (const kind of ALL_KINDS) {
      expect(outcome(() => decodeCredentialFile(file, [kind]))).toBe(kind === one.kind ? 'valid' : 'wrong-kind');
    }
    const others = ALL_KINDS.filter((kind) => kind !== one.kind);
    expect(outcome(() => decodeCredentialFile(file, others))).toBe('wrong-kind');
    expect(outcome(() => decodeCredentialFile(file, []))).toBe('wrong-kind');
  }
});

test('raw bytes need to be told theirs', () => {
  for (const one of ALL) {
    expect(toHex(decodeCredentialFile(one.encoded, [one.kind]).encoded)).toBe(toHex(one.encoded));
    expect(outcome(() => decodeCredentialFile(one.encoded, ALL_KINDS))).toBe('bad-pem');
    expect(outcome(() => decodeCredentialFile(one.encoded, []))).toBe('bad-pem');
  }
});

test('a label of one kind with the bytes of another', () => {
  expect(
    outcome(() => decodeCredentialFile(utf8(encodePem('AS CREDENTIAL', leaf.encoded)), ['as_credential'])),
  ).toMatch(/^(bad|truncated|non-minimal|unsupported|trailing)/);
  // Leaf and intermediate share a layout: only their labels in signatures tell them apart.
  const swapped = utf8(encodePem('INTERMEDIATE AS CREDENTIAL', leaf.encoded));
  expect(decodeCredentialFile(swapped, ['intermediate_as_credential']).kind).toBe('intermediate_as_credential');
});
