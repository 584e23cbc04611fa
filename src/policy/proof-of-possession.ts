import { CeremonyError } from '../common/errors.js';
import { checkSelfSignature } from '../credential/checks.js';
import { isCanonicalSignature } from '../crypto/signature-encoding.js';
import type { Rule } from './rule.js';

export const proofOfPossession: Rule = {
  id: 'proof-of-possession',
  source: 'protocol: Credential Signing and Self-Signatures',
  reason: 'Nobody gets a credential for a key that they do not hold.',
  *objections(proposal, { engines }) {
    if (proposal.act !== 'issue-intermediate') return;
    const { payload, selfSignature } = proposal.request;
    if (!isCanonicalSignature(payload.ciphersuite.scheme, selfSignature)) {
      yield {
        code: 'non-canonical-signature',
        message: 'the self signature of the request has its S in the upper half',
        hint: 'Have the request made again with low S.',
      };
      return;
    }
    try {
      checkSelfSignature(proposal.request, engines);
    } catch (error) {
      if (!(error instanceof CeremonyError)) throw error;
      yield { code: error.code, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
    }
  },
};
