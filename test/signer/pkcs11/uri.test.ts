import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseKeyUri } from '../../../src/codec/key-uri.js';
import { formatPkcs11Uri, parsePkcs11Uri } from '../../../src/codec/pkcs11-uri.js';

const USAGE = expect.objectContaining({ code: 'usage', kind: 'usage' }) as unknown;

describe('PKCS#11 URIs (RFC 7512)', () => {
  test('every attribute', () => {
    const uri =
      'pkcs11:library-version=2.6;token=The%20Software%20PKCS%2311%20Softtoken;manufacturer=Snake%20Oil,%20Inc.;model=1.0;serial=4fd1;' +
      'library-manufacturer=A;library-description=B;slot-description=C;slot-manufacturer=D;slot-id=327;object=my-key;type=private;id=%69%95%3E%5C' +
      '?pin-source=file:/etc/token_pin&module-path=/usr/lib/m.so';
    expect(parsePkcs11Uri(uri)).toEqual({
      kind: 'pkcs11',
      uri:
        'pkcs11:token=The%20Software%20PKCS%2311%20Softtoken;manufacturer=Snake%20Oil%2C%20Inc.;serial=4fd1;model=1.0;' +
        'library-manufacturer=A;library-description=B;library-version=2.6;slot-manufacturer=D;slot-description=C;slot-id=327;' +
        'object=my-key;type=private;id=%69%95%3E%5C?module-path=/usr/lib/m.so&pin-source=file:/etc/token_pin',
      name: 'my-key',
      token: 'The Software PKCS#11 Softtoken',
      manufacturer: 'Snake Oil, Inc.',
      serial: '4fd1',
      model: '1.0',
      'library-manufacturer': 'A',
      'library-description': 'B',
      'library-version': '2.6',
      'slot-manufacturer': 'D',
      'slot-description': 'C',
      'slot-id': '327',
      object: 'my-key',
      type: 'private',
      id: Uint8Array.of(0x69, 0x95, 0x3e, 0x5c),
      modulePath: '/usr/lib/m.so',
      pinFile: '/etc/token_pin',
    });
  });

  test('two spellings of one key are one URI', () => {
    const spellings = [
      'pkcs11:token=AS%20Root;object=root-1?module-name=softhsm2',
      'pkcs11:object=root-1;token=%41S%20Root?module-name=softhsm2',
      'pkcs11:object=roo%74-1;token=AS%20%52oot?module-name=%73ofthsm2',
    ];
    expect(new Set(spellings.map((uri) => parseKeyUri(uri).uri))).toEqual(new Set([spellings[0]]));
  });

  test('whatever is formatted is parsed to the same', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'Z', '0', ' ', ';', '?', '&', '=', '%', '/', 'é', '漢', '"'),
      minLength: 1,
      maxLength: 8,
    });
    const parts = fc.record({ token: text, object: text, id: fc.uint8Array({ minLength: 1, maxLength: 20 }) });
    fc.assert(
      fc.property(parts, fc.stringMatching(/^\/[a-z %&?.]{1,12}$/), (given, modulePath) => {
        expect(parsePkcs11Uri(formatPkcs11Uri({ ...given, modulePath }))).toMatchObject({ ...given, modulePath });
      }),
    );
  });

  test.each([
    ['pkcs11:token=a;object=Wurzel%20Eins', 'Wurzel-Eins'],
    ['pkcs11:token=a;id=%01%FF', 'id-01ff'],
    ['pkcs11:token=a;object=..%2Fetc', 'etc'],
    ['pkcs11:token=a;object=%E6%BC%A2', 'key'],
  ])('%s has the name %s', (uri, name) => {
    expect(parsePkcs11Uri(uri).name).toBe(name);
  });

  test.each([
    ['pkcs11:', 'no token'],
    ['pkcs11:object=a', 'no token'],
    ['pkcs11:slot-id=3;object=a', 'a slot alone'],
    ['PKCS11:token=a', 'the scheme in capitals'],
    ['pkcs11:token=a;token=b', 'an attribute twice'],
    ['pkcs11:token=a;colour=red', 'an unknown attribute'],
    ['pkcs11:token=a?x-colour=red', 'an unknown query'],
    ['pkcs11:token=a;', 'an empty part'],
    ['pkcs11:token', 'no value'],
    ['pkcs11:=a', 'no name'],
    ['pkcs11:token=a b', 'a bare space'],
    ['pkcs11:token=a/b', 'a bare slash in the path'],
    ['pkcs11:token=a%2', 'half an escape'],
    ['pkcs11:token=a%zz', 'no escape'],
    ['pkcs11:token=%FF', 'no UTF-8'],
    ['pkcs11:token=%00', 'a control character'],
    ['pkcs11:token=%E2%80%AEa', 'a right-to-left override'],
    [`pkcs11:token=${'a'.repeat(33)}`, 'a label of 33 bytes'],
    [`pkcs11:serial=${'a'.repeat(17)}`, 'a serial of 17 bytes'],
    ['pkcs11:token=a;object=', 'an empty label'],
    ['pkcs11:token=a;id=', 'an empty id'],
    ['pkcs11:token=a;type=public', 'a public key'],
    ['pkcs11:token=a;type=other', 'an unknown type'],
    ['pkcs11:token=a;slot-id=x', 'a slot that is no number'],
    ['pkcs11:token=a;library-version=2.', 'half a version'],
    ['pkcs11:token=a?module-path=lib.so', 'a relative module'],
    ['pkcs11:token=a?module-path=//lib.so', 'two slashes'],
    ['pkcs11:token=a?module-name=../lib', 'a module name with a path'],
    ['pkcs11:token=a?module-name=b&module-path=/c', 'two modules'],
    ['pkcs11:token=a?pin-source=|/bin/pin', 'a program'],
    ['pkcs11:token=a?pin-source=file:pin', 'a relative file'],
    ['pkcs11:token=a?pin-source=https://x/pin', 'a PIN from elsewhere'],
  ])('%s is refused: %s', (uri) => {
    expect(() => parsePkcs11Uri(uri)).toThrow(USAGE);
  });

  test.each(['32 bytes of label', 'a'.repeat(32)])('a token of %j is taken', (token) => {
    expect(parsePkcs11Uri(`pkcs11:token=${encodeURIComponent(token)}`).token).toBe(token);
  });

  test.each([
    'pkcs11:token=a?pin-value=4711',
    'pkcs11:token=a;pin-value=4711',
    'pkcs11:token=a?PIN-VALUE=4711',
    'pkcs11:token=a?pin=4711',
  ])('a PIN in it is refused, and not shown again: %s', (uri) => {
    const shown = (): string => {
      try {
        parsePkcs11Uri(uri);
        return '4711';
      } catch (error) {
        return JSON.stringify(error) + String(error);
      }
    };
    expect(shown()).not.toContain('4711');
  });
});
