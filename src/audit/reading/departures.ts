/**
 * Where the facts are not the plan: deviations that somebody accepted, and everything else that did not go as it was
 * planned.
 */
import type { TranscriptEntry } from '../../authority/formats/transcript.js';
import type { Plan } from '../../ceremony/plan/ceremony-plan.js';
import { groupsField, shown } from './fields.js';
import type { Present } from './people-present.js';
import type { StepHistory } from './step-history.js';

type DepartureKind =
  'deviation' | 'no' | 'refusal' | 'not-done' | 'interruption' | 'substitute' | 'warning' | 'outcome' | 'unplanned';

export interface Departure {
  readonly kind: DepartureKind;
  /** From 1; undefined for what is nowhere in the transcript. */
  readonly line: number | undefined;
  readonly atSeconds: number | undefined;
  readonly step: string;
  /** A sentence. */
  readonly what: string;
  /** Of a deviation. */
  readonly acceptedBy?: string;
}

interface Told {
  readonly entries: readonly TranscriptEntry[];
  readonly steps: readonly StepHistory[];
  readonly plan: Plan | undefined;
  readonly people: readonly Present[];
  readonly outcome: string;
}

/** In the order of the transcript, and then what never happened. */
export function departuresOf({ entries, steps, plan, people, outcome }: Told): readonly Departure[] {
  return [
    ...people.flatMap(substitution),
    ...entries.flatMap(fromEvent),
    ...unplannedFiles(steps),
    ...steps
      .filter((step) => step.outcome === 'not-begun' || step.outcome === 'not-ended')
      .map((step): Departure => {
        const what = step.outcome === 'not-begun' ? 'It was planned, and never begun' : 'It was begun, and never ended';
        return { kind: 'not-done', line: undefined, atSeconds: undefined, step: String(step.n), what };
      }),
    ...ending(entries.at(-1), plan, outcome),
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

function fromEvent({ seq, atSeconds, event, fields }: TranscriptEntry): readonly Departure[] {
  const found = (kind: DepartureKind, what: string, more: object = {}): readonly Departure[] => [
    { kind, line: seq + 1, atSeconds, step: shown(fields, 'step'), what, ...more },
  ];
  const why = shown(fields, 'why');
  switch (event) {
    case 'deviation':
      return found('deviation', `${shown(fields, 'what')}${why === '' ? '' : ` (because: ${why})`}`, {
        acceptedBy: shown(fields, 'accepted_by'),
      });
    case 'no':
      return found('no', `No: ${why}. What followed: ${shown(fields, 'choice')}`);
    case 'refusal':
      return found('refusal', `Refused: ${shown(fields, 'message')} (${shown(fields, 'code')})`);
    case 'interrupted':
      return found('interruption', 'Stopped here, to go on later');
    case 'resumed': {
      const torn = shown(fields, 'torn_line_sha256');
      return found(
        'interruption',
        `Gone on after an interruption${torn === '' ? '' : `; a torn line was set aside, SHA-256 ${torn}`}`,
      );
    }
    case 'head':
      return shown(fields, 'compared') === 'equal'
        ? []
        : found(
            'interruption',
            `The head on paper and this transcript: ${shown(fields, 'compared')}${why === '' ? '' : ` (${why})`}`,
          );
    case 'done':
      return ['done', 'deviation', 'left-out'].includes(shown(fields, 'outcome'))
        ? []
        : found('not-done', `The step ended as ${shown(fields, 'outcome')}${why === '' ? '' : `: ${why}`}`);
    case 'check':
      return ['ok', 'ignored'].includes(shown(fields, 'verdict'))
        ? []
        : found(
            'warning',
            `The check ${shown(fields, 'id')} objects (${shown(fields, 'verdict')}): ${shown(fields, 'saw')}`,
          );
    default:
      return [];
  }
}

/** Files that a step's plan doesn't name. */
function unplannedFiles(steps: readonly StepHistory[]): readonly Departure[] {
  return steps.flatMap(({ n, planned, attempts }) => {
    if (planned?.kind !== 'run') return [];
    const names = new Set(planned.writes ?? []);
    return attempts
      .flatMap(({ events }) => events)
      .filter(({ event }) => event === 'files')
      .flatMap(({ seq, atSeconds, fields }) =>
        groupsField(fields, 'files')
          .map((file) => shown(file, 'path'))
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

/** A scripted ceremony that did not come to its end. */
function ending(end: TranscriptEntry | undefined, plan: Plan | undefined, outcome: string): readonly Departure[] {
  if (end === undefined || outcome === 'completed' || (outcome === '' && plan === undefined)) return [];
  const what = `The ceremony ended as ${outcome === '' ? 'nobody knows what' : outcome}`;
  return [{ kind: 'outcome', line: end.seq + 1, atSeconds: end.atSeconds, step: '', what }];
}
