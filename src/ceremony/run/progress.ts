/** What was done according to a ceremony's transcript: where to continue, and with what. */
import type { EventFields } from '../../authority/events/event.js';
import type { TranscriptEntry } from '../../authority/formats/transcript.js';
import { type Person, personIn } from '../people/people.js';
import type { Plan, PlannedStep } from '../plan/ceremony-plan.js';
import type { StepResult } from '../script/step-operations.js';

type StepOutcome = Exclude<EventFields<'done'>['outcome'], 'held' | 'aborted'>;

export interface Progress {
  /** The outcome of every step that has ended, by its number. */
  readonly ended: ReadonlyMap<number, StepOutcome>;
  readonly results: ReadonlyMap<string, StepResult>;
  readonly people: readonly Person[];
  /** Principals that `collect` steps named. */
  readonly toSign: readonly string[];
  readonly startedAt: number;
  /** The step that had begun but not ended, if there is one. */
  readonly open: PlannedStep | undefined;
  /** Whether all of that step's changes are on the disk. */
  readonly openCommitted: boolean;
  /** Whether that step had begun to make keys or signatures. */
  readonly openIntent: boolean;
  /** Labels of the sources that have been compared, by what was compared. */
  readonly sources: ReadonlyMap<string, readonly string[]>;
}

export function progressOf(plan: Plan, entries: readonly TranscriptEntry[]): Progress {
  const ended = new Map<number, StepOutcome>();
  const results = new Map<string, StepResult>();
  const sources = new Map<string, readonly string[]>();
  const toSign: string[] = [];
  let people: readonly Person[] = plan.people;
  let open: PlannedStep | undefined;
  let committed: StepResult | undefined;
  let intent = false;
  for (const { event, fields } of entries) {
    if (event === 'people') people = fields.people.map(personIn);
    if (event === 'step') {
      open = stepOf(plan, fields.step);
      committed = undefined;
      intent = false;
    }
    if (event === 'intent') intent = true;
    // What a step without files made is outside the authority, and is made again.
    if (event === 'files' && intent && fields.files.length > 0)
      committed = { files: [...(committed?.files ?? []), ...fields.files.map(({ path }) => path)] };
    if (event === 'compare') sources.set(fields.of, [...(sources.get(fields.of) ?? []), fields.source]);
    if (event === 'collect') toSign.push(...fields.to_sign);
    const step = event === 'done' ? stepOf(plan, fields.step) : undefined;
    if (event !== 'done' || step === undefined) continue;
    const { outcome, result } = fields;
    if (outcome !== 'held' && outcome !== 'aborted') {
      ended.set(step.n, outcome);
      open = undefined;
    }
    if (result !== undefined) results.set(step.id, result);
  }
  const last = open !== undefined && ended.has(open.n) ? undefined : open;
  return {
    ended,
    results,
    people,
    toSign,
    startedAt: entries[0]?.atSeconds ?? 0,
    open: last,
    openCommitted: last !== undefined && committed !== undefined,
    openIntent: last !== undefined && intent,
    sources,
  };
}

function stepOf({ steps }: Plan, n: number): PlannedStep | undefined {
  return steps.find((one) => one.n === n);
}
