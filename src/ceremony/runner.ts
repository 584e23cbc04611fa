/** Runs a ceremony step by step: where it is, what was answered, what follows on No; every line is on the disk before the next step begins. */
import { CeremonyError, refused } from '../common/errors.js';
import { checkWindow } from './plan.js';
import { sameName } from './people.js';
import { isLeftOut } from './parameters.js';
import { stepText } from './step-text.js';
import type { Script, Step } from './script.js';
import type { Progress } from './progress.js';
import { ask, confirm, say } from './steps/talk.js';
import { check } from './steps/check.js';
import { collect } from './steps/collect.js';
import { compare } from './steps/compare.js';
import { media } from './steps/media.js';
import { pause } from './steps/pause.js';
import { run } from './steps/run.js';
import { seal } from './steps/seal.js';
import type { Ceremony, Outcome, Task } from './steps/step.js';

const PERFORM: Readonly<Record<Step['kind'], (ceremony: Ceremony, task: Task) => Promise<Outcome> | Outcome>> = {
  say,
  confirm,
  ask,
  check,
  run,
  compare,
  media,
  seal,
  break: pause,
  collect,
};

/** From where a ceremony goes on. */
export type Going = Pick<Progress, 'ended' | 'open' | 'openCommitted' | 'openIntent' | 'startedAt' | 'results'>;

/**
 * Goes through all steps that have not ended, and ends the transcript. Errors: `held`, `aborted`, kind `interrupted` (all of them recorded, with every key
 * closed), and errors of writing. Returns the head.
 */
export async function runSteps(ceremony: Ceremony, script: Script, going: Going): Promise<string> {
  const { plan, record, keyring } = ceremony;
  try {
    for (const planned of plan.steps) {
      const step = script.steps[planned.n - 1];
      if (step === undefined || going.ended.has(planned.n)) continue;
      if (isLeftOut(step, new Map(Object.entries(plan.parameters)))) {
        record.add('step', {
          step: planned.n,
          of: plan.steps.length,
          id: step.id,
          kind: step.kind,
          title: planned.text,
        });
        record.add('done', {
          step: planned.n,
          outcome: 'not-done',
          why: `${step.given ?? ''} was left out of the plan`,
        });
        continue;
      }
      const again = going.open?.n === planned.n;
      if (again && going.openCommitted) {
        acceptCommitted(ceremony, step, going);
        continue;
      }
      await runStep(ceremony, { step, planned, interrupted: again && going.openIntent }, going.startedAt);
    }
    return record.end(ceremony.toSign, { outcome: 'completed' }).head;
  } finally {
    await keyring.close();
  }
}

/** A step whose changes were on the disk when the ceremony was interrupted is not done again. */
function acceptCommitted({ record, results, dir, table }: Ceremony, step: Step, { open, results: found }: Going): void {
  const result = found.get(step.id) ?? { files: [] };
  const { fingerprint, files } = result;
  results.set(step.id, result);
  record.add('done', {
    step: open?.n ?? 0,
    outcome: 'done',
    result: { ...(fingerprint === undefined ? {} : { fingerprint }), files: [...files] },
    note: 'its changes were complete before the interruption',
  });
  table.say(`Step ${String(open?.n ?? 0)} was complete before the interruption (${files.join(', ')} in ${dir}).`);
}

async function runStep(ceremony: Ceremony, task: Task, startedAt: number): Promise<void> {
  const { table, record, plan, people, results } = ceremony;
  const { step, planned } = task;
  for (;;) {
    const names = people.filter(({ role }) => role === step.by).map(({ name }) => name);
    const who = names.length === 0 ? step.by : `${step.by}: ${names.join(', ')}`;
    const now = record.now();
    table.showStep({
      n: planned.n,
      of: plan.steps.length,
      id: step.id,
      who,
      kind: step.kind,
      text: stepText(step, new Map(Object.entries(plan.parameters))),
      startedAt,
      atSeconds: now,
    });
    record.add('step', {
      step: planned.n,
      of: plan.steps.length,
      id: step.id,
      kind: step.kind,
      title: planned.text,
      who,
    });
    const outcome = await perform(ceremony, task);
    if (outcome.kind === 'no') {
      if (await afterNo(ceremony, task, outcome.why)) continue;
      return;
    }
    const result = outcome.kind === 'done' ? outcome.result : undefined;
    if (result !== undefined) results.set(step.id, result);
    const { fingerprint, files = [] } = result ?? {};
    record.add('done', {
      step: planned.n,
      outcome: outcome.kind,
      ...(outcome.kind === 'not-done' ? { why: outcome.why } : {}),
      ...(result === undefined
        ? {}
        : { result: { ...(fingerprint === undefined ? {} : { fingerprint }), files: [...files] } }),
    });
    if (outcome.kind === 'not-done') table.say(`NOT DONE: ${outcome.why}.`);
    return;
  }
}

/** The step itself; what it refuses is a No, and Ctrl-C asks. */
async function perform(ceremony: Ceremony, task: Task): Promise<Outcome> {
  const { table, record, plan } = ceremony;
  try {
    checkWindow(plan, record.now());
    if (table.stopAsked()) await mayStop(ceremony, task);
    return await PERFORM[task.step.kind](ceremony, task);
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    if (error.kind === 'interrupted') {
      await mayStop(ceremony, task, error);
      return { kind: 'no', why: 'it was interrupted' };
    }
    // Half of it may be on the disk: only the next start can tell, and goes on.
    if (error.code === 'authority-unfinished' || error.code === 'file-changed') throw error;
    record.add('refusal', {
      step: task.planned.n,
      code: error.code,
      message: error.message,
      findings: error.findings.map(({ rule, code, message }) => ({ rule, code, message })),
    });
    table.say(`REFUSED: ${error.message}${error.hint === undefined ? '' : ` - ${error.hint}`}`);
    for (const { rule, message } of error.findings.length > 1 ? error.findings : [])
      table.say(`  - ${rule}: ${message}`);
    return { kind: 'no', why: error.message };
  }
}

/** Asks whether to stop here; returns where the people go on. */
async function mayStop({ table, record }: Ceremony, { planned }: Task, cause?: CeremonyError): Promise<void> {
  let answer = 'stop';
  try {
    if (table.present) answer = await table.ask('Stop the ceremony here? Type stop, or Enter to go on');
  } catch {
    // A second time, or the terminal is gone: that is an answer.
  }
  if (answer.trim().toLowerCase() !== 'stop') return;
  record.add('interrupted', { step: planned.n });
  throw new CeremonyError('interrupted', 'interrupted', 'the ceremony was stopped, and every key is closed', {
    hint: 'Go on with: as-ceremony resume',
    cause,
  });
}

/** True where the step is done once more; false where the ceremony goes on without it. Errors: `held`, `aborted`. */
async function afterNo(ceremony: Ceremony, { step, planned }: Task, why: string): Promise<boolean> {
  const { table, record } = ceremony;
  table.say(`NO: ${why}.`);
  const [first = 'abort'] = step.no;
  const unattended = step.no.find((one) => one === 'hold') ?? 'abort';
  const choice = !table.present ? unattended : step.no.length === 1 ? first : await table.choose('What now', step.no);
  record.add('no', { step: planned.n, why, choice });
  if (choice === 'retry') return true;
  if (choice === 'deviation') {
    await deviate(ceremony, planned.n, why);
    return false;
  }
  record.add('done', { step: planned.n, outcome: choice === 'hold' ? 'held' : 'aborted', why });
  if (choice === 'hold') {
    throw refused('held', `the ceremony is held at step ${String(planned.n)} (${step.id}): ${why}`, {
      hint: 'Go on with: as-ceremony resume',
    });
  }
  record.end(ceremony.toSign, { outcome: 'aborted', step: planned.n, why });
  throw refused('aborted', `the ceremony was aborted at step ${String(planned.n)} (${step.id}): ${why}`, {
    hint: 'What was made before stays; status says what it is. A new run begins from the first step.',
  });
}

/** What is done otherwise, and who accepts it: one of the people who are named. */
async function deviate({ table, record, people }: Ceremony, n: number, why: string): Promise<void> {
  const what = (await table.ask('What is done otherwise, in a sentence')).trim();
  for (;;) {
    const name = (await table.ask('Who accepts that (name)')).trim();
    const known = people.length === 0 ? name !== '' : people.some((one) => sameName(one.name, name));
    if (!known) {
      table.say('That is none of the people of this ceremony.');
      continue;
    }
    record.add('deviation', { step: n, what, why, accepted_by: name });
    record.add('done', { step: n, outcome: 'deviation' });
    return;
  }
}
