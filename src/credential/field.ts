import type { Reader } from '../codec/tls.js';

/**
 * Decodes one field in two steps: first the reader takes its bytes (structure), then the returned function checks what
 * they hold. A message is read to its end before any field is judged, and fields are judged in wire order.
 */
export type Field<T> = (reader: Reader) => () => T;
