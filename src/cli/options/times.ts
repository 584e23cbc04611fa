import { timeJson } from '../../common/time.js';
import type { ExpirationData } from '../../credential/expiration-data.js';

export function validityJson({ notBefore, notAfter }: ExpirationData) {
  return { ...timeJson('not_before', notBefore), ...timeJson('not_after', notAfter) };
}
