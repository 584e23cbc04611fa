import { formatTime } from '../common/time.js';
import type { ExpirationData } from '../credential/expiration-data.js';
import type { Json } from './output.js';

/** A time twice, as JSON output has it: `not_after` and `not_after_unix`. */
export function timeJson<N extends string>(name: N, seconds: number): Record<N | `${N}_unix`, Json> {
  return { [name]: formatTime(seconds), [`${name}_unix`]: seconds } as Record<N | `${N}_unix`, Json>;
}

export function validityJson({ notBefore, notAfter }: ExpirationData): Record<string, Json> {
  return { ...timeJson('not_before', notBefore), ...timeJson('not_after', notAfter) };
}
