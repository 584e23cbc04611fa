/** Ctrl-C, and the end of a terminal: people are asked, and where they stop it is on record before anything else happens. */
import { CeremonyError } from '../common/errors.js';
import { showHead } from './paper-head.js';
import type { Ceremony, Task } from './steps/step.js';

/** Asks whether to stop here; returns where the people go on. */
export async function mayStop(ceremony: Ceremony, { planned }: Task, cause?: CeremonyError): Promise<void> {
  const { table, record } = ceremony;
  let answer = 'stop';
  try {
    if (table.present) answer = await table.ask('Stop the ceremony here? Type stop, or Enter to go on');
  } catch {
    // A second time, or the terminal is gone: that is an answer.
  }
  if (answer.trim().toLowerCase() !== 'stop') return;
  record.add('interrupted', { step: planned.n });
  showHead(ceremony);
  throw stopped(cause);
}

export function stopped(cause?: CeremonyError): CeremonyError {
  return new CeremonyError('interrupted', 'interrupted', 'the ceremony was stopped, and every key is closed', {
    hint: 'Go on with: as-ceremony resume',
    cause,
  });
}
