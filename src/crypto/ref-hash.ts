/** RefHash of RFC 9420 §5.2, with SHA-256. */
import { encodeVector } from '../codec/tls.js';
import { concatBytes, utf8 } from '../common/bytes.js';
import { hash } from './hash.js';

/**
 * Returns the 32-byte hash of `struct { opaque label<V>; opaque value<V>; } RefHashInput`. `label` is used as given.
 */
export function refHash(label: string, value: Uint8Array): Uint8Array {
  return hash('sha256', concatBytes(encodeVector(utf8(label)), encodeVector(value)));
}
