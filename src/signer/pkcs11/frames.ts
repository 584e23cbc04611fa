/**
 * Frames between this program and the process that holds a PKCS#11 module: a uint32 length of all that follows, a
 * uint32 length of a JSON header, the header, and a body of raw bytes (a PIN, a message, a signature), so that secrets
 * never become text here.
 */
import { concatBytes, fromUtf8, utf8 } from '../../common/bytes.js';

/** A message to sign may be a whole bundle. */
export const MAX_FRAME = 4 * 1024 * 1024;

export interface Frame {
  readonly header: unknown;
  readonly body: Uint8Array;
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** Encodes a frame. The caller wipes it if the body is a secret. */
export function encodeFrame(header: object, body: Uint8Array = new Uint8Array()): Uint8Array {
  const text = utf8(JSON.stringify(header));
  if (text.length + body.length + 4 > MAX_FRAME) throw new RangeError('a frame is too long');
  return concatBytes(uint32(4 + text.length + body.length), uint32(text.length), text, body);
}

/** Assembles frames from the pieces of a stream. */
export class FrameReader {
  #pending: Uint8Array = new Uint8Array();

  /**
   * Returns the frames that are now complete. Throws a RangeError for something that cannot be a frame, after which the
   * stream is unusable.
   */
  push(chunk: Uint8Array): Frame[] {
    const held = this.#pending;
    // A copy, never a view: a Buffer's own slice would share its memory with whoever wipes the chunk.
    let bytes: Uint8Array = concatBytes(held, chunk);
    held.fill(0);
    const frames: Frame[] = [];
    for (;;) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      if (bytes.length < 8) break;
      const length = view.getUint32(0);
      const headerLength = view.getUint32(4);
      if (length > MAX_FRAME || headerLength + 4 > length) throw new RangeError('not a frame');
      if (bytes.length < 4 + length) break;
      const header = parse(bytes.subarray(8, 8 + headerLength));
      frames.push({ header, body: bytes.slice(8 + headerLength, 4 + length) });
      bytes = bytes.subarray(4 + length);
    }
    this.#pending = bytes.slice();
    return frames;
  }
}

function parse(bytes: Uint8Array): unknown {
  const text = fromUtf8(bytes);
  if (text === undefined) throw new RangeError('a header is not UTF-8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new RangeError('a header is not JSON');
  }
}
