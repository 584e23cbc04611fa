/** What a kind of step works with, and its outcome. */
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
  /** The absolute path of the authority. */
  readonly dir: string;
  readonly script: Script;
  readonly plan: Plan;
  readonly planSha256: string;
  readonly dialogue: Dialogue;
  readonly transcript: OpenTranscript;
  readonly keyring: Keyring;
  readonly random: (length: number) => Uint8Array;
  /**
   * Returns the authority as it is on the disk now, and everything needed to change it; nothing of an earlier one may
   * be kept.
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

/** One step in progress: from the script, and from the plan. */
export interface Task {
  readonly step: Step;
  readonly planned: PlannedStep;
  /** Whether an earlier run of this step was interrupted after it had begun to make keys or signatures. */
  readonly interrupted: boolean;
}

/** `no`: somebody said No, or a check did. `not-done`: it needs a person, and nobody is there. */
export type Outcome =
  | { readonly kind: 'done'; readonly result?: StepResult }
  | { readonly kind: 'not-done'; readonly why: string }
  | { readonly kind: 'no'; readonly why: string };

export const DONE: Outcome = { kind: 'done' };
export const NOBODY: Outcome = { kind: 'not-done', why: 'nobody was there to do it' };

/** Returns whether an answer is the word No, and nothing else. */
export function isNo(answer: string): boolean {
  return ['no', 'n'].includes(answer.trim().toLowerCase());
}

/** Returns whether an answer in words begins with No: "No, the seal is torn" is not a seal's number. */
export function beginsWithNo(answer: string): boolean {
  const [word = ''] = answer
    .trim()
    .toLowerCase()
    .split(/[\s,.;:!?]/);
  return word === 'stop' || isNo(word);
}

/**
 * Asks until the answer is Enter or yes, or No. Any other answer means that somebody wants something, and a ceremony
 * does not ignore that. Every answer is recorded by `note`.
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

/** Returns who answered, for transcripts. */
export function byWhom({ dialogue, people }: RunningCeremony, { step }: Task): string {
  if (!dialogue.present) return 'nobody';
  const names = people.filter(({ role }) => role === step.by).map(({ name }) => name);
  return names.length === 0 ? step.by : `${step.by} (${names.join(', ')})`;
}
