/** The content of a ceremony's script. read-script.ts reads it from YAML. */

import { ROLES } from '../../authority/events/ceremony.js';

export { ROLES } from '../../authority/events/ceremony.js';
export type Role = (typeof ROLES)[number];

/** What may follow if somebody says No, or a check does. */
export const OUTCOMES_OF_NO = ['retry', 'deviation', 'hold', 'abort'] as const;
export type OutcomeOfNo = (typeof OUTCOMES_OF_NO)[number];

/** The limit for a script, and for the plan made from it. */
export const MOST_STEPS = 200;

interface RoleNeed {
  /** The least number of people. */
  readonly people: number;
  /** Roles that people with this one must not have. */
  readonly not: readonly Role[];
}

export const PARAMETER_TYPES = ['text', 'key', 'duration', 'time', 'number', 'path', 'credential', 'choice'] as const;
type ParameterType = (typeof PARAMETER_TYPES)[number];

export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  /** What it is, for people. */
  readonly says: string;
  /** Undefined if it must be given; empty if it may be left out. */
  readonly default?: string;
  /** The values of a `choice`. */
  readonly among?: readonly string[];
}

/** The state of the authority that a script needs. */
export interface Needs {
  readonly roots?: 'none' | 'some';
  readonly intermediates?: 'none' | 'some';
  readonly bundles?: 'none' | 'some';
}

export const CHECKS = ['preflight', 'authority', 'key-files', 'newest-bundle'] as const;
export type CheckName = (typeof CHECKS)[number];

export const MEDIA_ACTIONS = ['insert', 'identify', 'hash', 'copy', 're-read', 'eject'] as const;
type MediaAction = (typeof MEDIA_ACTIONS)[number];

export const ANSWERS = ['text', 'time', 'number', 'yes'] as const;
type AnswerKind = (typeof ANSWERS)[number];

/** What each kind of step adds. Texts hold `${parameter}` until a plan fills them in. */
type StepBody =
  | { readonly kind: 'say'; readonly text: string }
  /** Whoever does the step attests to the text. */
  | { readonly kind: 'confirm'; readonly text: string }
  | { readonly kind: 'ask'; readonly text: string; readonly answer: AnswerKind; readonly equals?: string }
  | { readonly kind: 'check'; readonly checks: readonly CheckName[] }
  | { readonly kind: 'run'; readonly operation: string; readonly with: Readonly<Record<string, string>> }
  /** `of`: the step whose fingerprint is compared, or `plan`. */
  | { readonly kind: 'compare'; readonly of: string; readonly with: string }
  /** `holds`: the key whose file is in the copy that is hashed; without it, the newest copy is meant. */
  | {
      readonly kind: 'media';
      readonly action: MediaAction;
      readonly medium: string;
      readonly path: string;
      readonly holds: string;
    }
  | { readonly kind: 'seal'; readonly action: 'open' | 'close'; readonly what: string }
  | { readonly kind: 'break'; readonly text: string }
  | { readonly kind: 'collect'; readonly who: readonly Role[] };
export type StepKind = StepBody['kind'];

export const STEP_KINDS: readonly StepKind[] = [
  'say',
  'confirm',
  'ask',
  'check',
  'run',
  'compare',
  'media',
  'seal',
  'break',
  'collect',
];

export type Step = StepBody & {
  readonly id: string;
  readonly by: Role;
  /** A parameter without which the step is left out, on record. */
  readonly given?: string;
  /** One or more; if there are several, a person chooses. */
  readonly no: readonly OutcomeOfNo[];
};

export interface Script {
  readonly name: string;
  readonly title: string;
  readonly purpose: string;
  readonly roles: ReadonlyMap<Role, RoleNeed>;
  readonly parameters: readonly Parameter[];
  readonly needs: Needs;
  readonly steps: readonly Step[];
  /** The file's bytes. */
  readonly bytes: Uint8Array;
}

/** A fault, and its place: keys and indexes from the top. */
export interface ScriptFault {
  readonly path: readonly string[];
  readonly what: string;
}
