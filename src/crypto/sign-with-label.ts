/** SignContent of RFC 9420 §5.1.2: the bytes that SignWithLabel signs and VerifyWithLabel verifies. */
import { encodeVector } from '../codec/tls.js';
import { concatBytes, utf8 } from '../common/bytes.js';

/** `struct { opaque label<V> = "MLS 1.0 " + Label; opaque content<V>; } SignContent`. `label` is given without the prefix. */
export function signContent(label: string, content: Uint8Array): Uint8Array {
  return concatBytes(encodeVector(utf8(`MLS 1.0 ${label}`)), encodeVector(content));
}
