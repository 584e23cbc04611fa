import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeVector, Reader, u8, u16, u64 } from '../../src/codec/tls.js';
import { concatBytes, toHex } from '../../src/common/bytes.js';
import { hex, outcome } from '../bundle/support.js';
import { describeWithVectors } from '../support/shared-vectors.js';

const MAX_VECTOR = 2 ** 30 - 1;

/** The length that a header of a vector says, as the refusal for want of data names it. */
function lengthSaid(header: Uint8Array): number {
  try {
    return new Reader(header).vector().length;
  } catch (error) {
    expect(error).toMatchObject({ code: 'truncated' });
    return Number(/^(\d+) bytes expected/.exec((error as Error).message)?.[1]);
  }
}

describeWithVectors('mls/deserialization.json', (vectors: readonly { vlbytes_header: string; length: number }[]) => {
  test.each(vectors.map(({ vlbytes_header, length }) => [vlbytes_header, length] as const))(
    '%s says %d',
    (header, length) => {
      expect(lengthSaid(hex(header))).toBe(length);
      if (length < 2 ** 20) expect(toHex(encodeVector(new Uint8Array(length))).startsWith(header)).toBe(true);
    },
  );
});

describe('vectors', () => {
  test.each([
    [0, '00'],
    [1, '01'],
    [63, '3f'],
    [64, '4040'],
    [16383, '7fff'],
    [16384, '80004000'],
    [16385, '80004001'],
  ])('%d bytes', (length, header) => {
    const bytes = new Uint8Array(length).fill(7);
    const encoded = encodeVector(bytes);
    expect(toHex(encoded.slice(0, encoded.length - length))).toBe(header);
    const reader = new Reader(encoded);
    expect(toHex(reader.vector()) === toHex(bytes)).toBe(true);
    reader.end();
  });

  test('the longest, and one byte more', () => {
    expect(lengthSaid(hex('bfffffff'))).toBe(MAX_VECTOR);
    // Only the length is looked at before the refusal, so that no test needs a gigabyte.
    const tooLong = { length: MAX_VECTOR + 1 } as Uint8Array;
    expect(() => encodeVector(tooLong)).toThrow(RangeError);
  });

  test.each(['4000', '403f', '80000000', '8000003f', '80000040', '80003fff'])(
    'the length %s has a shorter form',
    (header) => {
      const length = Number.parseInt(header, 16) & 0x3fff;
      expect(outcome(() => new Reader(concatBytes(hex(header), new Uint8Array(length))).vector())).toBe(
        'non-minimal-length',
      );
    },
  );

  test.each(['c0', 'ff', 'c000', 'ffffffffffffffff', 'c000000000000000'])('the prefix of %s is reserved', (bytes) => {
    expect(outcome(() => new Reader(hex(bytes)).vector())).toBe('bad-length');
  });

  test.each(['', '40', '7f', '800040', 'bfffff', '01', '0200', '404000', '80004000'])('%s is cut short', (bytes) => {
    expect(outcome(() => new Reader(hex(bytes)).vector())).toBe('truncated');
  });

  test('encode and decode are inverse', () => {
    const sizes = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ minLength: 16300, maxLength: 16500 }));
    fc.assert(
      fc.property(fc.array(sizes, { maxLength: 3 }), (parts) => {
        const reader = new Reader(concatBytes(...parts.map(encodeVector)));
        for (const part of parts) if (toHex(reader.vector()) !== toHex(part)) return false;
        return reader.atEnd;
      }),
      { numRuns: 50 },
    );
  });

  test('whatever is read as a vector is what the encoder writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 80 }), (bytes) => {
        const reader = new Reader(bytes);
        let value: Uint8Array;
        try {
          value = reader.vector();
        } catch {
          return true;
        }
        return toHex(encodeVector(value)) === toHex(bytes.slice(0, reader.offset));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('integers and fixed fields', () => {
  test.each([
    [u8, 1, 255],
    [u16, 2, 65535],
  ] as const)('limits', (encode, length, most) => {
    expect(toHex(encode(0))).toBe('00'.repeat(length));
    expect(toHex(encode(most - 1))).toBe(`${'ff'.repeat(length - 1)}fe`);
    expect(toHex(encode(most))).toBe('ff'.repeat(length));
    expect(() => encode(most + 1)).toThrow(RangeError);
    expect(() => encode(-1)).toThrow(RangeError);
  });

  test('u64 keeps every bit', () => {
    expect(toHex(u64(2n ** 64n - 1n))).toBe('ffffffffffffffff');
    expect(toHex(u64(Number.MAX_SAFE_INTEGER))).toBe('001fffffffffffff');
    expect(() => u64(2n ** 64n)).toThrow(RangeError);
    expect(() => u64(-1n)).toThrow(RangeError);
    expect(new Reader(hex('ffffffffffffffff')).u64()).toBe(2n ** 64n - 1n);
    fc.assert(fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (value) => new Reader(u64(value)).u64() === value));
  });

  test('big-endian, one after the other, to the end', () => {
    const reader = new Reader(hex('0102030000000000000004aabbcc'));
    expect([reader.u8(), reader.u16(), reader.u64(), toHex(reader.fixed(2))]).toEqual([1, 0x0203, 4n, 'aabb']);
    expect(reader.offset).toBe(13);
    expect(reader.atEnd).toBe(false);
    expect(outcome(() => reader.end())).toBe('trailing-bytes');
    expect(toHex(reader.since(11))).toBe('aabb');
    expect(reader.u8()).toBe(0xcc);
    expect(outcome(() => reader.end())).toBe('valid');
    expect(reader.atEnd).toBe(true);
  });

  test.each(['u8', 'u16', 'u64'] as const)('%s wants all its bytes, and takes none where they are missing', (name) => {
    const size = { u8: 1, u16: 2, u64: 8 }[name];
    const reader = new Reader(new Uint8Array(size - 1));
    expect(outcome(() => reader[name]())).toBe('truncated');
    expect(reader.offset).toBe(0);
    expect(outcome(() => new Reader(new Uint8Array(size))[name]())).toBe('valid');
  });

  test('what is read is a copy', () => {
    const bytes = hex('01aa');
    const read = new Reader(bytes).vector();
    bytes.fill(0);
    expect(toHex(read)).toBe('aa');
  });
});
