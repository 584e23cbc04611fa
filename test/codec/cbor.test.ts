import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type CborKey,
  type CborLimits,
  CborTagged,
  type CborValue,
  decodeCbor,
  encodeCbor,
} from '../../src/codec/cbor.js';
import { concatBytes, equalBytes, toHex } from '../../src/common/bytes.js';
import { hex, outcome } from '../bundle/support.js';
import { testWhere } from '../support/machine/tools.js';

const LIMITS: CborLimits = {
  code: 'bundle-malformed',
  what: 'it',
  maxBytes: 1 << 20,
  maxDepth: 12,
  maxItems: 1 << 17,
  tags: [98],
};
const decode = (text: string, limits: Partial<CborLimits> = {}): CborValue =>
  decodeCbor(hex(text), { ...LIMITS, ...limits });
const refuses = (text: string, limits: Partial<CborLimits> = {}): string => outcome(() => decode(text, limits));

/** RFC 8949 appendix A, as far as this subset goes. */
const EXAMPLES: readonly [CborValue, string][] = [
  [0, '00'],
  [23, '17'],
  [24, '1818'],
  [255, '18ff'],
  [256, '190100'],
  [65535, '19ffff'],
  [65536, '1a00010000'],
  [4294967295, '1affffffff'],
  [4294967296, '1b0000000100000000'],
  [1000000000000, '1b000000e8d4a51000'],
  [Number.MAX_SAFE_INTEGER, '1b001fffffffffffff'],
  [2n ** 53n, '1b0020000000000000'],
  [18446744073709551615n, '1bffffffffffffffff'],
  [-1, '20'],
  [-24, '37'],
  [-25, '3818'],
  [-1000, '3903e7'],
  [-4294967297, '3b0000000100000000'],
  [-(2 ** 53) + 1, '3b001ffffffffffffe'],
  [-(2n ** 53n), '3b001fffffffffffff'],
  [-18446744073709551616n, '3bffffffffffffffff'],
  [false, 'f4'],
  [true, 'f5'],
  [null, 'f6'],
  [new Uint8Array(), '40'],
  [Uint8Array.of(1, 2, 3, 4), '4401020304'],
  ['', '60'],
  ['"\\', '62225c'],
  ['\u6c34', '63e6b0b4'],
  ['\u{10151}', '64f0908591'],
  [[], '80'],
  [[1, [2, 3], [4, 5]], '8301820203820405'],
  [new Map(), 'a0'],
  [
    new Map<CborKey, CborValue>([
      ['a', 1],
      ['b', [2, 3]],
    ]),
    'a26161016162820203',
  ],
  [new CborTagged(98, []), 'd86280'],
];

describe('RFC 8949 appendix A', () => {
  test.each(EXAMPLES)('%p is %s, both ways', (value, encoded) => {
    expect(toHex(encodeCbor(value))).toBe(encoded);
    expect(decode(encoded)).toEqual(value);
  });
});

test('keys are sorted bytewise by their encoding (RFC 8949 §4.2.1, its own example)', () => {
  const keys: CborKey[] = [10, 100, -1, 'z', 'aa', -1000, 'b', 2n ** 60n];
  const value = new Map(keys.map((key) => [key, 0]));
  expect(toHex(encodeCbor(value))).toBe('a80a001864001b10000000000000000020003903e70061620061' + '7a0062616100');
});

describe('a refusal says where, before anything is decoded', () => {
  test.each([
    ['a second item', '8101f6', /bytes are left over after offset 2/],
    [
      'a string that is longer than what is left, behind another',
      '8243aabbcc45aabbcc',
      /5 byte\(s\) expected at offset 6, 3 left/,
    ],
    ...['1c', '1d', '1e', '1f'].map(
      (head) => [`the head ${head}`, `8200${head}`, /or a reserved form at offset 2/] as const,
    ),
  ])('%s', (_what, text, message) => {
    expect(() => decode(text)).toThrow(message);
  });
});

describe('refused', () => {
  test.each([
    ['nothing', ''],
    ['a byte after it', '0000'],
    ['one byte too short', '44010203'],
    ['a long form', '1817'],
    ['a long form of 8 bytes', '1b00000000ffffffff'],
    ['a long negative', '3817'],
    ['a long length', '5801aa'],
    ['a long text length', '780161'],
    ['a long array length', '980100'],
    ['a long map length', 'b8010000'],
    ['a long tag', 'd90062f6'],
    ['another tag', 'd86300'],
    ['a bignum', 'c240'],
    ['a date', 'c001'],
    ['an indefinite array', '9fff'],
    ['an indefinite map', 'bfff'],
    ['indefinite bytes', '5f4100ff'],
    ['indefinite text', '7f6161ff'],
    ['a break alone', 'ff'],
    ['undefined', 'f7'],
    ['a simple value', 'f0'],
    ['a simple value of two bytes', 'f8ff'],
    ['half a float', 'f93c00'],
    ['a float', 'fa3f800000'],
    ['a double', 'fb3ff0000000000000'],
    ['reserved additional information 28', '1c'],
    ['reserved additional information 30', '5e'],
    ['a key twice', 'a201000100'],
    ['keys out of order', 'a202000100'],
    ['a shorter key first (RFC 7049 order)', 'a26161003903e700'],
    ['a key that is bytes', 'a1410000'],
    ['a key that is an array', 'a18000'],
    ['a key that is null', 'a1f600'],
    ['a map cut in the middle', 'a200'],
    ['bad UTF-8', '61ff'],
    ['overlong UTF-8', '62c080'],
    ['a surrogate in UTF-8', '63eda080'],
    ['a surrogate pair in UTF-8', '66eda081edb080'],
    ['UTF-8 cut short', '62e6b0'],
    ['bad UTF-8 in longer text', '7828' + '61'.repeat(39) + 'ff'],
  ])('%s', (_name, encoded) => {
    expect(refuses(encoded)).toBe('bundle-malformed');
  });

  test.each([
    ['bytes', '5b'],
    ['text', '7b'],
    ['an array', '9b'],
    ['a map', 'bb'],
  ])('a giant length of %s, before anything is allocated', (_name, head) => {
    for (const length of ['ffffffffffffffff', '0020000000000000', '00000000ffffffff', '0000000000100000'])
      expect(refuses(head + length)).toBe('bundle-malformed');
  });
});

describe('limits, one below, at, and one above', () => {
  test('bytes', () => {
    expect(refuses('42aabb', { maxBytes: 4 })).toBe('valid');
    expect(refuses('42aabb', { maxBytes: 3 })).toBe('valid');
    expect(refuses('42aabb', { maxBytes: 2 })).toBe('bundle-malformed');
  });

  test('depth, of arrays, maps and tags', () => {
    for (const nested of ['818100', 'a100a10000', 'd862d86200']) {
      expect(refuses(nested, { maxDepth: 4 })).toBe('valid');
      expect(refuses(nested, { maxDepth: 3 })).toBe('valid');
      expect(refuses(nested, { maxDepth: 2 })).toBe('bundle-malformed');
    }
  });

  test('items, keys included', () => {
    expect(refuses('a101820000', { maxItems: 6 })).toBe('valid');
    expect(refuses('a101820000', { maxItems: 5 })).toBe('valid');
    expect(refuses('a101820000', { maxItems: 4 })).toBe('bundle-malformed');
  });
});

test('a megabyte of nesting, of arrays in arrays, or of empty items is refused at once', () => {
  const megabyte = 1 << 20;
  const wide = concatBytes(hex('9a000ffff0'), new Uint8Array(megabyte - 16).fill(0x80));
  const started = process.memoryUsage().rss;
  for (const byte of [0x81, 0xa1, 0xd8, 0x9f, 0x5f]) {
    expect(outcome(() => decodeCbor(new Uint8Array(megabyte).fill(byte), LIMITS))).toBe('bundle-malformed');
  }
  expect(outcome(() => decodeCbor(wide, LIMITS))).toBe('bundle-malformed');
  expect(process.memoryUsage().rss - started).toBeLessThan(100 * megabyte);
});

test('an array as long as the items allow goes both ways', () => {
  const value = new Array<number>(LIMITS.maxItems - 1).fill(7);
  const bytes = encodeCbor(value);
  expect(bytes).toHaveLength(5 + value.length);
  expect(equalBytes(encodeCbor(decodeCbor(bytes, LIMITS)), bytes)).toBe(true);
});

test('byte strings are copies, and plain Uint8Arrays', () => {
  const input = Buffer.from('4401020304', 'hex');
  const value = decodeCbor(input, LIMITS);
  input.fill(0);
  expect(value).toEqual(Uint8Array.of(1, 2, 3, 4));
  expect(Object.getPrototypeOf(value)).toBe(Uint8Array.prototype);
  expect(Object.keys(input)).not.toContain('dataView');
});

test('what the subset does not have is not encoded', () => {
  for (const value of [1.5, NaN, Infinity, 2 ** 53, 2n ** 64n, -(2n ** 64n) - 1n, '\ud800', 'a\udc00']) {
    expect(() => encodeCbor(value)).toThrow(RangeError);
  }
  expect(() =>
    encodeCbor(
      new Map<CborKey, CborValue>([
        [1, 0],
        [1n, 0],
      ]),
    ),
  ).toThrow('the same key twice');
});

const keys = fc.oneof(fc.maxSafeInteger(), fc.string({ unit: 'grapheme' }));
const values = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(
      fc.maxSafeInteger(),
      fc.bigInt(2n ** 53n, 2n ** 64n - 1n),
      fc.bigInt(-(2n ** 64n), -(2n ** 53n)),
      fc.string({ unit: 'grapheme', maxLength: 50 }).filter((text) => !text.startsWith('\ufeff')),
      fc.uint8Array({ maxLength: 300 }),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie('value'), { maxLength: 30 }),
    fc.array(fc.tuple(keys, tie('value')), { maxLength: 30 }).map((entries) => new Map(entries)),
    tie('value').map((value) => new CborTagged(98, value)),
  ),
})).value;

test('decode(encode(x)) = x', () => {
  fc.assert(
    fc.property(values, (value) => {
      const bytes = encodeCbor(value);
      expect(encodeCbor(decodeCbor(bytes, { ...LIMITS, maxDepth: 30 }))).toEqual(bytes);
      expect(decodeCbor(bytes, { ...LIMITS, maxDepth: 30 })).toEqual(value);
    }),
  );
});

test('random bytes, and changed good ones, are decoded to what encodes to them, or refused', () => {
  const holds = (bytes: Uint8Array): void => {
    let value: CborValue | undefined;
    if (outcome(() => (value = decodeCbor(bytes, LIMITS))) === 'valid')
      expect(encodeCbor(value ?? null)).toEqual(bytes);
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), holds), { numRuns: 2000 });
  fc.assert(
    fc.property(values, fc.nat(), fc.nat(255), (value, at, byte) => {
      const bytes = encodeCbor(value);
      bytes[at % bytes.length] = byte;
      holds(bytes);
    }),
    { numRuns: 1000 },
  );
});

/** JSON that Python turns back into the same value. */
function forPython(value: CborValue): unknown {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return { int: String(value) };
  if (value instanceof Uint8Array) return { hex: toHex(value) };
  if (value instanceof CborTagged) return { tag: value.tag, of: forPython(value.value) };
  if (value instanceof Map)
    return { map: [...(value as Map<CborKey, CborValue>)].map(([key, item]) => [forPython(key), forPython(item)]) };
  return (value as readonly CborValue[]).map(forPython);
}

const PROGRAM = `
import cbor2, json, sys
def back(v):
    if isinstance(v, list): return [back(x) for x in v]
    if not isinstance(v, dict): return v
    if 'int' in v: return int(v['int'])
    if 'hex' in v: return bytes.fromhex(v['hex'])
    if 'tag' in v: return cbor2.CBORTag(v['tag'], back(v['of']))
    return dict(sorted(((back(k), back(x)) for k, x in v['map']), key=lambda e: cbor2.dumps(e[0])))
for v in json.load(sys.stdin): print(cbor2.dumps(back(v)).hex())
`;

const python = '/usr/bin/python3';
const hasCbor2 = spawnSync(python, ['-c', 'import cbor2']).status === 0;
testWhere(hasCbor2, 'python3-cbor2', 'the encoding is what cbor2 gives', () => {
  const samples = fc.sample(values, 300);
  const run = spawnSync(python, ['-c', PROGRAM], {
    input: JSON.stringify(samples.map(forPython)),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  expect(run.stderr).toBe('');
  expect(samples.map((value) => toHex(encodeCbor(value)))).toEqual(run.stdout.trim().split('\n'));
});
