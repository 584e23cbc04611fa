import { formatTime } from '../common/time.js';
import { toHex } from '../common/bytes.js';
import { fingerprintOf } from '../credential/fingerprint.js';
import type { Rule } from './rule.js';

export const bundleWithinSigners: Rule = {
  id: 'bundle-within-signers',
  source: 'bundle format, Accepting a bundle, step 4',
  reason: "A root's signature counts only where the bundle's whole time lies within the root's validity.",
  *objections(proposal) {
    if (proposal.act !== 'sign-bundle') return;
    for (const signer of proposal.signers) {
      const { notBefore, notAfter } = signer.payload.expirationData;
      if (proposal.issuedAt < notBefore || proposal.expiresAt > notAfter) {
        yield {
          code: 'untrusted',
          message: `the bundle's time (${formatTime(proposal.issuedAt)} to ${formatTime(proposal.expiresAt)}) is not within that of the root ${toHex(fingerprintOf(signer))}`,
          hint: `The largest that fits is ${formatTime(notBefore)} to ${formatTime(notAfter)}.`,
        };
      }
    }
  },
};
