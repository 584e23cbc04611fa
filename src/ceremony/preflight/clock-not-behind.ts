import { adviceOf } from '../../common/errors.js';
import { formatTime } from '../../common/time.js';
import { clock as rule } from '../../policy/clock.js';
import { type Check, fine } from './machine-check.js';

export const clock: Check = {
  id: 'clock',
  source: "the clock, the authority's newest record, the time of the program's build",
  reason: 'An offline clock that has stopped or jumped back dates everything wrongly, for years.',
  look({ atSeconds, buildSeconds, authority }) {
    const times = { clockSeconds: atSeconds, buildSeconds, newestSeconds: authority?.newestSeconds };
    const [first, second] = rule.objections(undefined, times);
    if (first !== undefined) {
      const saw = [first, second].flatMap((one) => one?.message ?? []).join('; ');
      return { state: 'bad', saw, ...adviceOf(first) };
    }
    const after = authority?.newestSeconds === undefined ? 'the build' : 'the newest record and the build';
    return fine(`the clock says ${formatTime(atSeconds)}, after ${after}`);
  },
};
