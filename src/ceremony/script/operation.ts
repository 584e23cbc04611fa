/** What a `run` step can do, in the form that scripts and the runner use. step-operations.ts lists them. */
import { resolve } from 'node:path';
import { checkOutside } from '../../authority/ground/outside.js';
import type { OperationContext } from '../../operations/context/operation-context.js';
import type { OperationSpec, SharedOperation } from '../../operations/registry/operations.js';

export type OptionValues = Readonly<Record<string, string>>;

/** What a step made; files are relative to the authority. */
export interface StepResult {
  readonly fingerprint?: string;
  readonly files: readonly string[];
  /** A file for an absolute path of the machine, to be written when it is really done. */
  readonly outside?: { readonly path: string; readonly bytes: Uint8Array };
}

/**
 * Runs an operation. `earlier` lists files that this ceremony made, the newest last. Empty options count as not given.
 */
export type RunOperation = (
  context: OperationContext,
  options: OptionValues,
  earlier: readonly string[],
) => Promise<StepResult>;

export interface Operation extends OperationSpec {
  readonly name: SharedOperation;
  readonly run: RunOperation;
}

/** Refuses an operation that would write into the authority at `dir`, before it begins. Error: `usage`. */
export function checkWritesOutside(dir: string, { writesTo }: Operation, options: OptionValues): void {
  const path = writesTo === undefined ? undefined : options[writesTo];
  if (path !== undefined && path !== '')
    checkOutside(dir, resolve(path), 'Name a file outside, on the medium that goes to the other site.');
}
