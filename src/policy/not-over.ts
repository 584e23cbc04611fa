import { formatTime } from '../common/time.js';
import type { Rule } from './rule.js';

export const notOver: Rule = {
  id: 'not-over',
  source: 'wire format, phase 7',
  reason: 'What has ended already is of no use to anybody, and a sign of a wrong clock.',
  *objections(proposal, { atSeconds }) {
    const end =
      proposal.act === 'sign-bundle' ? proposal.expiresAt : proposal.candidate.payload.expirationData.notAfter;
    if (end < atSeconds) {
      yield {
        code: proposal.act === 'sign-bundle' ? 'bundle-expired' : 'expired',
        message: `the validity ended ${formatTime(end)} already`,
      };
    }
  },
};
