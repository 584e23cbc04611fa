/**
 * Handles Ctrl-C, and the end of a terminal: people are asked, and if they stop, that is on record before anything else
 * happens.
 */
import { CeremonyError } from '../../common/errors.js';
import { RESUME } from '../../common/remedy.js';
import { showHead } from '../people/paper-head.js';
import type { RunningCeremony } from '../steps/step.js';

/** Asks whether to stop at this step, or before the first one. Returns if the people go on. */
export async function mayStop(
  ceremony: RunningCeremony,
  at: number | 'the roll-call',
  cause?: CeremonyError,
): Promise<void> {
  const { dialogue, transcript } = ceremony;
  let answer = 'stop';
  try {
    if (dialogue.present) answer = await dialogue.ask('Stop the ceremony here? Type stop, or press Enter to go on');
  } catch {
    // Pressed again, or the terminal is gone: that is an answer.
  }
  const where = typeof at === 'number' ? { step: at } : { at };
  if (answer.trim().toLowerCase() !== 'stop') {
    transcript.add('stop-asked', { ...where, answer: answer.trim() });
    return;
  }
  transcript.add('interrupted', where);
  showHead(ceremony);
  throw stopped(cause);
}

function stopped(cause?: CeremonyError): CeremonyError {
  return new CeremonyError('interrupted', 'interrupted', 'the ceremony was stopped, and every key is closed', {
    hint: 'Resume it.',
    remedies: RESUME,
    cause,
  });
}
