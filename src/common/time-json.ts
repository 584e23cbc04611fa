import { formatTime } from './time.js';

/** A time (Unix seconds) twice, as every JSON of this program has it: `not_after` and `not_after_unix`. */
export function timeJson<N extends string>(name: N, seconds: number): Record<N | `${N}_unix`, string | number> {
  return { [name]: formatTime(seconds), [`${name}_unix`]: seconds } as Record<N | `${N}_unix`, string | number>;
}
