/** Whether what two sites hold together has one credential for each key. */
import type { Authority } from '../../authority/authority.js';
import { toHex } from '../../common/bytes.js';
import type { UsedKey } from '../../policy/rule.js';
import { revokedFingerprints, usedKeysOf } from '../context/operation-context.js';
import { forgeriesOf, historyOf } from '../lifecycle/bundle-history.js';
import { sitesDiffer } from './sites-differ.js';

/**
 * Refuses a credential that may still sign with a key that another one has or had: held, expired, listed by a forged
 * bundle, or revoked because its key is compromised. The other one may be revoked for any other reason, since two sites
 * can have answered one request; and an AS credential may have been signed again with its own key. `here` is what this
 * site held before. Error: `sites-differ`.
 */
export function checkKeysOnce(together: Authority, here: Authority, atSeconds: number): void {
  const revoked = revokedFingerprints(together);
  const gone = revokedWithSoundKey(together);
  const used = new Map<string, UsedKey[]>();
  for (const one of usedKeysOf(together)) used.set(nameOf(one), [...(used.get(nameOf(one)) ?? []), one]);
  for (const { credential, file, fingerprint } of [...together.roots, ...together.intermediates]) {
    const { ciphersuite, publicKey, expirationData } = credential.payload;
    if (revoked.has(fingerprint) || expirationData.notAfter < atSeconds) continue;
    const others = used.get(nameOf({ scheme: ciphersuite.scheme.name, publicKey })) ?? [];
    const isRoot = credential.kind === 'as_credential';
    const other = others.find(
      (one) => one.fingerprint !== fingerprint && !gone.has(one.fingerprint) && !(isRoot && one.asDomain !== undefined),
    );
    if (other === undefined) continue;
    const isHere = here.intermediates.some((one) => one.fingerprint === fingerprint);
    const reason = revoked.has(other.fingerprint) ? 'key-compromise' : 'superseded';
    throw sitesDiffer(`${file} has the key of ${other.holder}, and one key has one credential`, undefined, {
      hint: `Nothing was taken over. Revoke ${fingerprint} ${isHere ? 'here' : 'at the other site'}, then bring the sites up to date.`,
      remedies: isHere ? [{ command: 'revoke', args: [fingerprint], options: { reason } }] : [],
    });
  }
}

function nameOf({ scheme, publicKey }: Pick<UsedKey, 'scheme' | 'publicKey'>): string {
  return `${scheme} ${toHex(publicKey)}`;
}

/** Fingerprints (hex) that are revoked, and by nobody for a compromised key. */
function revokedWithSoundKey(authority: Authority): ReadonlySet<string> {
  const bundles = [...historyOf(authority), ...forgeriesOf(authority)];
  const all = [...authority.revocations, ...bundles.flatMap(({ payload }) => payload.revokedCerts)];
  const sound = new Set(all.map(({ fingerprint }) => toHex(fingerprint)));
  for (const { fingerprint, reason } of all) if (reason === 'key-compromise') sound.delete(toHex(fingerprint));
  return sound;
}
