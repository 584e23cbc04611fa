import { clampedSum, formatTime } from '../common/time.js';
import type { Rule } from './rule.js';

export const successorOverlap: Rule = {
  id: 'successor-overlap',
  source: "protocol: Rotation of credentials; this program's issuing deadline",
  reason:
    'Between the last day on which a predecessor can issue and the first day of its successor nobody would get a credential.',
  *objections(proposal, { atSeconds, backdating }) {
    if (proposal.act === 'sign-bundle' || proposal.predecessor === undefined) return;
    const { name, notAfter, issuingDeadline } = proposal.predecessor;
    const validity = proposal.candidate.payload.expirationData;
    // If the predecessor's deadline has passed, there is a gap already, and the successor begins at once.
    const latest = Math.max(issuingDeadline, atSeconds);
    if (validity.notBefore > latest) {
      const earliest = clampedSum(atSeconds, backdating, -1);
      yield {
        message: `it begins ${formatTime(validity.notBefore)}, and ${name} can issue until ${formatTime(issuingDeadline)}: there would be a gap`,
        hint: `Let it begin between ${formatTime(earliest)} and ${formatTime(latest)}.`,
        remedies: [{ option: 'not-before' }],
      };
    }
    if (validity.notAfter <= notAfter) {
      const most = 'signer' in proposal ? proposal.signer.payload.expirationData.notAfter : undefined;
      const until = most === undefined ? '' : `, at most ${formatTime(most)}, the end of its root`;
      yield {
        message: `it ends ${formatTime(validity.notAfter)}, and ${name} lasts until ${formatTime(notAfter)}: that is not a successor`,
        hint: `Let it end after ${formatTime(notAfter)}${until}.`,
        remedies: [{ option: 'not-after' }, { option: 'lifetime' }],
      };
    }
  },
};
