import type { Code, CouldNotCode, ErrorKind, RefusedCode } from './codes.js';
import type { Remedy } from './remedy.js';

/** What the person can do about it. */
export interface Advice {
  /** In the imperative; whole without the remedies. */
  readonly hint?: string;
  readonly remedies?: readonly Remedy[];
}

/** A finding of one policy rule or one check, as it is listed to the operator. */
export interface Finding extends Advice {
  /** The rule's or check's stable ID, such as `validity-nesting`. */
  readonly rule: string;
  /** A code of the wire format or the bundle format where it has one for this, else `policy`. */
  readonly code: Code;
  readonly message: string;
}

export interface ErrorDetails extends Advice {
  readonly findings?: readonly Finding[];
  readonly cause?: unknown;
}

/** The only error class: a stable `code`, a message that names the field and the value, and what to do about it. */
export class CeremonyError extends Error {
  /** Defined, not assigned: where prototypes are frozen, an inherited name can't be assigned. */
  override readonly name = 'CeremonyError';
  readonly kind: ErrorKind;
  readonly code: Code;
  readonly hint: string | undefined;
  readonly remedies: readonly Remedy[];
  readonly findings: readonly Finding[];

  constructor(kind: ErrorKind, code: Code, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.code = code;
    this.hint = details.hint;
    this.remedies = details.remedies ?? [];
    this.findings = details.findings ?? [];
  }
}

/** A check said no. */
export function refused(code: RefusedCode, message: string, details?: ErrorDetails): CeremonyError {
  return new CeremonyError('refused', code, message, details);
}

/** The command line was wrong. */
export function usage(message: string, details?: ErrorDetails): CeremonyError {
  return new CeremonyError('usage', 'usage', message, details);
}

/** Something outside failed: a file, a device, a PIN, a passphrase. */
export function couldNot(code: CouldNotCode, message: string, details?: ErrorDetails): CeremonyError {
  return new CeremonyError('could-not', code, message, details);
}

/**
 * The same failure told from further out: `message` stands for its own; hint, remedies and findings stay, unless
 * `details` has others.
 */
export function retold(error: CeremonyError, message: string, details: ErrorDetails = {}): CeremonyError {
  const { kind, code, findings } = error;
  const own = details.hint === undefined ? adviceOf(error) : {};
  return new CeremonyError(kind, code, message, { findings, ...own, cause: error, ...details });
}

/** The advice of an error or a finding, for another. */
export function adviceOf({
  hint,
  remedies = [],
}: {
  readonly hint?: string | undefined;
  readonly remedies?: readonly Remedy[];
}): Advice {
  return hint === undefined ? {} : { hint, ...(remedies.length === 0 ? {} : { remedies }) };
}

/** An error of ours as it is; of the system's, trouble with a file. */
export function knownError(error: unknown): CeremonyError {
  return error instanceof CeremonyError ? error : couldNot('file', messageOf(error));
}

/**
 * The `code` of a Node system error (`ENOENT`, …), or undefined. Works across realms, where `instanceof Error` doesn't.
 */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
  return String(error);
}

/** What `action` gives; undefined where it fails with an error of ours. */
export function attemptQuietly<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof CeremonyError) return undefined;
    throw error;
  }
}
