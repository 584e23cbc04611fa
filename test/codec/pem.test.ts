import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodePem, encodePem, looksLikePem, MAX_PEM } from '../../src/codec/pem.js';
import { toHex, utf8 } from '../../src/common/bytes.js';
import { outcome } from '../bundle/support.js';

const LABEL = 'AS CREDENTIAL';
const begin = `-----BEGIN ${LABEL}-----`;
const end = `-----END ${LABEL}-----`;
const bytesOf = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i & 0xff);
const decode = (text: string): string => outcome(() => decodePem(utf8(text)));
const block = (...lines: readonly string[]): string => [begin, ...lines, end, ''].join('\n');
/** 64 base64 characters. */
const line = 'QUJD'.repeat(16);

test('has at most 64 KiB, said before anything is decoded', () => {
  const longest = encodePem(LABEL, bytesOf(48_000));
  expect(longest.length).toBeLessThan(MAX_PEM);
  expect(decode(longest)).toBe('valid');
  expect(MAX_PEM).toBe(65_536);
  expect(() => decodePem(new Uint8Array(MAX_PEM + 1))).toThrow(/it has 65537 bytes/);
  expect(decode(encodePem(LABEL, bytesOf(49_152)))).toBe('bad-pem');
});

describe('encoding', () => {
  test.each([
    [1, 1],
    [47, 1],
    [48, 1],
    [49, 2],
    [96, 2],
    [97, 3],
  ])('%d bytes have %d lines', (length, lines) => {
    const text = encodePem(LABEL, bytesOf(length));
    expect(text.split('\n')).toHaveLength(lines + 3);
    expect(text.endsWith(`${end}\n`)).toBe(true);
    expect(text.split('\n').every((one) => one.length <= 64)).toBe(true);
  });

  test('decodes to what went in, with CRLF and without the last newline too', () => {
    const label = fc.stringMatching(/^[A-Z][A-Z0-9]{0,9}( [A-Z0-9]{1,9}){0,2}$/);
    fc.assert(
      fc.property(label, fc.uint8Array({ minLength: 1, maxLength: 300 }), (name, bytes) => {
        const text = encodePem(name, bytes);
        return [text, text.slice(0, -1), text.replaceAll('\n', '\r\n')].every((one) => {
          const decoded = decodePem(utf8(one));
          return decoded.label === name && toHex(decoded.bytes) === toHex(bytes);
        });
      }),
    );
  });

  test('nothing that differs by one character decodes to the same', () => {
    const good = encodePem(LABEL, bytesOf(100));
    fc.assert(
      fc.property(
        fc.nat(good.length - 2),
        fc.constantFrom(' ', '\n', '\r', '\t', '=', '-', 'A', 'a', 'Z', '9', '/', '+', '\u00e9'),
        (at, character) => {
          if (good[at] === character) return true;
          const changed = good.slice(0, at) + character + good.slice(at + 1);
          try {
            const { label, bytes } = decodePem(utf8(changed));
            return label !== LABEL || toHex(bytes) !== toHex(bytesOf(100));
          } catch (error) {
            return (error as { code?: string }).code === 'bad-pem';
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('strictness', () => {
  const good = block(line, 'QUJD');

  test('the block itself is good', () => {
    expect(decode(good)).toBe('valid');
  });

  test.each([
    ['two blocks', good + good],
    ['text before it', `x\n${good}`],
    ['an empty line before it', `\n${good}`],
    ['a byte-order mark before it', `\ufeff${good}`],
    ['text after it', `${good}x`],
    ['an empty line after it', `${good}\n`],
    ['a space after it', `${good.trimEnd()} `],
    ['a header inside', block('Proc-Type: 4,ENCRYPTED', '', line)],
    ['no BEGIN line', `${line}\n${end}\n`],
    ['no END line', `${begin}\n${line}\n`],
    ['another label at its end', good.replace(end, '-----END LEAF CREDENTIAL-----')],
    ['a label of small letters', good.replaceAll(LABEL, LABEL.toLowerCase())],
    ['an empty label', good.replaceAll(LABEL, '')],
    ['no newline after BEGIN', good.replace(`${begin}\n`, begin)],
    ['no newline before END', good.replace(`\n${end}`, end)],
    ['a space at the end of BEGIN', good.replace(begin, `${begin} `)],
    ['four hyphens', good.replace(begin, begin.slice(1))],
    ['an empty body', block()],
    ['an empty line for a body', block('')],
    ['a line of 63 characters', block(line.slice(0, 63), 'DQUJD')],
    ['a line of 65 characters', block(`${line}Q`, 'UJD')],
    ['lines of 60 and 8', block(line.slice(0, 60), 'QUJDQUJD')],
    ['lines of 68 and 64', block(`${line}QUJD`, line)],
    ['one line of 76', block(`${line}QUJDQUJDQUJD`)],
    ['an empty line inside', block(line, '', 'QUJD')],
    ['an empty line for a full one', block(`${line}QUJD`, '')],
    ['a space inside', block('QU JD')],
    ['a space at the end of a line', block('QUJD ')],
    ['a tab before a line', block('\tQUJD')],
    ['lone carriage returns', good.replaceAll('\n', '\r')],
    ['no padding', block('QUI')],
    ['too little padding', block('QQ=')],
    ['too much padding', block('QUI==')],
    ['padding alone', block('====')],
    ['padding inside', block('QQ==QUJD')],
    ['stray bits before ==', block('QR==')],
    ['stray bits before =', block('QUJ=')],
    ['base64url', block('QUJ_')],
    ['a letter of no alphabet', block('QUJ\u00e9')],
    ['nothing', ''],
  ])('%s', (_name, text) => {
    expect(decode(text)).toBe('bad-pem');
  });

  test('bytes that are not UTF-8', () => {
    const bytes = utf8(good);
    bytes[40] = 0xff;
    expect(outcome(() => decodePem(bytes))).toBe('bad-pem');
  });

  test('the good forms of those', () => {
    for (const body of ['QUI=', 'QQ==', 'QUJD']) expect(decode(block(body))).toBe('valid');
    expect(decode(good.trimEnd())).toBe('valid');
    expect(decode(good.replaceAll('\n', '\r\n'))).toBe('valid');
  });

  test('what is meant to be PEM', () => {
    expect(looksLikePem(utf8(good))).toBe(true);
    expect(looksLikePem(utf8('-----BEGIN '))).toBe(true);
    expect(looksLikePem(utf8('-----BEGIN'))).toBe(false);
    expect(looksLikePem(utf8(`\n${good}`))).toBe(false);
    expect(looksLikePem(Uint8Array.of(0xff, 0xfe))).toBe(false);
    expect(looksLikePem(new Uint8Array())).toBe(false);
  });
});
