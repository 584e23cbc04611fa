import { commitmentOf } from '../bundle/commitment.js';
import { equalBytes, toHex } from '../common/bytes.js';
import type { CredentialProposal, PolicyContext, Rule, UsedKey } from './rule.js';

export const freshKey: Rule = {
  id: 'fresh-key',
  source: 'NIST SP 800-57 Part 1 §5.2; bundle format (no key appears twice)',
  reason:
    'One key, one credential: the loss of a key then never reaches further than its one credential. The one exception is a committed key whose AS credential somebody else has revoked with a stolen root.',
  *objections(proposal, context) {
    if (proposal.act === 'sign-bundle') return;
    const { publicKey, ciphersuite } = proposal.candidate.payload;
    if (proposal.act !== 'self-sign-root' && context.committed.has(toHex(commitmentOf(ciphersuite.scheme, publicKey))))
      yield { message: 'its key is one that the newest bundle commits to as that of a root', hint: 'Make a new key.' };
    const ended = context.endedKeys.find(
      (one) => one.scheme === ciphersuite.scheme.name && equalBytes(one.publicKey, publicKey),
    );
    if (ended !== undefined)
      yield { message: `its key is ${ended.holder}, which is on record as destroyed`, hint: 'Make a new key.' };
    for (const used of context.usedKeys) {
      if (used.scheme !== ciphersuite.scheme.name || !equalBytes(used.publicKey, publicKey)) continue;
      const why = whyNotAgain(proposal, used, context);
      if (why !== undefined)
        yield { message: `its key is already that of ${used.holder}${why}`, hint: 'Make a new key.' };
    }
  },
};

/**
 * Returns what is missing for the one exception, or undefined if it applies: an AS credential of the same domain, by
 * the same key, which is committed to, if its first one is revoked by a bundle on record that this authority did not
 * make, and by nothing else.
 */
function whyNotAgain(
  proposal: CredentialProposal,
  { fingerprint, asDomain }: UsedKey,
  { revokedByOthers, revokedByUs, committed }: PolicyContext,
): string | undefined {
  if (proposal.act !== 'self-sign-root' || proposal.again !== true) return '';
  const { payload } = proposal.candidate;
  if (asDomain !== payload.asDomain) return ', which is not an AS root credential of this domain';
  if (revokedByUs.has(fingerprint)) return ', which this authority has revoked itself';
  if (!revokedByOthers.has(fingerprint)) return ', which no bundle on record revokes that somebody else signed';
  if (committed.has(toHex(commitmentOf(payload.ciphersuite.scheme, payload.publicKey)))) return undefined;
  return ', and the newest bundle does not commit to it';
}
