import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeFrame, type Frame, FrameReader, MAX_FRAME } from '../../../src/signer/pkcs11/frames.js';

test('frames come through whole, however the stream is cut, and share no memory with it', () => {
  const one = fc.record({ header: fc.dictionary(fc.string(), fc.jsonValue()), body: fc.uint8Array({ maxLength: 50 }) });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 5 }), fc.array(fc.nat(300)), (frames, cuts) => {
      const stream = Buffer.concat(frames.map(({ header, body }) => encodeFrame(header, body)));
      const reader = new FrameReader();
      const got: Frame[] = [];
      let at = 0;
      for (const cut of [...cuts, stream.length]) {
        const chunk = Buffer.from(stream.subarray(at, at + cut));
        at += chunk.length;
        got.push(...reader.push(chunk));
        chunk.fill(0xee);
      }
      expect(got).toEqual(
        frames.map(({ header, body }) => ({ header: JSON.parse(JSON.stringify(header)) as unknown, body })),
      );
    }),
  );
});

test.each([
  ['a length above the limit', [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 2, 0x7b, 0x7d]],
  ['a header longer than its frame', [0, 0, 0, 6, 0, 0, 0, 3, 0x7b, 0x7d]],
  ['a header that is no JSON', [0, 0, 0, 6, 0, 0, 0, 2, 0x7b, 0x7b]],
  ['a header that is no UTF-8', [0, 0, 0, 6, 0, 0, 0, 2, 0xff, 0xff]],
])('%s is no frame', (_what, bytes) => {
  expect(() => new FrameReader().push(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ name: 'RangeError' }));
});

test('the largest frame goes, and one byte more does not', () => {
  const room = MAX_FRAME - 4 - 2;
  expect(new FrameReader().push(encodeFrame({}, new Uint8Array(room)))).toHaveLength(1);
  expect(() => encodeFrame({}, new Uint8Array(room + 1))).toThrow(expect.objectContaining({ name: 'RangeError' }));
});
