import type { SchemeName } from '../crypto/ciphersuite.js';
import type { Rule } from './rule.js';

/** The bytes of a digest that match each scheme's strength. */
const LEAST: Readonly<Record<SchemeName, number>> = { ed25519: 32, p256: 32, p384: 48, p521: 64, ed448: 64 };

export const hashStrength: Rule = {
  id: 'hash-strength',
  source: 'NIST SP 800-57 Part 1 §5.6.1; FIPS 186-5 §6.1.1',
  reason: 'The fingerprint names the credential: it must be as hard to forge as the signature.',
  *objections(proposal) {
    if (proposal.act === 'sign-bundle') return;
    const { hash, scheme } = proposal.candidate.payload.ciphersuite;
    if (hash.length < LEAST[scheme.name]) {
      yield {
        message: `${hash.name} is weaker than ${scheme.name}; it needs ${String(LEAST[scheme.name] * 8)} bits or more`,
      };
    }
  },
};
