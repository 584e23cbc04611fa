import { equalBytes } from '../common/bytes.js';
import type { Rule } from './rule.js';

export const freshKey: Rule = {
  id: 'fresh-key',
  source: 'NIST SP 800-57 Part 1 §5.2; bundle format (no key appears twice)',
  reason: 'One key, one credential: the loss of a key then never reaches further than its one credential.',
  *objections(proposal, { usedKeys }) {
    if (proposal.act === 'sign-bundle') return;
    const { publicKey, ciphersuite } = proposal.candidate.payload;
    for (const used of usedKeys) {
      if (used.scheme === ciphersuite.scheme.name && equalBytes(used.publicKey, publicKey)) {
        yield { message: `its key is already that of ${used.holder}`, hint: 'Make a new key.' };
      }
    }
  },
};
