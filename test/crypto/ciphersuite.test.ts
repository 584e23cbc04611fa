import { describe, expect, test } from '@jest/globals';
import { toHex, utf8 } from '../../src/common/bytes.js';
import {
  ciphersuiteName,
  hashByCode,
  HASHES,
  parseCiphersuite,
  schemeByCode,
  schemeByCoseAlgorithm,
  schemeByName,
  SCHEMES,
} from '../../src/crypto/ciphersuite.js';
import { hash } from '../../src/crypto/hash.js';

describe('registries', () => {
  test('codes are those of TLS and COSE', () => {
    expect(HASHES.map(({ name, code, length }) => [name, code, length])).toEqual([
      ['sha256', 4, 32],
      ['sha384', 5, 48],
      ['sha512', 6, 64],
    ]);
    expect(SCHEMES.map(({ name, code, coseAlgorithm }) => [name, code, coseAlgorithm])).toEqual([
      ['ed25519', 0x0807, -19],
      ['ed448', 0x0808, -53],
      ['p256', 0x0403, -9],
      ['p384', 0x0503, -51],
      ['p521', 0x0603, -52],
    ]);
  });

  test('every entry is found by what names it, and nothing else is', () => {
    for (const scheme of SCHEMES) {
      expect(schemeByCode(scheme.code)).toBe(scheme);
      expect(schemeByName(scheme.name)).toBe(scheme);
      expect(schemeByCoseAlgorithm(scheme.coseAlgorithm)).toBe(scheme);
    }
    for (const entry of HASHES) expect(hashByCode(entry.code)).toBe(entry);
    expect([hashByCode(3), hashByCode(7), schemeByCode(0x0804), schemeByCode(0x0806), schemeByCode(0x0809)]).toEqual(
      new Array(5).fill(undefined),
    );
    // -8 and -7 are the algorithms that RFC 9864 replaces.
    expect([schemeByCoseAlgorithm(-8), schemeByCoseAlgorithm(-7), schemeByName('Ed25519')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('parseCiphersuite undoes ciphersuiteName for all fifteen', () => {
    for (const scheme of SCHEMES) {
      for (const entry of HASHES) {
        const name = ciphersuiteName({ hash: entry, scheme });
        expect(name).toBe(`${scheme.name}-${entry.name}`);
        expect(parseCiphersuite(name)).toEqual({ hash: entry, scheme });
      }
    }
    for (const text of ['', 'ed25519', 'ed25519-sha1', 'sha256-ed25519', 'ED25519-SHA256', 'ed25519-sha256 ']) {
      expect(parseCiphersuite(text)).toBeUndefined();
    }
  });
});

test('hashes of "abc" (FIPS 180-4 examples) have the length their entry says', () => {
  const starts = { sha256: 'ba7816bf8f01cfea', sha384: 'cb00753f45a35e8b', sha512: 'ddaf35a193617aba' };
  for (const { name, length } of HASHES) {
    const digest = hash(name, utf8('abc'));
    expect(digest).toHaveLength(length);
    expect(toHex(digest).slice(0, 16)).toBe(starts[name]);
  }
});
