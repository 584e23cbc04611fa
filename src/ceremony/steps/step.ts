/** What a kind of step works with, and what comes of it. */
import type { OpenTranscript } from '../../authority/open-transcript.js';
import type { OperationContext } from '../../operations/context/operation-context.js';
import type { Dialogue } from '../people/dialogue.js';
import type { Person } from '../people/people.js';
import type { Plan, PlannedStep } from '../plan/ceremony-plan.js';
import type { PreflightFinding } from '../preflight/preflight.js';
import type { Script, Step } from '../script/script.js';
import type { StepResult } from '../script/step-operations.js';
import type { Keyring } from './keyring.js';

export interface RunningCeremony {
  /** Absolute path of the authority. */
  readonly dir: string;
  readonly script: Script;
  readonly plan: Plan;
  readonly planSha256: string;
  readonly dialogue: Dialogue;
  readonly record: OpenTranscript;
  readonly keyring: Keyring;
  readonly random: (length: number) => Uint8Array;
  /**
   * The authority as it is on the disk now, and everything to change it with; nothing may be left of an earlier one.
   */
  readonly context: (confirm: OperationContext['confirm']) => Promise<OperationContext>;
  readonly preflight: () => Promise<readonly PreflightFinding[]>;
  /** Filled in as steps end. */
  readonly results: Map<string, StepResult>;
  readonly toSign: string[];
  /** Labels of the sources that were compared, by what was compared. */
  readonly sources: Map<string, readonly string[]>;
  people: readonly Person[];
}

/** One step as it is done: the script's, and what the plan says of it. */
export interface Task {
  readonly step: Step;
  readonly planned: PlannedStep;
  /** An earlier run of this step was interrupted after it had begun to make keys or signatures. */
  readonly interrupted: boolean;
}

/** `no`: somebody said No, or a check did. `not-done`: it needs a person, and none is there. */
export type Outcome =
  | { readonly kind: 'done'; readonly result?: StepResult }
  | { readonly kind: 'not-done'; readonly why: string }
  | { readonly kind: 'no'; readonly why: string };

export const DONE: Outcome = { kind: 'done' };
export const NOBODY: Outcome = { kind: 'not-done', why: 'nobody was there to do it' };

/** Whether an answer is the word No, and nothing else. */
export function isNo(answer: string): boolean {
  return ['no', 'n'].includes(answer.trim().toLowerCase());
}

/** Whether an answer in words begins with No: "No, the seal is torn" is no number of a seal. */
export function beginsWithNo(answer: string): boolean {
  const [word = ''] = answer
    .trim()
    .toLowerCase()
    .split(/[\s,.;:!?]/);
  return word === 'stop' || isNo(word);
}

/**
 * Asks until the answer is Enter or yes, or No: whoever types anything else wants something, and a ceremony does not go
 * on over it. Every answer is recorded by `note`.
 */
export async function goesOn(
  { dialogue }: RunningCeremony,
  question: string,
  note: (answer: string) => void,
): Promise<Outcome> {
  for (;;) {
    const answer = await dialogue.ask(question);
    note(answer);
    if (isNo(answer)) return { kind: 'no', why: 'somebody said No' };
    if (['', 'yes', 'y'].includes(answer.trim().toLowerCase())) return DONE;
    dialogue.say('Type Enter or no.');
  }
}

/** For transcripts: who answered. */
export function byWhom({ dialogue, people }: RunningCeremony, { step }: Task): string {
  if (!dialogue.present) return 'nobody';
  const names = people.filter(({ role }) => role === step.by).map(({ name }) => name);
  return names.length === 0 ? step.by : `${step.by} (${names.join(', ')})`;
}
