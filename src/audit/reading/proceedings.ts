/**
 * What a finished transcript tells, put in order for people who were not there: minutes and evidence are made of it.
 */
import { CeremonyError, refused } from '../../common/errors.js';
import { existsAnywhere, readAnywhere } from '../../authority/ground/anywhere.js';
import type { JsonObject } from '../../codec/strict-json.js';
import type { TranscriptEntry } from '../../authority/formats/transcript.js';
import { decodePlan, MAX_PLAN_FILE, planHash, type Plan } from '../../ceremony/plan/ceremony-plan.js';
import { lookAt } from '../verify/named-files.js';
import type { TranscriptReport } from '../verify/transcript-report.js';
import { verifyTranscript, type TranscriptQuestion } from '../verify/verify-transcript.js';
import { departuresOf, type Departure } from './departures.js';
import { hashField, shown, textField } from './fields.js';
import { madeIn, type Made } from './made.js';
import { peopleOf, type Present } from './people-present.js';
import { stepsOf, type StepHistory } from './step-history.js';

export interface Proceedings {
  readonly report: TranscriptReport;
  readonly entries: readonly TranscriptEntry[];
  readonly start: TranscriptEntry;
  readonly end: TranscriptEntry;
  /** `completed`, `aborted`, …; a single command has none. */
  readonly outcome: string | undefined;
  /** The event of the script that was run; a single command has none. */
  readonly script: TranscriptEntry | undefined;
  /** The event of the plan, and the plan itself where it lies beside the transcript. */
  readonly planned: TranscriptEntry | undefined;
  readonly plan: Plan | undefined;
  readonly people: readonly Present[];
  readonly steps: readonly StepHistory[];
  /** Events outside of any step, without start and end. */
  readonly apart: readonly TranscriptEntry[];
  readonly departures: readonly Departure[];
  readonly made: Made;
  readonly domain: string | undefined;
}

/**
 * Of a transcript that holds: chain, link, files, signatures. Errors: those of `verifyTranscript`; `does-not-hold` with
 * its findings; `bad-plan` where another plan lies beside it than the one that was run.
 */
export function proceedingsOf(question: TranscriptQuestion): Proceedings {
  const report = verifyTranscript(question);
  const { transcript, findings } = report;
  const [worst] = findings;
  if (worst !== undefined) {
    const what = findings.length === 1 ? worst.message : `${String(findings.length)} things are wrong with it`;
    throw new CeremonyError('refused', worst.code, `${transcript.path} does not hold: ${what}`, {
      findings,
      hint: 'Nothing is made of it. Compare the file with other copies, and look at all that is wrong.',
      remedies: [{ command: 'transcript verify', args: [transcript.path] }],
    });
  }
  const { entries } = transcript;
  const [start] = entries;
  const end = entries.at(-1);
  if (start === undefined || end === undefined) throw new TypeError('a transcript has lines');
  const first = (event: string): TranscriptEntry | undefined => entries.find((entry) => entry.event === event);
  const planned = first('plan');
  const plan = planned === undefined ? undefined : planOf(report, planned.fields);
  const people = peopleOf(entries, plan);
  const { steps, apart } = stepsOf(entries, plan);
  const made = madeIn(report, question.engines);
  return {
    report,
    entries,
    start,
    end,
    outcome: textField(end.fields, 'outcome'),
    script: first('script'),
    planned,
    plan,
    people,
    steps,
    apart,
    departures: departuresOf({ entries, steps, plan, people, outcome: shown(end.fields, 'outcome') }),
    made,
    domain: plan?.domain ?? made.domain,
  };
}

/** Beside the transcript, or in the authority, as the transcript names it. */
function planOf({ transcript, files, dir }: TranscriptReport, event: JsonObject): Plan | undefined {
  const sha256 = hashField(event, 'sha256');
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
      hint: 'Put the right one there, or take this one away.',
    });
  }
  return decodePlan(bytes);
}
