/** What a `run` step can do, as scripts and the runner know it; which there are: step-operations.ts. */
import { resolve } from 'node:path';
import { checkOutside } from '../../authority/ground/outside.js';
import type { Desk } from '../../operations/desk/desk.js';

export type OptionValues = Readonly<Record<string, string>>;

/** What a step made; files are relative to the authority. */
export interface StepResult {
  readonly fingerprint?: string;
  readonly files: readonly string[];
  /** What is to be written at an absolute path of the machine, once it is done really. */
  readonly outside?: { readonly path: string; readonly bytes: Uint8Array };
}

export interface Operation {
  readonly name: string;
  /** Whether it signs with a key of the authority. */
  readonly signs: boolean;
  readonly gives: 'fingerprint' | 'files' | 'nothing';
  readonly options: readonly string[];
  /** The option that names a path of the machine to which something is written that the authority does not keep. */
  readonly writesTo?: string;
  /** It looks at a device, and makes nothing: a plan says that it will, and does not do it beforehand. */
  readonly onTheDayOnly?: boolean;
  /** `earlier`: files that this ceremony made, the newest last. Empty options count as not given. */
  readonly run: (desk: Desk, options: OptionValues, earlier: readonly string[]) => Promise<StepResult>;
}

/** Refuses what an operation would write into the authority at `dir`, before it begins. Error: `usage`. */
export function checkWritesOutside(dir: string, { writesTo }: Operation, options: OptionValues): void {
  const path = writesTo === undefined ? undefined : options[writesTo];
  if (path !== undefined && path !== '')
    checkOutside(dir, resolve(path), 'Name a file outside, on the medium that goes to the other site.');
}
