import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodePem } from '../../src/codec/pem.js';
import { utf8 } from '../../src/common/bytes.js';
import { decodeSecretPem, encodeSecretPem } from '../../src/signer/secret-pem.js';
import { couldNotError } from '../support/keys/software-keys.js';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe('PEM of secrets', () => {
  test('is the PEM of codec/pem.ts, made without strings', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (der) => {
        const pem = encodeSecretPem(der);
        expect(text(pem)).toBe(encodePem('PRIVATE KEY', der));
        expect(decodeSecretPem(pem)).toEqual(der);
        expect(decodeSecretPem(pem.slice(0, -1))).toEqual(der);
        expect(decodeSecretPem(utf8(text(pem).replaceAll('\n', '\r\n')))).toEqual(der);
      }),
    );
  });

  test('the input is left alone', () => {
    const pem = encodeSecretPem(Uint8Array.of(1, 2, 3));
    const before = pem.slice();
    decodeSecretPem(pem);
    expect(pem).toEqual(before);
  });

  const good = text(encodeSecretPem(new Uint8Array(50).fill(0x5a)));
  test.each([
    ['nothing', ''],
    ['text before', `x\n${good}`],
    ['a space before', ` ${good}`],
    ['text after', `${good}x`],
    ['an empty line after', `${good}\n`],
    ['two blocks', good + good],
    ['an empty line inside', good.replace('\n', '\n\n')],
    ['short lines', good.replace('Wlpa', 'Wl\npa')],
    ['a space inside', good.replace('Wlpa', 'Wl pa')],
    ['url-safe base64', good.replace('Wlpa', 'Wl_-')],
    ['no END', good.slice(0, -10)],
    ['a lone CR', good.replace('Wlpa', 'Wl\rpa')],
    ['another label', good.replaceAll('PRIVATE', 'PUBLIC')],
    ['padding too much', good.replace('=', '==')],
    ['no padding', good.replace('=', '')],
    ['stray bits', good.replace('o=', 'p=')],
    ['a header', good.replace('\n', '\nProc-Type: 4\n\n')],
  ])('%s is refused', (_, pem) => {
    expect(pem).not.toBe(good);
    expect(() => decodeSecretPem(utf8(pem))).toThrow(couldNotError('bad-key-file'));
  });

  test('cut short anywhere it is refused, except for the last newline', () => {
    const pem = utf8(good);
    for (let length = 0; length < pem.length - 1; length++) {
      expect(() => decodeSecretPem(pem.slice(0, length))).toThrow(couldNotError('bad-key-file'));
    }
  });
});
