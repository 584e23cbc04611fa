/** Options that several signing commands share. */
import { parseDuration, parseTime } from '../common/time.js';
import { usage } from '../common/errors.js';
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
