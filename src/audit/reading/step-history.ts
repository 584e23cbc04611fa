/** Events by the step that they belong to, each time that it was begun. */
import type { TranscriptEntry } from '../../authority/formats/transcript.js';
import type { Plan, PlannedStep } from '../../ceremony/plan/ceremony-plan.js';
import { numberField, shown } from './fields.js';

interface Attempt {
  /** All events of it, `step` and `done` among them. */
  readonly events: readonly TranscriptEntry[];
}

export interface StepHistory {
  readonly n: number;
  /** `say`, `confirm`, `run`, …; empty where nothing says it. */
  readonly kind: string;
  readonly id: string;
  readonly who: string;
  /** What it says, as the transcript has it, else the plan. */
  readonly title: string;
  readonly planned: PlannedStep | undefined;
  readonly attempts: readonly Attempt[];
  /** Of the last `done`; `not-begun` or `not-ended` where there is none. */
  readonly outcome: string;
  /** The line of that `done`, from 1. */
  readonly endLine: number | undefined;
}

/**
 * Every step that the plan at hand or the transcript has, by number; and the events outside of steps, without start and
 * end.
 */
export function stepsOf(
  entries: readonly TranscriptEntry[],
  plan: Plan | undefined,
): { readonly steps: readonly StepHistory[]; readonly apart: readonly TranscriptEntry[] } {
  const attempts = new Map<number, TranscriptEntry[][]>();
  const apart: TranscriptEntry[] = [];
  let open: TranscriptEntry[] | undefined;
  for (const entry of entries) {
    const { event, fields } = entry;
    if (event === 'start' || event === 'end') continue;
    const n = numberField(fields, 'step');
    if (event === 'step' && n !== undefined) {
      open = [];
      const before = attempts.get(n) ?? [];
      before.push(open);
      attempts.set(n, before);
    }
    // What ends a step that was interrupted has no beginning of its own.
    const own = open ?? (n === undefined ? undefined : attempts.get(n)?.at(-1));
    (own ?? apart).push(entry);
    if (event === 'done') open = undefined;
  }
  const numbers = new Set([...(plan?.steps ?? []).map(({ n }) => n), ...attempts.keys()]);
  const steps = [...numbers]
    .sort((a, b) => a - b)
    .map((n) =>
      stepOf(
        n,
        plan?.steps.find((one) => one.n === n),
        (attempts.get(n) ?? []).map((events) => ({ events })),
      ),
    );
  return { steps, apart };
}

function stepOf(n: number, planned: PlannedStep | undefined, attempts: readonly Attempt[]): StepHistory {
  const events = attempts.flatMap((one) => one.events);
  const begin = events.find(({ event }) => event === 'step')?.fields ?? {};
  const done = events.filter(({ event }) => event === 'done').at(-1);
  return {
    n,
    kind: shown(begin, 'kind') || (planned?.kind ?? ''),
    id: shown(begin, 'id') || (planned?.id ?? ''),
    who: shown(begin, 'who') || (planned?.by ?? ''),
    title: shown(begin, 'title') || (planned?.text ?? ''),
    planned,
    attempts,
    outcome: done === undefined ? (attempts.length === 0 ? 'not-begun' : 'not-ended') : shown(done.fields, 'outcome'),
    endLine: done === undefined ? undefined : done.seq + 1,
  };
}
