import { addDuration, type Duration } from '../../common/time.js';
import type { ExpirationData } from '../../credential/expiration-data.js';

/** Where a credential stands in its life. */
export type CredentialState = 'scheduled' | 'active' | 'issuing-ended' | 'retired' | 'expired' | 'revoked';

/** A credential of the authority as it stands at a time. Times are Unix seconds. */
export interface CredentialStatus {
  readonly kind: 'as_credential' | 'intermediate_as_credential';
  readonly file: string;
  readonly number: number;
  readonly fingerprint: string;
  /** Fingerprint of the root above; none for a root. */
  readonly signer: string | undefined;
  readonly state: CredentialState;
  readonly issuingDeadline: number;
  readonly notBefore: number;
  readonly notAfter: number;
  /** Whether clients know it: the current bundle lists it, or one that is signed ahead. */
  readonly published: boolean;
  /**
   * A root that no bundle lists, whose key is committed to or to be: it is kept for the day on which the roots change.
   */
  readonly reserve: boolean;
}

/** The last second at which a full-length child still nests: `not_after` less the child's lifetime. Unix seconds. */
export function issuingDeadline({ notAfter }: ExpirationData, childLifetime: Duration): number {
  return addDuration(notAfter + 1, childLifetime, -1);
}

/**
 * The state at a time; the first that fits, in this order. `revoked`: it is, or its root is. `expired`: after its last
 * second. `retired`: bundles listed it, and list it no more, or no more its root. `scheduled`: before its first second.
 * `active`: a child of full length still nests. `issuing-ended`: none does, and it stays published while its children
 * live.
 */
export function stateOf(
  validity: ExpirationData,
  {
    atSeconds,
    revoked,
    retired = false,
    childLifetime,
  }: {
    readonly atSeconds: number;
    readonly revoked: boolean;
    readonly retired?: boolean;
    readonly childLifetime: Duration;
  },
): CredentialState {
  if (revoked) return 'revoked';
  if (atSeconds > validity.notAfter) return 'expired';
  if (retired) return 'retired';
  if (atSeconds < validity.notBefore) return 'scheduled';
  return atSeconds <= issuingDeadline(validity, childLifetime) ? 'active' : 'issuing-ended';
}

/** `root-1` of `credentials/root-1.pem`; with that name commands find it. */
export function stemOf(file: string): string {
  return file.replace(/^.*\//, '').replace(/\.pem$/, '');
}
