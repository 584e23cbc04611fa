import { formatTime } from '../common/time.js';
import type { PolicyContext, Rule } from './rule.js';

type Times = Pick<PolicyContext, 'clockSeconds' | 'newestSeconds' | 'buildSeconds'>;

export const clock = {
  id: 'clock',
  source: 'RFC 5280 §8 (a CA needs a right clock); field reports of offline machines with flat batteries',
  reason: 'An offline clock that has stopped or jumped back dates everything wrongly, for years.',
  /** Ignores the proposal, since the checks of the machine apply this rule before there is one. */
  *objections(_proposal: unknown, { clockSeconds, newestSeconds, buildSeconds }: Times) {
    const hint = 'Set the clock (UTC) from two independent sources, in front of the witnesses.';
    if (newestSeconds !== undefined && clockSeconds < newestSeconds) {
      yield {
        message: `the clock says ${formatTime(clockSeconds)}, before the newest thing in the authority (${formatTime(newestSeconds)})`,
        hint: `${hint} If the record is what is wrong, recover from it.`,
        remedies: [{ command: 'clock recover', options: { by: ['NAME', 'NAME'] } }],
      };
    }
    if (clockSeconds < buildSeconds) {
      yield {
        message: `the clock says ${formatTime(clockSeconds)}, before this program was built (${formatTime(buildSeconds)})`,
        hint,
      };
    }
  },
} satisfies Rule;
