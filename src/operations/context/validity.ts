import { usage } from '../../common/errors.js';
import { clampedSum, type Duration, formatTime, validityOf } from '../../common/time.js';
import type { ExpirationData } from '../../credential/expiration-data.js';

/** What a command line says of a validity; the rest is the policy's. */
export interface ValidityOptions {
  readonly notBefore?: number;
  readonly notAfter?: number;
  readonly lifetime?: Duration;
}

/**
 * The validity that is wanted, in full. It begins at the latest of `backdating` ago, the signer's begin and `earliest`
 * unless said otherwise, and is never shortened to fit: whatever does not nest is for the rules to refuse. Error:
 * `usage`.
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
