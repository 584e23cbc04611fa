import { clampedSum, formatDuration, formatTime } from '../common/time.js';
import type { Rule } from './rule.js';

export const requestAge: Rule = {
  id: 'request-age',
  source: 'authority.yaml, backdating and request_age',
  reason: 'A validity that begins long ago is a forgotten request, a wrong clock, or somebody covering something up.',
  *objections(proposal, { atSeconds, backdating, requestAge: age }) {
    if (proposal.act === 'sign-bundle') {
      // When signing in stages, it may take a while to arrive.
      if (proposal.issuedAt < clampedSum(atSeconds, age, -1)) {
        yield {
          message: `the bundle was prepared ${formatTime(proposal.issuedAt)}, more than ${formatDuration(age)} ago`,
          hint: 'Have it prepared again.',
        };
      }
      return;
    }
    const { notBefore } = proposal.candidate.payload.expirationData;
    const issuing = proposal.act === 'issue-intermediate';
    // A request made at the last moment may itself begin a little earlier.
    const earliest = clampedSum(issuing ? clampedSum(atSeconds, age, -1) : atSeconds, backdating, -1);
    if (notBefore < earliest) {
      yield {
        message: `the validity begins ${formatTime(notBefore)}, more than ${formatDuration(issuing ? age : backdating)} ago`,
        hint: issuing ? 'Have a new request made.' : `The earliest start is ${formatTime(earliest)}.`,
      };
    }
  },
};
