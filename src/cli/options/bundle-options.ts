/** Options of `bundle export` and `bundle prepare`: what the next bundle is to say. */
import { collect, type Command } from '../program/command.js';

export function addBundleOptions(command: Command): Command {
  return command
    .option('--lifetime <duration>', "how long it lasts, such as 120d (the policy's if not given)")
    .option('--series <n>', 'sign so many ahead, one every bundle_every (the policy says: 90 days)')
    .option('--last <file>', 'the bundle that clients hold now: refused where it is not the newest here')
    .option('--threshold <n>', 'how many roots must sign the next one (as the last bundle says, if not given)')
    .option('--next-root <key|commitment>', 'a key that alone may change the roots (repeats)', collect)
    .option('--list <root>', 'list this root, which was in reserve (repeats)', collect)
    .option('--retire <root>', 'list this root no more (repeats)', collect)
    .option('--lost <root>', 'the key of this root is lost: neither list it nor ask it to sign (repeats)', collect)
    .option('--repin', 'although clients that hold an earlier bundle will refuse it, and must pin again');
}
