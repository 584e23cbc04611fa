/**
 * A plan: a script with its parameters, resolved for one authority and one window of time, down to what will be signed.
 * It is a JSON file that people approve.
 */
import { parseJsonObject } from '../../codec/strict-json.js';
import { toHex, utf8 } from '../../common/bytes.js';
import { refused } from '../../common/errors.js';
import { formatTime, parseTime } from '../../common/time.js';
import { hash } from '../../crypto/hash.js';
import type { Person } from '../people/people.js';
import type { OutcomeOfNo, Role, StepKind } from '../script/script.js';

/**
 * What a person will be shown before something is signed or changed; a value that cannot be known in advance is null.
 */
export interface PlannedPreview {
  readonly title: string;
  readonly rows: readonly (readonly [label: string, value: string | null])[];
  readonly changes: readonly string[];
  readonly warnings: readonly string[];
  readonly words: string | null;
}

/** A structure that will be signed, and the SHA-256 (hex) of its to-be-signed bytes if it is known in advance. */
export interface PlannedSignature {
  readonly what: string;
  readonly signed_sha256: string | null;
}

export interface PlannedStep {
  readonly n: number;
  readonly id: string;
  readonly kind: StepKind;
  readonly by: Role;
  /** What people see and hear, with parameters filled in. */
  readonly text: string;
  readonly no: readonly OutcomeOfNo[];
  /** For a `run` step: its operation, and the options that are given. */
  readonly operation?: string;
  readonly options?: Readonly<Record<string, string>>;
  readonly previews?: readonly PlannedPreview[];
  readonly signs?: readonly PlannedSignature[];
  /** Relative to the authority. */
  readonly writes?: readonly string[];
}

export interface Plan {
  readonly version: 1;
  readonly ceremony: string;
  readonly title: string;
  readonly purpose: string;
  readonly domain: string;
  /** RFC 3339. Validities are counted from the first second of the window. */
  readonly made_at: string;
  readonly window: { readonly from: string; readonly until: string };
  readonly script: { readonly sha256: string; readonly text: string };
  /** SHA-256 (hex) of the files that say what may be done and who approves; empty if there is no such file. */
  readonly settings: { readonly authority_yaml: string; readonly allowed_signers: string };
  readonly parameters: Readonly<Record<string, string>>;
  readonly people: readonly Person[];
  readonly steps: readonly PlannedStep[];
}

export const MAX_PLAN_FILE = 4 * 1024 * 1024;

/** Returns the file's bytes, which are the same for the same plan. */
export function encodePlan(plan: Plan): Uint8Array {
  return utf8(`${JSON.stringify(plan, undefined, 2)}\n`);
}

/** Returns the SHA-256 (hex) of the file. */
export function planHash(bytes: Uint8Array): string {
  return toHex(hash('sha256', bytes));
}

/**
 * Decodes a plan's file, and checks its form. Whether the script leads to this plan in this authority shows only when
 * it is made again. Error: `bad-plan`.
 */
export async function decodePlan(bytes: Uint8Array): Promise<Plan> {
  const object = parseJsonObject(bytes);
  if (typeof object === 'string') throw badPlan(object);
  const { parsePlan } = await import('./plan-schema.js');
  const plan = parsePlan(object);
  if (typeof plan === 'string') throw badPlan(plan);
  return plan;
}

function badPlan(why: string): Error {
  return refused('bad-plan', `not a plan: ${why}`, { hint: 'Have the plan made again, and approved again.' });
}

/** Returns the window in Unix seconds. */
export function windowOf({ window }: Plan): { readonly from: number; readonly until: number } {
  return { from: parseTime(window.from), until: parseTime(window.until) };
}

/** Refuses a time outside the window, both ends inclusive. Error: `outside-window`. */
export function checkWindow(plan: Plan, atSeconds: number): void {
  const { from, until } = windowOf(plan);
  if (from <= atSeconds && atSeconds <= until) return;
  throw refused(
    'outside-window',
    `it is ${formatTime(atSeconds)}, and the plan may run from ${plan.window.from} until ${plan.window.until}`,
    { hint: atSeconds < from ? 'Wait, or check the clock.' : 'Make a new plan, and have it approved.' },
  );
}
