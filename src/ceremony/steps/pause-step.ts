/** A break: everybody is logged out, the screen is cleared, and nobody continues before the roll has been called. */
import { showHead } from '../people/paper-head.js';
import { callRoll } from './roll-call-step.js';
import { NOBODY, type Outcome, type RunningCeremony, type Task } from './step.js';

export async function pause(ceremony: RunningCeremony, task: Task): Promise<Outcome> {
  const { dialogue, transcript, keyring } = ceremony;
  await keyring.close();
  transcript.add('break', { step: task.planned.n, what: 'begins: every key is closed, and every token logged out' });
  if (!dialogue.present) return NOBODY;
  dialogue.clear();
  dialogue.say('BREAK. Every key is closed. Nobody touches this machine until all are back.');
  showHead(ceremony);
  const outcome = await callRoll(ceremony, 'after a break');
  transcript.add('break', { step: task.planned.n, what: outcome.kind === 'done' ? 'is over' : 'goes on' });
  return outcome;
}
