import { addDuration, type Duration } from '../common/time.js';
import type { ExpirationData } from '../credential/expiration-data.js';

/** Where a credential stands in its life. */
export type CredentialState = 'scheduled' | 'active' | 'issuing-ended' | 'retired' | 'expired' | 'revoked';

/** The last second at which a full-length child still nests: `not_after` less the child's lifetime. Unix seconds. */
export function issuingDeadline({ notAfter }: ExpirationData, childLifetime: Duration): number {
  return addDuration(notAfter + 1, childLifetime, -1);
}

/** The state at a time. A credential past its issuing deadline stays published while its children live. */
export function stateOf(
  validity: ExpirationData,
  {
    atSeconds,
    revoked,
    childLifetime,
  }: { readonly atSeconds: number; readonly revoked: boolean; readonly childLifetime: Duration },
): CredentialState {
  if (revoked) return 'revoked';
  if (atSeconds < validity.notBefore) return 'scheduled';
  if (atSeconds > validity.notAfter) return 'expired';
  return atSeconds <= issuingDeadline(validity, childLifetime) ? 'active' : 'issuing-ended';
}
