/** SignContent of RFC 9420 §5.1.2: the bytes that SignWithLabel signs and VerifyWithLabel verifies. */
import { encodeVector } from '../codec/tls.js';
import { concatBytes, utf8 } from '../common/bytes.js';
import { bytesIn, textIn } from '../common/door.js';

/**
 * Returns `struct { opaque label<V> = "MLS 1.0 " + Label; opaque content<V>; } SignContent`. `label` is given without
 * the prefix. Error: `usage`.
 */
export function signContent(label: string, content: Uint8Array): Uint8Array {
  const prefixed = utf8(`MLS 1.0 ${textIn('the label', label)}`);
  return concatBytes(encodeVector(prefixed), encodeVector(bytesIn('the content', content)));
}
