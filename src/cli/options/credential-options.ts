/** Options that several signing commands share; `operations/text-options` reads them. */
import type { Command } from '../program/command.js';

export function addValidityOptions(command: Command): Command {
  return command
    .option('--not-before <time>', 'when the validity begins (15 minutes ago, by the policy)')
    .option('--not-after <time>', 'when it ends')
    .option('--lifetime <duration>', 'how long it lasts, such as 10y or P1Y (the policy says, if not given)');
}

/** For commands that make a key. */
export function addKeyOptions(command: Command): Command {
  return command
    .option('--adopt', 'take the key that the token holds already, and say what cannot be proved of it')
    .option('--destroy-orphan', 'destroy the key in the token that has the name already, and make a new one')
    .option('--backup <how>', "wrapped: the key can leave its token under a wrapping key, for the vendor's own backup");
}
