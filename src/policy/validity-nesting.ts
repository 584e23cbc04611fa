import { adviceOf, CeremonyError } from '../common/errors.js';
import { checkNesting } from '../credential/checks.js';
import type { Rule } from './rule.js';

export const validityNesting: Rule = {
  id: 'validity-nesting',
  source: 'protocol: Credential Expiration; wire format, phase 5',
  reason: 'A credential that outlives its signer breaks every client on the day the signer ends.',
  *objections(proposal) {
    if (proposal.act !== 'issue-intermediate' && proposal.act !== 'self-sign-request') return;
    try {
      checkNesting(proposal.candidate, proposal.signer);
    } catch (error) {
      if (!(error instanceof CeremonyError)) throw error;
      yield { code: error.code, message: error.message, ...adviceOf(error) };
    }
  },
};
