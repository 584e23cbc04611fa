/** What a ceremony's transcript says was done: where to go on, and with what. */
import type { TranscriptEntry } from '../../authority/formats/transcript.js';
import type { JsonValue } from '../../codec/strict-json.js';
import type { Person } from '../people/people.js';
import type { Plan, PlannedStep } from '../plan/ceremony-plan.js';
import type { Role } from '../script/script.js';
import type { StepResult } from '../script/step-operations.js';

type StepOutcome = 'done' | 'not-done' | 'left-out' | 'deviation';

export interface Progress {
  /** Outcome of every step that has ended, by its number. */
  readonly ended: ReadonlyMap<number, StepOutcome>;
  readonly results: ReadonlyMap<string, StepResult>;
  readonly people: readonly Person[];
  /** Principals that `collect` steps named. */
  readonly toSign: readonly string[];
  readonly startedAt: number;
  /** The step that had begun and not ended, if there is one. */
  readonly open: PlannedStep | undefined;
  /** Whether that step's changes are on the disk, all of them. */
  readonly openCommitted: boolean;
  /** Whether that step had begun to make keys or signatures. */
  readonly openIntent: boolean;
  /** Labels of sources that were compared already, by what was compared. */
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
    const step = plan.steps.find(({ n }) => n === fields.step);
    if (event === 'people') people = peopleIn(fields.people);
    if (event === 'step') {
      open = step;
      committed = undefined;
      intent = false;
    }
    if (event === 'intent') intent = true;
    // What a step without files made lies outside, and is made again.
    if (event === 'files' && intent && pathsIn(fields.files).length > 0)
      committed = { files: [...(committed?.files ?? []), ...pathsIn(fields.files)] };
    if (event === 'compare' && typeof fields.source === 'string' && typeof fields.of === 'string')
      sources.set(fields.of, [...(sources.get(fields.of) ?? []), fields.source]);
    if (event === 'collect' && Array.isArray(fields.to_sign)) toSign.push(...fields.to_sign.map(String));
    if (event === 'done' && step !== undefined) {
      const { outcome } = fields;
      if (outcome === 'done' || outcome === 'not-done' || outcome === 'left-out' || outcome === 'deviation') {
        ended.set(step.n, outcome);
        open = undefined;
      }
      const result = resultIn(fields.result);
      if (result !== undefined) results.set(step.id, result);
    }
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

function peopleIn(value: JsonValue | undefined): readonly Person[] {
  if (!Array.isArray(value)) return [];
  return (value as readonly Readonly<Record<string, string>>[]).map(({ name, role, principal, substitute_for }) => ({
    name: name ?? '',
    role: role as Role,
    ...(principal === undefined ? {} : { principal }),
    ...(substitute_for === undefined ? {} : { substituteFor: substitute_for }),
  }));
}

function pathsIn(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? (value as readonly { readonly path: string }[]).map(({ path }) => path) : [];
}

function resultIn(value: JsonValue | undefined): StepResult | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { fingerprint, files } = value as { readonly fingerprint?: JsonValue; readonly files?: JsonValue };
  return {
    ...(typeof fingerprint === 'string' ? { fingerprint } : {}),
    files: Array.isArray(files) ? files.map(String) : [],
  };
}
