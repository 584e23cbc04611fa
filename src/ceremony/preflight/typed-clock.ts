/** The time that a person reads off a watch, and what the machine's clock showed when it was typed. */
import { usage } from '../../common/errors.js';
import { addDuration, formatTime, parseTime } from '../../common/time.js';
import { bad, type Check, fine, type TypedClock, unseen } from './machine-check.js';

export type { TypedClock } from './machine-check.js';

const DATE_AND_MINUTE = /^(\d{4}-\d\d-\d\d)[ Tt](\d\d:\d\d)[Zz]?$/;
const DATE_AND_SECOND = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)([Zz]?)$/;

/**
 * Parses `2026-11-24 05:40`, with or without seconds, in UTC, or any other form of a time except a date alone. Error:
 * `usage`.
 */
export function parseTypedClock(text: string, atSeconds: number): TypedClock {
  const typed = text.trim();
  const minute = DATE_AND_MINUTE.exec(typed);
  if (minute !== null) {
    const from = parseTime(`${minute[1] ?? ''}T${minute[2] ?? ''}:00Z`);
    return { from, until: from + 59, atSeconds };
  }
  if (/^\d{4}-\d\d-\d\d$/.test(typed)) {
    throw usage(`'${typed}' is a date without a time`, {
      hint: 'Write the time too, in UTC, such as 2026-11-24 05:40.',
    });
  }
  try {
    const from = parseTime(typed.replace(DATE_AND_SECOND, '$1T$2Z'));
    return { from, until: from, atSeconds };
  } catch (error) {
    throw usage(`'${typed}' is not a time`, { hint: 'Write it as 2026-11-24 05:40, in UTC.', cause: error });
  }
}

export const typedClock: Check = {
  id: 'clock-typed',
  source: 'the clock, and the time that a person reads off a watch',
  reason: 'A machine without a network cannot notice a clock that is ahead.',
  look({ typedClock: typed, clockTolerance }) {
    if (typed === undefined) {
      return unseen('nobody said what a watch says', 'Read the time off two watches, and give it in UTC.', {
        option: 'clock',
        value: '2026-11-24 05:40',
      });
    }
    const { from, until, atSeconds } = typed;
    const off = atSeconds < from ? from - atSeconds : Math.max(atSeconds - until, 0);
    const saw = `the clock said ${formatTime(atSeconds)} when the person typed ${formatTime(from)}`;
    const allowed = addDuration(0, clockTolerance);
    if (off <= allowed) return fine(saw);
    return bad(
      `${saw}: ${String(off)} s apart, and at most ${String(allowed)} are allowed`,
      'Set the clock (UTC) from two independent sources, in front of the witnesses.',
    );
  },
};
