import { usage } from '../../common/errors.js';
import { clampedSum, type Duration, formatTime, validityOf } from '../../common/time.js';
import type { ExpirationData } from '../../credential/expiration-data.js';

/** What a command line says about a validity; the policy determines the rest. */
export interface ValidityOptions {
  readonly notBefore?: number;
  readonly notAfter?: number;
  readonly lifetime?: Duration;
}

/**
 * Returns the complete validity. Unless told otherwise, it begins at the latest of `backdating` ago, the signer's first
 * second and `earliest`. It is never shortened to fit: the rules refuse whatever does not nest. Error: `usage`.
 */
export function resolveValidity(
  wanted: ValidityOptions,
  policy: {
    readonly atSeconds: number;
    readonly backdating: Duration;
    readonly lifetime: Duration;
    readonly signer?: ExpirationData;
    readonly earliest?: number | undefined;
  },
): ExpirationData {
  const { atSeconds, backdating, signer, earliest = 0 } = policy;
  const usual = Math.max(clampedSum(atSeconds, backdating, -1), signer?.notBefore ?? 0, earliest);
  const notBefore = wanted.notBefore ?? usual;
  const notAfter = wanted.notAfter ?? validityOf(notBefore, wanted.lifetime ?? policy.lifetime);
  if (notAfter <= notBefore) {
    throw usage(`the validity would end ${formatTime(notAfter)}, not after its start ${formatTime(notBefore)}`);
  }
  return { notBefore, notAfter };
}
