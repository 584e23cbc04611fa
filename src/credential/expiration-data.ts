import { u64 } from '../codec/tls.js';
import { concatBytes } from '../common/bytes.js';
import { refused } from '../common/errors.js';
import { LAST_SECOND } from '../common/time.js';
import type { Field } from './field.js';

/** A validity in seconds since the Unix epoch, both ends inclusive. */
export interface ExpirationData {
  readonly notBefore: number;
  readonly notAfter: number;
}

function check(notBefore: bigint, notAfter: bigint): ExpirationData {
  if (notAfter <= notBefore || notAfter > BigInt(LAST_SECOND)) {
    const what = notAfter <= notBefore ? 'is not after not_before' : 'is after the year 9999';
    throw refused('bad-validity', `not_after ${String(notAfter)} ${what} (not_before ${String(notBefore)})`);
  }
  return { notBefore: Number(notBefore), notAfter: Number(notAfter) };
}

export function encodeExpirationData({ notBefore, notAfter }: ExpirationData): Uint8Array {
  check(BigInt(notBefore), BigInt(notAfter));
  return concatBytes(u64(notBefore), u64(notAfter));
}

/** Reads a validity. Error: `bad-validity`. */
export const expirationDataField: Field<ExpirationData> = (reader) => {
  const notBefore = reader.u64();
  const notAfter = reader.u64();
  return () => check(notBefore, notAfter);
};
