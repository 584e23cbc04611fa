import { wrongInput } from '../common/door.js';
import { sealed } from '../common/sealed.js';
import type { AsCredential } from '../credential/as-credential.js';
import type { IntermediateAsCredential } from '../credential/intermediate-as-credential.js';
import type { BundlePayload } from './payload.js';

/** The fields of AsCredentialsResponse, in the bundle's own order. */
export interface PublishedSet {
  readonly asCredentials: readonly AsCredential[];
  readonly asIntermediateCredentials: readonly IntermediateAsCredential[];
  readonly revokedCerts: readonly Uint8Array[];
}

const accepted = new WeakSet();

/** Marks a bundle as accepted. Only `acceptBundle` may call it. */
export function markAccepted(bundle: object): void {
  accepted.add(bundle);
}

/**
 * Returns what the *get AS credentials* endpoint serves for an accepted bundle. Error: `usage` if the bundle was not
 * accepted in this process.
 */
export function publishedSetOf(bundle: { readonly payload: BundlePayload }): PublishedSet {
  if (!accepted.has(bundle)) throw wrongInput('the bundle', 'was not returned by acceptBundle');
  return publishedSet(bundle.payload);
}

/** As `publishedSetOf`, for a bundle that the caller knows to be good. */
export function publishedSet(payload: BundlePayload): PublishedSet {
  const { asCredentials, asIntermediateCredentials, revokedCerts } = payload;
  return sealed({
    asCredentials,
    asIntermediateCredentials,
    revokedCerts: revokedCerts.map(({ fingerprint }) => fingerprint),
  });
}
