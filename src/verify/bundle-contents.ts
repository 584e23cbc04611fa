/** Phases 2 and 3 of accepting a bundle: its domain, and what it lists. */
import type { UnverifiedBundle } from '../bundle/bundle.js';
import { type DecodedListing, decodedOf, isFaulty, type ListedCredential } from '../bundle/listed-credential.js';
import { toHex } from '../common/bytes.js';
import { refused } from '../common/errors.js';
import type { AsCredential } from '../credential/as-credential.js';
import { checkNesting, checkSelfSignature, checkSignature, type Engines } from '../credential/checks.js';
import type { IntermediateAsCredential } from '../credential/intermediate-as-credential.js';
import type { Trust } from './bundle-trust.js';

/** Phase 2. A root that cannot be decoded has no domain to check; phase 3 refuses it. Error: `domain-mismatch`. */
export function checkDomain({ payload }: UnverifiedBundle, trust: Trust, expectedDomain: string | undefined): void {
  const { asDomain } = payload;
  const wanted = (whose: string, domain: string | undefined): void => {
    if (domain === undefined || domain === asDomain) return;
    throw refused('domain-mismatch', `the bundle is for ${asDomain}, and ${whose} is ${domain}`, {
      hint: 'Check that this is the bundle you mean.',
    });
  };
  wanted("the last accepted bundle's domain", trust.last?.payload.asDomain);
  wanted('the expected domain', expectedDomain);
  for (const { credential, fingerprint } of decodedOf(payload.asCredentials)) {
    wanted(`the domain of its AS credential ${toHex(fingerprint)}`, credential.payload.asDomain);
  }
  // A pinned root that the bundle no longer lists may be among the given files.
  for (const fingerprint of trust.last === undefined ? trust.trusted : []) {
    wanted(`the domain of the pinned AS credential ${fingerprint}`, trust.others.get(fingerprint)?.payload.asDomain);
  }
}

/**
 * Phase 3. Checks each AS credential and then each intermediate, in the bundle's order; each goes through the wire
 * format's phases 1 to 5 before the next. Then it checks that nothing listed is revoked. Returns the listed AS
 * credentials by fingerprint (hex). Errors: the wire format's codes of those phases, `revoked`.
 */
export function checkContents({ payload }: UnverifiedBundle, engines: Engines): ReadonlyMap<string, AsCredential> {
  const roots = new Map<string, AsCredential>();
  for (const listed of payload.asCredentials) {
    const { credential, fingerprint } = decoded(listed);
    checkSelfSignature(credential, engines);
    roots.set(toHex(fingerprint), credential);
  }
  for (const listed of payload.asIntermediateCredentials) {
    const { credential, fingerprint } = decoded(listed);
    const signer = signerOf(credential, fingerprint, roots);
    checkSelfSignature(credential, engines);
    checkSignature(credential, signer, engines);
    checkNesting(credential, signer);
  }
  checkNotRevoked(payload);
  return roots;
}

function decoded<T extends AsCredential | IntermediateAsCredential>(listed: ListedCredential<T>): DecodedListing<T> {
  if (isFaulty(listed)) throw listed.fault;
  return listed;
}

function signerOf(
  credential: IntermediateAsCredential,
  fingerprint: Uint8Array,
  roots: ReadonlyMap<string, AsCredential>,
): AsCredential {
  const wanted = toHex(credential.payload.signerFingerprint);
  const signer = roots.get(wanted);
  if (signer !== undefined) return signer;
  throw refused(
    'unknown-signer',
    `the intermediate AS credential ${toHex(fingerprint)} names a signer that the bundle does not list: AS credential ${wanted}`,
    { hint: 'A bundle lists the AS credentials of all its intermediates.' },
  );
}

function checkNotRevoked({
  asCredentials,
  asIntermediateCredentials,
  revokedCerts,
}: UnverifiedBundle['payload']): void {
  const revoked = new Set(revokedCerts.map(({ fingerprint }) => toHex(fingerprint)));
  for (const { fingerprint } of [...decodedOf(asCredentials), ...decodedOf(asIntermediateCredentials)]) {
    if (!revoked.has(toHex(fingerprint))) continue;
    throw refused('revoked', `the bundle lists ${toHex(fingerprint)} and revokes it too`, {
      hint: 'A revoked credential is not listed.',
    });
  }
}
