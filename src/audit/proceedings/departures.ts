/** Departures from the plan: deviations that somebody accepted, and everything else that did not go as planned. */
import { sentence } from '../../authority/events/sentence.js';
import { type EntryOf, eventsOf, type KnownEntry } from '../../authority/formats/transcript.js';
import type { Plan } from '../../ceremony/plan/ceremony-plan.js';
import { type Present, signingAsOne } from './people-present.js';
import type { StepHistory } from './step-history.js';

type DepartureKind =
  | 'deviation'
  | 'no'
  | 'refusal'
  | 'not-done'
  | 'interruption'
  | 'substitute'
  | 'one-person'
  | 'warning'
  | 'outcome'
  | 'unplanned';

export interface Departure {
  readonly kind: DepartureKind;
  /** From 1; undefined for something that is nowhere in the transcript. */
  readonly line: number | undefined;
  readonly atSeconds: number | undefined;
  readonly step: string;
  /** A sentence. */
  readonly what: string;
  /** For a deviation. */
  readonly acceptedBy?: string;
}

interface Told {
  readonly entries: readonly KnownEntry[];
  readonly steps: readonly StepHistory[];
  readonly plan: Plan | undefined;
  readonly people: readonly Present[];
  readonly end: EntryOf<'end'>;
}

/** Returns departures in the order of the transcript, followed by what never happened. */
export function departuresOf({ entries, steps, plan, people, end }: Told): readonly Departure[] {
  return [
    ...people.flatMap(substitution),
    ...signingAsOne(people).map((what): Departure => {
      return { kind: 'one-person', line: people[0]?.line, atSeconds: undefined, step: '', what };
    }),
    ...entries.flatMap(fromEvent),
    ...unplannedFiles(steps),
    ...steps
      .filter((step) => step.outcome === 'not-begun' || step.outcome === 'not-ended')
      .map((step): Departure => {
        const what = step.outcome === 'not-begun' ? 'It was planned, and never begun' : 'It was begun, and never ended';
        return { kind: 'not-done', line: undefined, atSeconds: undefined, step: String(step.n), what };
      }),
    ...ending(end, plan),
  ];
}

function substitution({ name, role, substituteFor, asPlanned, line }: Present): readonly Departure[] {
  if (substituteFor === undefined && asPlanned) return [];
  const what =
    substituteFor === undefined
      ? `${name} was ${role}, and the plan names somebody else`
      : `${name} was ${role} in place of ${substituteFor}`;
  return [{ kind: 'substitute', line, atSeconds: undefined, step: '', what }];
}

function fromEvent(entry: KnownEntry): readonly Departure[] {
  const { seq, atSeconds, fields } = entry;
  const found = departureIn(entry);
  const step = 'step' in fields ? String(fields.step) : '';
  return found === undefined ? [] : [{ line: seq + 1, atSeconds, step, ...found }];
}

function departureIn(entry: KnownEntry): Pick<Departure, 'kind' | 'what' | 'acceptedBy'> | undefined {
  const { event, fields } = entry;
  if (event === 'deviation')
    return { kind: event, what: `${fields.what} (because: ${fields.why})`, acceptedBy: fields.accepted_by };
  const kind = kindOf(entry);
  return kind === undefined ? undefined : { kind, what: sentence(entry) };
}

function kindOf({ event, fields }: KnownEntry): DepartureKind | undefined {
  if (event === 'no' || event === 'refusal') return event;
  if (event === 'interrupted' || event === 'resumed') return 'interruption';
  if (event === 'head' && fields.compared !== 'equal') return 'interruption';
  if (event === 'done' && !['done', 'deviation', 'left-out'].includes(fields.outcome)) return 'not-done';
  return event === 'check' && !['ok', 'ignored'].includes(fields.verdict) ? 'warning' : undefined;
}

/** Returns files that a step's plan doesn't name. */
function unplannedFiles(steps: readonly StepHistory[]): readonly Departure[] {
  return steps.flatMap(({ n, planned, attempts }) => {
    if (planned?.kind !== 'run') return [];
    const names = new Set(planned.writes ?? []);
    return attempts
      .flatMap(({ events }) => eventsOf(events, 'files'))
      .flatMap(({ seq, atSeconds, fields }) =>
        fields.files
          .map(({ path }) => path)
          .filter((path) => !names.has(path))
          .map((path): Departure => ({
            kind: 'unplanned',
            line: seq + 1,
            atSeconds,
            step: String(n),
            what: `${path} was written, and the plan does not name it`,
          })),
      );
  });
}

/** Returns a departure for a scripted ceremony that was not completed. */
function ending({ seq, atSeconds, fields: { outcome } }: EntryOf<'end'>, plan: Plan | undefined): readonly Departure[] {
  if (outcome === 'completed' || (outcome === undefined && plan === undefined)) return [];
  const what = `The ceremony ended as ${outcome ?? 'nobody knows what'}`;
  return [{ kind: 'outcome', line: seq + 1, atSeconds, step: '', what }];
}
