/** Checks who owns an authority, before anything is read or written there. */
import { couldNot } from '../../common/errors.js';
import { onGround } from './inside.js';

/**
 * Refuses a folder that belongs to somebody else: whatever is written there would be written for them, with permissions
 * that they may not have. Errors: `not-your-authority`, `file-not-found`, `file`.
 */
export function checkGround(dir: string): void {
  const fault = onGround(dir, (ground) => ground.ownFault());
  if (fault === undefined) return;
  throw couldNot('not-your-authority', `${dir} is not yours: ${fault}`, {
    hint: 'Work as its owner, or on a copy of your own. If it should be yours, take it over with chown -R, and check its record before anything else.',
    remedies: [{ command: 'ledger verify' }],
  });
}
