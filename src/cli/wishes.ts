/** Options that several signing commands share. */
import { parseDuration, parseTime } from '../common/time.js';
import { usage } from '../common/errors.js';
import type { KeyWish } from '../operations/ready-key.js';
import type { WantedValidity } from '../operations/validity.js';
import type { Command, Options } from './command.js';

export function addValidityOptions(command: Command): Command {
  return command
    .option('--not-before <time>', 'when the validity begins (15 minutes ago, by the policy)')
    .option('--not-after <time>', 'when it ends')
    .option('--lifetime <duration>', 'how long it lasts, such as 10y or P1Y (the policy says, if not given)');
}

export function wantedValidity(options: Options): WantedValidity {
  const [notBefore, notAfter, lifetime] = [
    options.text('notBefore'),
    options.text('notAfter'),
    options.text('lifetime'),
  ];
  if (notAfter !== undefined && lifetime !== undefined)
    throw usage('--not-after and --lifetime are both given', { hint: 'Give one of them.' });
  return {
    ...(notBefore === undefined ? {} : { notBefore: parseTime(notBefore) }),
    ...(notAfter === undefined ? {} : { notAfter: parseTime(notAfter) }),
    ...(lifetime === undefined ? {} : { lifetime: parseDuration(lifetime) }),
  };
}

/** For commands that make a key. */
export function addKeyOptions(command: Command): Command {
  return command
    .option('--adopt', 'take the key that the token holds already, and say what can not be proved of it')
    .option('--destroy-orphan', 'destroy the key in the token that has the name already, and make a new one')
    .option('--backup <how>', "wrapped: the key can leave its token under a wrapping key, for the vendor's own backup");
}

export function wantedBackup(options: Options): Pick<KeyWish, 'backup'> {
  const backup = options.text('backup');
  if (backup === undefined) return {};
  if (backup === 'wrapped' || backup === 'none') return { backup };
  throw usage(`--backup ${JSON.stringify(backup)} is neither wrapped nor none`, { hint: 'Write --backup wrapped.' });
}

export function wantedKey(options: Options): KeyWish {
  const [adopt, destroy] = [options.flag('adopt'), options.flag('destroyOrphan')];
  if (adopt && destroy) throw usage('--adopt and --destroy-orphan are both given', { hint: 'Give one of them.' });
  return {
    ...(adopt ? { existing: 'adopt' as const } : destroy ? { existing: 'destroy' as const } : {}),
    ...wantedBackup(options),
  };
}
