/** What a finished transcript tells, in order, for people who were not there: minutes and evidence are made from it. */
import type { EventFields } from '../../authority/events/event.js';
import { type EntryOf, eventsOf, type KnownEntry } from '../../authority/formats/transcript.js';
import { existsAnywhere, readAnywhere } from '../../authority/ground/anywhere.js';
import { personsOf } from '../../ceremony/people/signer-lines.js';
import { decodePlan, MAX_PLAN_FILE, type Plan, planHash } from '../../ceremony/plan/ceremony-plan.js';
import { CeremonyError, refused } from '../../common/errors.js';
import { lookAt } from '../verify/named-files.js';
import type { TranscriptReport } from '../verify/transcript-report.js';
import { type TranscriptQuestion, verifyTranscript } from '../verify/verify-transcript.js';
import { type Departure, departuresOf } from './departures.js';
import { type Made, madeIn } from './made.js';
import { peopleOf, type Present } from './people-present.js';
import { type StepHistory, stepsOf } from './step-history.js';

export interface Proceedings {
  readonly report: TranscriptReport;
  readonly entries: readonly KnownEntry[];
  readonly start: EntryOf<'start'>;
  readonly end: EntryOf<'end'>;
  /** Undefined for a single command. */
  readonly outcome: EventFields<'end'>['outcome'] | undefined;
  /** The event of the script that was run; undefined for a single command. */
  readonly script: EntryOf<'script'> | undefined;
  /** The event of the plan, and the plan itself if it is beside the transcript. */
  readonly planned: EntryOf<'plan'> | undefined;
  readonly plan: Plan | undefined;
  readonly people: readonly Present[];
  readonly steps: readonly StepHistory[];
  /** Events outside any step, without start and end. */
  readonly apart: readonly KnownEntry[];
  readonly departures: readonly Departure[];
  readonly made: Made;
  readonly domain: string | undefined;
}

/**
 * Returns the proceedings of a transcript that is in order: chain, link, files, signatures. Errors: those of
 * `verifyTranscript`; `does-not-hold` with its findings; `bad-plan` if the plan beside it is not the one that was run.
 */
export async function proceedingsOf(question: TranscriptQuestion): Promise<Proceedings> {
  const report = verifyTranscript(question);
  const { transcript, findings } = report;
  const [worst] = findings;
  if (worst !== undefined) {
    const what = findings.length === 1 ? worst.message : `${String(findings.length)} things are wrong with it`;
    throw new CeremonyError('refused', worst.code, `${transcript.path} does not hold: ${what}`, {
      findings,
      hint: 'Nothing is made of it. Compare the file with other copies, and see everything that is wrong.',
      remedies: [{ command: 'transcript verify', args: [transcript.path] }],
    });
  }
  // The others were findings.
  const entries = transcript.entries.filter((entry) => entry.event !== 'strange');
  const [start] = eventsOf(entries, 'start');
  const [end] = eventsOf(entries, 'end');
  if (start === undefined || end === undefined) throw new TypeError('a transcript begins and ends');
  const { outcome } = end.fields;
  const [planned] = eventsOf(entries, 'plan');
  const plan = planned === undefined ? undefined : await planOf(report, planned.fields);
  const people = peopleOf(entries, plan, personsOf(report.allowedSigners?.bytes ?? new Uint8Array()));
  const { steps, apart } = stepsOf(entries, plan);
  const made = madeIn(report, question.engines);
  return {
    report,
    entries,
    start,
    end,
    outcome,
    script: eventsOf(entries, 'script')[0],
    planned,
    plan,
    people,
    steps,
    apart,
    departures: departuresOf({ entries, steps, plan, people, end }),
    made,
    domain: plan?.domain ?? made.domain,
  };
}

/** Finds the plan beside the transcript, or in the authority, as the transcript names it. */
async function planOf(
  { transcript, files, dir }: TranscriptReport,
  { sha256 }: EventFields<'plan'>,
): Promise<Plan | undefined> {
  const beside = `${transcript.path}.plan.json`;
  const named = files.find((file) => file.sha256 === sha256);
  const bytes = existsAnywhere(beside)
    ? readAnywhere(beside, MAX_PLAN_FILE)
    : named === undefined
      ? undefined
      : lookAt(named, dir).bytes;
  if (bytes === undefined) return undefined;
  if (planHash(bytes) !== sha256) {
    throw refused('bad-plan', `${beside} is not the plan that the transcript names`, {
      hint: 'Put the right one there, or remove this one.',
    });
  }
  return decodePlan(bytes);
}
