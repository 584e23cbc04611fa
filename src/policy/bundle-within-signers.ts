import { toHex } from '../common/bytes.js';
import { formatTime } from '../common/time.js';
import type { AsCredential } from '../credential/as-credential.js';
import { fingerprintOf } from '../credential/fingerprint-of.js';
import type { Rule } from './rule.js';

export const bundleWithinSigners: Rule = {
  id: 'bundle-within-signers',
  source: 'bundle format, Accepting a bundle, step 4',
  reason: "A root's signature counts only where the bundle's whole time lies within the root's validity.",
  *objections(proposal) {
    if (proposal.act !== 'sign-bundle') return;
    const covers = (signer: AsCredential): boolean => {
      const { notBefore, notAfter } = signer.payload.expirationData;
      return notBefore <= proposal.issuedAt && proposal.expiresAt <= notAfter;
    };
    // If other signers count, one that ends sooner does no harm: the dry run before signing shows which clients accept
    // the bundle.
    if ([...proposal.signers, ...proposal.departing].some(covers)) return;
    for (const signer of proposal.signers) {
      const { notBefore, notAfter } = signer.payload.expirationData;
      yield {
        code: 'untrusted',
        message: `the bundle's time (${formatTime(proposal.issuedAt)} to ${formatTime(proposal.expiresAt)}) is not within that of the root ${toHex(fingerprintOf(signer))}`,
        hint: `The largest that fits is ${formatTime(notBefore)} to ${formatTime(notAfter)}.`,
      };
    }
  },
};
