import { clampedSum, formatTime, validityOf, type Duration } from '../common/time.js';
import { usage } from '../common/errors.js';
import type { ExpirationData } from '../credential/expiration-data.js';

/** What a command line says of a validity; the rest is the policy's. */
export interface WantedValidity {
  readonly notBefore?: number;
  readonly notAfter?: number;
  readonly lifetime?: Duration;
}

/**
 * The validity that is wanted, in full. It begins at the later of `backdating` ago and the signer's begin unless said otherwise, and
 * is never shortened to fit: whatever does not nest is for the rules to refuse. Error: `usage`.
 */
export function resolveValidity(
  wanted: WantedValidity,
  policy: {
    readonly atSeconds: number;
    readonly backdating: Duration;
    readonly lifetime: Duration;
    readonly signer?: ExpirationData;
  },
): ExpirationData {
  const usual = Math.max(clampedSum(policy.atSeconds, policy.backdating, -1), policy.signer?.notBefore ?? 0);
  const notBefore = wanted.notBefore ?? usual;
  const notAfter = wanted.notAfter ?? validityOf(notBefore, wanted.lifetime ?? policy.lifetime);
  if (notAfter <= notBefore) {
    throw usage(`the validity would end ${formatTime(notAfter)}, not after its begin ${formatTime(notBefore)}`);
  }
  return { notBefore, notAfter };
}
