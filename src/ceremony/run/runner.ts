/**
 * Runs a ceremony step by step. Where it is, what was answered, and what follows on No is on the disk before the next
 * step begins.
 */
import type { EventFields } from '../../authority/events/event.js';
import { CeremonyError } from '../../common/errors.js';
import { type PaperHead, showHead } from '../people/paper-head.js';
import { checkWindow, type Plan, type PlannedStep } from '../plan/ceremony-plan.js';
import { isLeftOut } from '../script/parameters.js';
import type { Step } from '../script/script.js';
import { stepText } from '../script/step-text.js';
import { check } from '../steps/check-step.js';
import { collect } from '../steps/collect-step.js';
import { compare } from '../steps/compare-step.js';
import { media } from '../steps/media-step.js';
import { pause } from '../steps/pause-step.js';
import { callRoll } from '../steps/roll-call-step.js';
import { run } from '../steps/run-step.js';
import { seal } from '../steps/seal-step.js';
import type { Outcome, RunningCeremony, Task } from '../steps/step.js';
import { ask, confirm, say } from '../steps/talk-step.js';
import { afterNo } from './after-no.js';
import { compareWithPaper, heldFor } from './compare-with-paper.js';
import { firstScreen } from './first-screen.js';
import type { Progress } from './progress.js';
import { showMade } from './show-made.js';
import { mayStop } from './stopping.js';

const PERFORM: Readonly<Record<Step['kind'], (ceremony: RunningCeremony, task: Task) => Promise<Outcome> | Outcome>> = {
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

/** From where a ceremony continues. */
export interface Going extends Pick<
  Progress,
  'ended' | 'open' | 'openCommitted' | 'openIntent' | 'startedAt' | 'results'
> {
  /** Whether it was interrupted, rather than only about to begin. */
  readonly begun: boolean;
  /** The head that people wrote down when it stopped. */
  readonly paper?: PaperHead | undefined;
}

/**
 * Runs all steps that have not ended, and ends the transcript. Errors: `held`, `aborted`, kind `interrupted` (all of
 * them recorded, with every key closed), and errors of writing. Returns the head.
 */
export async function runSteps(ceremony: RunningCeremony, going: Going): Promise<string> {
  const { plan, transcript, keyring, script } = ceremony;
  try {
    if (plan.steps.some(({ n }) => !going.ended.has(n))) await assemble(ceremony, going);
    const leftOut: number[] = [];
    for (const planned of plan.steps) {
      const step = script.steps[planned.n - 1];
      if (step === undefined || going.ended.has(planned.n)) continue;
      if (isLeftOut(step, new Map(Object.entries(plan.parameters)))) {
        transcript.add('step', stepFields(plan, planned));
        transcript.add('done', {
          step: planned.n,
          outcome: 'left-out',
          why: `${step.given ?? ''} was left out of the plan`,
        });
        leftOut.push(planned.n);
        continue;
      }
      sayLeftOut(ceremony, leftOut.splice(0));
      const again = going.open?.n === planned.n;
      if (again && going.openCommitted) {
        await acceptCommitted(ceremony, { step, planned, interrupted: true }, going);
        continue;
      }
      await runStep(ceremony, { step, planned, interrupted: again && going.openIntent }, going.startedAt);
    }
    sayLeftOut(ceremony, leftOut);
    return transcript.end(ceremony.toSign, { outcome: 'completed' }).head;
  } finally {
    await keyring.close();
  }
}

/** Says which numbers between two steps are left out, so that nobody wonders about them. They are consecutive. */
function sayLeftOut({ dialogue }: RunningCeremony, numbers: readonly number[]): void {
  const [first, last] = [numbers[0], numbers.at(-1)];
  if (first === undefined) return;
  const which = first === last ? `Step ${String(first)} is` : `Steps ${String(first)} to ${String(last)} are`;
  dialogue.say(`${which} left out by the plan.`);
}

/**
 * Establishes who is here, and that the transcript is the one that was left, before anybody does anything. Errors:
 * `held`, kind `interrupted`.
 */
async function assemble(ceremony: RunningCeremony, { begun, paper }: Going): Promise<void> {
  const { transcript, dialogue } = ceremony;
  if (!begun && dialogue.present) for (const line of firstScreen(ceremony)) dialogue.say(line);
  for (;;) {
    try {
      const outcome = await callRoll(ceremony, begun ? 'after an interruption' : 'at the beginning');
      if (outcome.kind === 'no') throw heldFor(outcome.why);
      if (begun) await compareWithPaper(ceremony, paper);
      return;
    } catch (error) {
      if (!(error instanceof CeremonyError)) throw error;
      if (error.kind === 'interrupted') {
        await mayStop(ceremony, 'the roll-call', error);
        continue;
      }
      if (error.code !== 'held') throw error;
      transcript.add('held', { why: error.message });
      showHead(ceremony);
      throw error;
    }
  }
}

/** Accepts a step whose changes were on the disk when the ceremony was interrupted, rather than doing it again. */
async function acceptCommitted(ceremony: RunningCeremony, task: Task, { results: found }: Going): Promise<void> {
  const { transcript, results, dir, dialogue } = ceremony;
  const { step, planned } = task;
  const result = found.get(step.id) ?? { files: [] };
  const { fingerprint, files } = result;
  results.set(step.id, result);
  await showMade(ceremony, task, result);
  transcript.add('done', {
    step: planned.n,
    outcome: 'done',
    result: { ...(fingerprint === undefined ? {} : { fingerprint }), files: [...files] },
    note: 'its changes were complete before the interruption',
  });
  dialogue.say(`Step ${String(planned.n)} was complete before the interruption (${files.join(', ')} in ${dir}).`);
}

function stepFields({ steps }: Plan, { n, id, kind, text }: PlannedStep): EventFields<'step'> {
  return { step: n, of: steps.length, id, kind, title: text };
}

async function runStep(ceremony: RunningCeremony, task: Task, startedAt: number): Promise<void> {
  const { dialogue, transcript, plan, people, results } = ceremony;
  const { step, planned } = task;
  for (;;) {
    const names = people.filter(({ role }) => role === step.by).map(({ name }) => name);
    const who = names.length === 0 ? step.by : `${step.by}: ${names.join(', ')}`;
    const now = transcript.now();
    dialogue.showStep({
      n: planned.n,
      of: plan.steps.length,
      id: step.id,
      who,
      kind: step.kind,
      text: stepText(step, new Map(Object.entries(plan.parameters))),
      startedAt,
      atSeconds: now,
    });
    transcript.add('step', { ...stepFields(plan, planned), who });
    const outcome = await perform(ceremony, task);
    if (outcome === 'again') continue;
    if (outcome.kind === 'no') {
      if (await afterNo(ceremony, task, outcome.why)) continue;
      return;
    }
    const result = outcome.kind === 'done' ? outcome.result : undefined;
    if (result !== undefined) {
      results.set(step.id, result);
      await showMade(ceremony, task, result);
      dialogue.say(result.files.length === 0 ? 'Done.' : `Done: ${result.files.join(', ')}`);
    }
    const { fingerprint, files = [] } = result ?? {};
    transcript.add('done', {
      step: planned.n,
      outcome: outcome.kind,
      ...(outcome.kind === 'not-done' ? { why: outcome.why } : {}),
      ...(result === undefined
        ? {}
        : { result: { ...(fingerprint === undefined ? {} : { fingerprint }), files: [...files] } }),
    });
    if (outcome.kind === 'not-done') dialogue.say(`NOT DONE: ${outcome.why}.`);
    return;
  }
}

/**
 * Performs the step; whatever it refuses is a No. Ctrl-C asks, and if people continue, the step is done again from its
 * beginning.
 */
async function perform(ceremony: RunningCeremony, task: Task): Promise<Outcome | 'again'> {
  const { dialogue, transcript, plan } = ceremony;
  if (dialogue.stopAsked()) await mayStop(ceremony, task.planned.n);
  try {
    checkWindow(plan, transcript.now());
    return await PERFORM[task.step.kind](ceremony, task);
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    if (error.kind === 'interrupted') {
      await mayStop(ceremony, task.planned.n, error);
      return 'again';
    }
    // Half of it may be on the disk: only the next start can tell, and completes it.
    if (error.code === 'authority-unfinished' || error.code === 'file-changed') throw error;
    transcript.add('refusal', {
      step: task.planned.n,
      code: error.code,
      message: error.message,
      findings: error.findings.map(({ rule, code, message }) => ({ rule, code, message })),
    });
    const hint = error.hint === undefined ? '' : ` - ${error.hint}`;
    dialogue.say({ text: `REFUSED: ${error.message}${hint}`, remedies: error.remedies });
    for (const { rule, message } of error.findings.length > 1 ? error.findings : [])
      dialogue.say(`  - ${rule}: ${message}`);
    return { kind: 'no', why: error.message };
  }
}
