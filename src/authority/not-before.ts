import { refused } from '../common/errors.js';
import { formatTime } from '../common/time.js';
import type { Authority } from './authority.js';

/** Checks that a time is not before the newest one on record. Only `clock recover` goes back. Error: `clock`. */
export function checkNotBefore({ newestSeconds }: Pick<Authority, 'newestSeconds'>, atSeconds: number): void {
  if (newestSeconds === undefined || atSeconds >= newestSeconds) return;
  throw refused(
    'clock',
    `the clock says ${formatTime(atSeconds)}, before the newest thing in the authority (${formatTime(newestSeconds)})`,
    {
      hint: 'Set the clock (UTC) from two independent sources. If the record is what is wrong, recover from it.',
      remedies: [{ command: 'clock recover', options: { by: ['NAME', 'NAME'] } }],
    },
  );
}
