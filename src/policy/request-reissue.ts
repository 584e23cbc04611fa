import { equalBytes } from '../common/bytes.js';
import { formatTime } from '../common/time.js';
import type { Rule } from './rule.js';

export const requestReissue: Rule = {
  id: 'request-reissue',
  source: 'CA/B Forum Baseline Requirements 6.1.1.3 in spirit; smallstep/certificates field reports',
  reason:
    'A request is answered once; a second credential from it would have another fingerprint, and one of the two would be forgotten.',
  *objections(proposal, { issued, rebuiltSeconds = 0 }) {
    if (proposal.act !== 'issue-intermediate') return;
    if (proposal.candidate.payload.expirationData.notBefore < rebuiltSeconds) {
      const since = formatTime(rebuiltSeconds);
      yield {
        message: `it may have been issued, and revoked, before this authority was rebuilt from a bundle (${since}): its validity begins before that`,
        hint: `Have a new request made, with a new key, that begins at ${since} or later.`,
      };
    }
    for (const earlier of issued) {
      if (equalBytes(earlier.selfSignedBytes, proposal.request.encoded)) {
        yield {
          message: `this request was issued already, as ${earlier.holder}`,
          hint: 'Use that credential, or make a new request with a new key.',
        };
      }
    }
  },
};
