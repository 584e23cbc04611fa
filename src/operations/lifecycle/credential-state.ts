import { addDuration, type Duration } from '../../common/time.js';
import type { ExpirationData } from '../../credential/expiration-data.js';

/** The stage of a credential's life. */
export type CredentialState = 'scheduled' | 'active' | 'issuing-ended' | 'retired' | 'expired' | 'revoked';

/** A credential of the authority and its state at a time. Times are Unix seconds. */
export interface CredentialStatus {
  readonly kind: 'as_credential' | 'intermediate_as_credential';
  readonly file: string;
  readonly number: number;
  readonly fingerprint: string;
  /** The fingerprint of the root above; undefined for a root. */
  readonly signer: string | undefined;
  readonly state: CredentialState;
  readonly issuingDeadline: number;
  readonly notBefore: number;
  readonly notAfter: number;
  /** Whether clients know it: the current bundle lists it, or one that is signed ahead. */
  readonly published: boolean;
  /**
   * Whether it is a root that no bundle lists, and whose key is, or will be, committed to: it is kept for the day on
   * which the roots change.
   */
  readonly reserve: boolean;
}

/**
 * Returns the last second at which a full-length child still nests: `not_after` less the child's lifetime. Unix
 * seconds.
 */
export function issuingDeadline({ notAfter }: ExpirationData, childLifetime: Duration): number {
  return addDuration(notAfter + 1, childLifetime, -1);
}

/**
 * Returns the state at a time: the first of these that applies. `revoked`: it is revoked, or its root is. `expired`:
 * after its last second. `retired`: bundles listed it, but no longer list it or its root. `scheduled`: before its first
 * second. `active`: a child of full length still nests. `issuing-ended`: none does, and it stays published while its
 * children are in use.
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

/** Returns `root-1` for `credentials/root-1.pem`, the name by which commands find it. */
export function stemOf(file: string): string {
  return file.replace(/^.*\//, '').replace(/\.pem$/, '');
}
