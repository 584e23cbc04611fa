import type { Reader } from '../codec/tls.js';

/**
 * Decodes one field in two steps: the reader takes its bytes (structure), and the function that comes back checks what
 * they hold. A message is read to its end before any of its fields is judged, and the fields are judged in wire order.
 */
export type Field<T> = (reader: Reader) => () => T;
