import { adviceOf, CeremonyError } from '../common/errors.js';
import { checkSelfSignature } from '../credential/checks.js';
import type { Rule } from './rule.js';

export const proofOfPossession: Rule = {
  id: 'proof-of-possession',
  source: 'protocol: Credential Signing and Self-Signatures',
  reason: 'Nobody gets a credential for a key that they do not hold.',
  *objections(proposal, { engines }) {
    if (proposal.act !== 'issue-intermediate') return;
    try {
      checkSelfSignature(proposal.request, engines);
    } catch (error) {
      if (!(error instanceof CeremonyError)) throw error;
      yield { code: error.code, message: error.message, ...adviceOf(error) };
    }
  },
};
