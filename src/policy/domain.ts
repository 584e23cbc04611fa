import { isRehearsalDomain } from '../credential/fqdn.js';
import type { Rule } from './rule.js';

export const domain: Rule = {
  id: 'domain',
  source: 'wire format, phase 9; RFC 6761 §6.4 (.invalid)',
  reason: 'An authority speaks for one domain, and nothing of a rehearsal may pass for real.',
  *objections(proposal, { domain: own, rehearsal }) {
    const named =
      proposal.act === 'self-sign-root'
        ? proposal.candidate.payload.asDomain
        : proposal.act === 'sign-bundle'
          ? proposal.asDomain
          : proposal.signer.payload.asDomain;
    if (named !== own) {
      yield { code: 'domain-mismatch', message: `its domain is ${named}, and the authority's is ${own}` };
    }
    if (isRehearsalDomain(named) && !rehearsal) {
      yield {
        code: 'domain-mismatch',
        message: `${named} is the domain of a rehearsal`,
        hint: 'Begin an authority with the real domain.',
      };
    }
    if (rehearsal && !isRehearsalDomain(named)) {
      yield { code: 'domain-mismatch', message: `${named} is not the domain of a rehearsal, and this is one` };
    }
  },
};
