/** The fields' own limits, encoding and decoding: one below, at, and one above. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeVector, Reader } from '../../src/codec/tls.js';
import { toHex, utf8 } from '../../src/common/bytes.js';
import { LAST_SECOND } from '../../src/common/time.js';
import {
  clientIdField,
  encodeClientId,
  encodeUserName,
  formatClientId,
  userNameField,
} from '../../src/credential/client-id.js';
import {
  credentialCiphersuiteField,
  encodeCredentialCiphersuite,
} from '../../src/credential/credential-ciphersuite.js';
import {
  credentialFingerprintField,
  encodeCredentialFingerprint,
  isFingerprint,
  parseFingerprint,
} from '../../src/credential/credential-fingerprint.js';
import { encodeExpirationData, expirationDataField } from '../../src/credential/expiration-data.js';
import { checkFqdn, encodeFqdn, fqdnField } from '../../src/credential/fqdn.js';
import { isKind, kindOfLabel, KINDS } from '../../src/credential/kinds.js';
import { HASHES, SCHEMES } from '../../src/crypto/ciphersuite.js';
import { hex, outcome } from '../bundle/support.js';

const asDomain = 'example.org';
const label63 = 'a'.repeat(63);

describe('Fqdn', () => {
  const longest = [label63, label63, label63, 'b'.repeat(61)].join('.');
  const both = (text: string): string[] => [
    outcome(() => encodeFqdn(text)),
    outcome(() => fqdnField(new Reader(encodeVector(utf8(text))))()),
  ];

  test.each([
    'a',
    '0a',
    'a0',
    'a.b',
    'a-b.c',
    'a--b.c',
    'xn--bcher-kva.example',
    '1.2.3.4a',
    '9.9x',
    label63,
    longest,
    longest.slice(1),
  ])('%s', (text) => {
    expect(both(text)).toEqual(['valid', 'valid']);
    expect(checkFqdn(text)).toBeUndefined();
    expect(fqdnField(new Reader(encodeFqdn(text)))()).toBe(text);
  });

  test.each([
    ...[
      '',
      '.',
      'a.',
      '.a',
      'a..b',
      'A',
      'a.B',
      '-a',
      'a-',
      'a.-b',
      'a_b',
      '*.a',
      'a b',
      'a\n',
      '\na',
      'a\0',
      'b\u00fccher.example',
    ],
    ...[
      '1',
      '1.2.3.4',
      'a.0',
      '127.0.0.1',
      'a.00',
      '[::1]',
      'a:1',
      'a/b',
      `${label63}a`,
      `x.${label63}a.x`,
      `${longest}b`,
    ],
    '\uff41',
  ])('no domain: %j', (text) => {
    expect(both(text)).toEqual(['bad-domain', 'bad-domain']);
  });

  test.each(['ff', 'c3', 'efbbbf61', 'eda080'])('bytes that are not ASCII: %s', (bytes) => {
    expect(outcome(() => fqdnField(new Reader(encodeVector(hex(bytes))))())).toBe('bad-domain');
  });

  test('253 bytes are the most', () => {
    expect(longest).toHaveLength(253);
  });
});

describe('UserName', () => {
  const both = (bytes: Uint8Array): string =>
    outcome(() => userNameField(new Reader(Uint8Array.from([...encodeFqdn(asDomain), ...encodeVector(bytes)])))());

  test.each([
    ['1 byte', 'u'],
    ['254 bytes', 'u'.repeat(254)],
    ['255 bytes', 'u'.repeat(255)],
    ['255 bytes of two-byte letters and one', `${'\u00e9'.repeat(127)}u`],
    ['a space', ' '],
    ['U+00A0, just above Cc', '\u00a0'],
    ['U+007E, just below Cc', '~'],
    ['category Cf', '\u200e\u2066'],
    ['a byte-order mark', '\ufeffu'],
    ['U+2028', '\u2028'],
    ['not normalised', 'e\u0301'],
    ['an emoji', '\u{1f511}'],
  ])('%s', (_name, userName) => {
    const encoded = encodeUserName({ asDomain, userName });
    expect(userNameField(new Reader(encoded))()).toEqual({ asDomain, userName });
  });

  test.each([
    ['empty', ''],
    ['256 bytes', 'u'.repeat(256)],
    ['256 bytes in 128 letters', '\u00e9'.repeat(128)],
  ])('%s', (_name, userName) => {
    expect(outcome(() => encodeUserName({ asDomain, userName }))).toBe('bad-client-id');
    expect(both(utf8(userName))).toBe('bad-client-id');
  });

  test('every character of category Cc, and no other below U+0100', () => {
    for (let code = 0; code < 0x100; code++) {
      const control = code < 0x20 || (code >= 0x7f && code < 0xa0);
      const userName = `a${String.fromCodePoint(code)}b`;
      expect([code, outcome(() => encodeUserName({ asDomain, userName }))]).toEqual([
        code,
        control ? 'bad-client-id' : 'valid',
      ]);
      expect([code, both(utf8(userName))]).toEqual([code, control ? 'bad-client-id' : 'valid']);
    }
  });

  test.each(['80', 'c1bf', 'c080', 'e28080e2', 'eda080', 'edbfbf', 'eda0bdedb491', 'f4908080', 'ff', 'f8888080af'])(
    'not UTF-8: %s',
    (bytes) => {
      expect(both(hex(bytes))).toBe('bad-client-id');
    },
  );

  test('a bad domain in it is bad-domain', () => {
    expect(outcome(() => encodeUserName({ asDomain: 'A', userName: '' }))).toMatch(/^bad-(domain|client-id)$/);
    expect(outcome(() => userNameField(new Reader(hex('014101750000')))())).toBe('bad-domain');
  });

  test('property: what is encoded comes back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), (userName) => {
        if (outcome(() => encodeUserName({ asDomain, userName })) !== 'valid') return true;
        return userNameField(new Reader(encodeUserName({ asDomain, userName })))().userName === userName;
      }),
    );
  });
});

describe('ClientId', () => {
  const clientUuid = hex('6ba7b8109dad11d180b400c04fd430c8');
  const userName = { asDomain, userName: 'alice' };

  test('there and back, and as text', () => {
    const clientId = { userName, clientUuid };
    expect(clientIdField(new Reader(encodeClientId(clientId)))()).toEqual(clientId);
    expect(formatClientId(clientId)).toBe('alice@example.org/6ba7b810-9dad-11d1-80b4-00c04fd430c8');
    expect(formatClientId({ userName, clientUuid: new Uint8Array(16) })).toBe(
      'alice@example.org/00000000-0000-0000-0000-000000000000',
    );
  });

  test.each([0, 15, 17])('a UUID of %d bytes', (length) => {
    expect(outcome(() => encodeClientId({ userName, clientUuid: new Uint8Array(length) }))).toBe('bad-client-id');
  });
});

describe('ExpirationData', () => {
  const u64Hex = (value: bigint): string => value.toString(16).padStart(16, '0');
  const decode = (notBefore: bigint, notAfter: bigint): string =>
    outcome(() => expirationDataField(new Reader(hex(u64Hex(notBefore) + u64Hex(notAfter))))());

  test.each([
    [0, 1],
    [1, 2],
    [100, 101],
    [0, LAST_SECOND],
    [LAST_SECOND - 1, LAST_SECOND],
  ])('%d to %d', (notBefore, notAfter) => {
    const encoded = encodeExpirationData({ notBefore, notAfter });
    expect(expirationDataField(new Reader(encoded))()).toEqual({ notBefore, notAfter });
  });

  test.each([
    [0, 0],
    [100, 100],
    [100, 99],
    [LAST_SECOND, LAST_SECOND],
    [0, LAST_SECOND + 1],
    [LAST_SECOND, LAST_SECOND + 1],
  ])('not %d to %d', (notBefore, notAfter) => {
    expect(outcome(() => encodeExpirationData({ notBefore, notAfter }))).toBe('bad-validity');
    expect(decode(BigInt(notBefore), BigInt(notAfter))).toBe('bad-validity');
  });

  test('no number is rounded on its way', () => {
    expect(decode(2n ** 53n, 2n ** 53n + 1n)).toBe('bad-validity');
    expect(decode(2n ** 64n - 2n, 2n ** 64n - 1n)).toBe('bad-validity');
    expect(decode(2n ** 63n, 1n)).toBe('bad-validity');
  });

  test('the last second is that of the times too', () => {
    expect(new Date(LAST_SECOND * 1000).toISOString()).toBe('9999-12-31T23:59:59.000Z');
  });
});

describe('CredentialFingerprint', () => {
  test.each([32, 48, 64])('%d bytes', (length) => {
    const bytes = new Uint8Array(length).fill(0xab);
    expect(isFingerprint(bytes)).toBe(true);
    expect(credentialFingerprintField(new Reader(encodeCredentialFingerprint(bytes)))()).toEqual(bytes);
    expect(parseFingerprint(toHex(bytes))).toEqual(bytes);
    expect(parseFingerprint(toHex(bytes).toUpperCase())).toEqual(bytes);
    expect(parseFingerprint(`${toHex(bytes)} `)).toBeUndefined();
  });

  test.each([0, 20, 31, 33, 47, 49, 63, 65])('not %d bytes', (length) => {
    const bytes = new Uint8Array(length);
    expect(isFingerprint(bytes)).toBe(false);
    expect(outcome(() => encodeCredentialFingerprint(bytes))).toBe('bad-fingerprint');
    expect(outcome(() => credentialFingerprintField(new Reader(encodeVector(bytes)))())).toBe('bad-fingerprint');
    expect(parseFingerprint(toHex(bytes))).toBeUndefined();
  });
});

describe('CredentialCiphersuite', () => {
  test('all fifteen, there and back', () => {
    for (const hash of HASHES) {
      for (const scheme of SCHEMES) {
        const encoded = encodeCredentialCiphersuite({ hash, scheme });
        expect(encoded).toHaveLength(3);
        expect(credentialCiphersuiteField(new Reader(encoded))()).toEqual({ hash, scheme });
      }
    }
  });

  test('the codes of the page', () => {
    expect(HASHES.map(({ name, code }) => [name, code])).toEqual([
      ['sha256', 4],
      ['sha384', 5],
      ['sha512', 6],
    ]);
    expect(SCHEMES.map(({ name, code }) => [name, code])).toEqual([
      ['ed25519', 0x0807],
      ['ed448', 0x0808],
      ['p256', 0x0403],
      ['p384', 0x0503],
      ['p521', 0x0603],
    ]);
  });
});

describe('kinds', () => {
  test('labels of the page, each of one kind', () => {
    expect(Object.values(KINDS).map(({ pemLabel }) => pemLabel)).toEqual([
      'AS CREDENTIAL',
      'INTERMEDIATE AS CREDENTIAL',
      'INTERMEDIATE AS CREDENTIAL REQUEST',
      'CLIENT CREDENTIAL',
      'CLIENT CREDENTIAL REQUEST',
      'LEAF CREDENTIAL',
    ]);
    for (const [kind, { pemLabel }] of Object.entries(KINDS)) expect(kindOfLabel(pemLabel)).toBe(kind);
    expect(kindOfLabel('CERTIFICATE')).toBeUndefined();
  });

  test('names of kinds, and names that every object has', () => {
    expect(isKind('leaf_credential')).toBe(true);
    for (const text of ['', 'leaf', 'toString', 'constructor', '__proto__']) expect(isKind(text)).toBe(false);
  });
});
