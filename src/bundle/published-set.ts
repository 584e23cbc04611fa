import type { AsCredential } from '../credential/as-credential.js';
import type { IntermediateAsCredential } from '../credential/intermediate-as-credential.js';
import type { BundlePayload } from './payload.js';

/** The fields of AsCredentialsResponse, in the bundle's own order. */
export interface PublishedSet {
  readonly asCredentials: readonly AsCredential[];
  readonly asIntermediateCredentials: readonly IntermediateAsCredential[];
  readonly revokedCerts: readonly Uint8Array[];
}

/** What the *get AS credentials* endpoint serves for an accepted bundle. */
export function publishedSetOf({ payload }: { readonly payload: BundlePayload }): PublishedSet {
  const { asCredentials, asIntermediateCredentials, revokedCerts } = payload;
  return { asCredentials, asIntermediateCredentials, revokedCerts: revokedCerts.map(({ fingerprint }) => fingerprint) };
}
