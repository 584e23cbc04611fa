/** A break: everybody is logged out, the screen is empty, and nobody goes on before the roll was called. */
import { sameName } from '../people.js';
import { byWhom, DONE, isNo, NOBODY, type Ceremony, type Outcome, type Task } from './step.js';

export async function pause(ceremony: Ceremony, task: Task): Promise<Outcome> {
  const { table, record, keyring, people } = ceremony;
  const { n } = task.planned;
  await keyring.close();
  record.add('break', { step: n, what: 'begins: every key is closed, and every token logged out' });
  if (!table.present) return NOBODY;
  table.clear();
  table.say('BREAK. Every key is closed. Nobody touches this machine until all are back.');
  for (;;) {
    const answer = await table.ask(
      people.length === 0
        ? 'Roll-call: type the names of all who are here, with commas between'
        : `Roll-call: type the ${String(people.length)} names of all who are here, with commas between`,
    );
    record.add('break', { step: n, what: 'roll-call', answer, by: byWhom(ceremony, task) });
    if (isNo(answer)) return { kind: 'no', why: 'not everybody is back' };
    const here = answer.split(',').filter((name) => name.trim() !== '');
    const missing = people.filter(({ name }) => !here.some((one) => sameName(one, name)));
    if (here.length > 0 && missing.length === 0) return DONE;
    table.say(
      here.length === 0
        ? 'Nobody was named.'
        : `Not here: ${missing.map(({ name }) => name).join(', ')}. Wait, or answer no.`,
    );
  }
}
