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

/** Remembers a bundle that has just been accepted, which only its acceptance may say. */
export function markAccepted(bundle: object): void {
  accepted.add(bundle);
}

/**
 * What the *get AS credentials* endpoint serves for an accepted bundle. Error: `usage` for one that wasn't accepted in
 * this process.
 */
export function publishedSetOf(bundle: { readonly payload: BundlePayload }): PublishedSet {
  if (!accepted.has(bundle)) throw wrongInput('the bundle', 'is not what acceptBundle gave');
  return publishedSet(bundle.payload);
}

/** The same of a bundle that the caller knows to be good. */
export function publishedSet(payload: BundlePayload): PublishedSet {
  const { asCredentials, asIntermediateCredentials, revokedCerts } = payload;
  return sealed({
    asCredentials,
    asIntermediateCredentials,
    revokedCerts: revokedCerts.map(({ fingerprint }) => fingerprint),
  });
}
