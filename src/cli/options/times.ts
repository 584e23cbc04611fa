import { timeJson } from '../../common/time.js';
import type { ExpirationData } from '../../credential/expiration-data.js';
import type { Json } from '../terminal/output.js';

export { timeJson };

export function validityJson({ notBefore, notAfter }: ExpirationData): Record<string, Json> {
  return { ...timeJson('not_before', notBefore), ...timeJson('not_after', notAfter) };
}
