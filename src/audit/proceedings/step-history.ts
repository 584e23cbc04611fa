/** Groups events by the step that they belong to, and by each time that it was begun. */
import { eventsOf, type KnownEntry } from '../../authority/formats/transcript.js';
import type { Plan, PlannedStep } from '../../ceremony/plan/ceremony-plan.js';

interface Attempt {
  /** All of its events, including `step` and `done`. */
  readonly events: readonly KnownEntry[];
}

export interface StepHistory {
  readonly n: number;
  /** `say`, `confirm`, `run`, …; empty if unknown. */
  readonly kind: string;
  readonly id: string;
  readonly who: string;
  /** The step's text, from the transcript or else from the plan. */
  readonly title: string;
  readonly planned: PlannedStep | undefined;
  readonly attempts: readonly Attempt[];
  /** From the last `done`; `not-begun` or `not-ended` if there is none. */
  readonly outcome: string;
  /** The line of that `done`, from 1. */
  readonly endLine: number | undefined;
}

/**
 * Returns every step of the available plan or the transcript, by number, and the events outside steps, without start
 * and end.
 */
export function stepsOf(
  entries: readonly KnownEntry[],
  plan: Plan | undefined,
): { readonly steps: readonly StepHistory[]; readonly apart: readonly KnownEntry[] } {
  const attempts = new Map<number, KnownEntry[][]>();
  const apart: KnownEntry[] = [];
  let open: KnownEntry[] | undefined;
  for (const entry of entries) {
    const { event, fields } = entry;
    if (event === 'start' || event === 'end') continue;
    const n = 'step' in fields ? fields.step : undefined;
    if (event === 'step') {
      open = [];
      const before = attempts.get(fields.step) ?? [];
      before.push(open);
      attempts.set(fields.step, before);
    }
    // The end of a step that was interrupted has no beginning of its own.
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
  const begin = eventsOf(events, 'step')[0]?.fields;
  const done = eventsOf(events, 'done').at(-1);
  return {
    n,
    kind: begin?.kind ?? planned?.kind ?? '',
    id: begin?.id ?? planned?.id ?? '',
    who: begin?.who ?? planned?.by ?? '',
    title: begin?.title ?? planned?.text ?? '',
    planned,
    attempts,
    outcome: done === undefined ? (attempts.length === 0 ? 'not-begun' : 'not-ended') : done.fields.outcome,
    endLine: done === undefined ? undefined : done.seq + 1,
  };
}
