import { ciphersuiteName } from '../crypto/ciphersuite.js';
import type { Rule } from './rule.js';

export const ciphersuiteAllowed: Rule = {
  id: 'ciphersuite-allowed',
  source: 'authority.yaml, allowed_ciphersuites',
  reason: 'The authority decides which ciphersuites its clients must know.',
  *objections(proposal, { allowedCiphersuites }) {
    if (proposal.act === 'sign-bundle') return;
    const name = ciphersuiteName(proposal.candidate.payload.ciphersuite);
    if (!allowedCiphersuites.includes(name)) {
      yield { message: `the ciphersuite ${name} is not one of ${allowedCiphersuites.join(', ')}` };
    }
  },
};
