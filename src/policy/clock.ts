import { formatTime } from '../common/time.js';
import type { Rule } from './rule.js';

export const clock: Rule = {
  id: 'clock',
  source: 'RFC 5280 §8 (a CA needs a right clock); field reports of offline machines with flat batteries',
  reason: 'An offline clock that has stopped or jumped back dates everything wrongly, for years.',
  *objections(_proposal, { clockSeconds: atSeconds, newestSeconds, buildSeconds }) {
    const hint = 'Set the clock (UTC) by two independent sources, in front of the witnesses.';
    if (newestSeconds !== undefined && atSeconds < newestSeconds) {
      yield {
        message: `the clock says ${formatTime(atSeconds)}, before the newest thing in the authority (${formatTime(newestSeconds)})`,
        hint: `${hint} If the record is what is wrong: clock recover.`,
      };
    }
    if (atSeconds < buildSeconds) {
      yield {
        message: `the clock says ${formatTime(atSeconds)}, before this program was built (${formatTime(buildSeconds)})`,
        hint,
      };
    }
  },
};
