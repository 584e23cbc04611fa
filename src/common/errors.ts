import type { Code, CouldNotCode, ErrorKind, RefusedCode } from './codes.js';
import type { Remedy } from './remedy.js';

/** What a person can do about an error or a finding. */
export interface Advice {
  /** A sentence in the imperative that makes sense without the remedies. */
  readonly hint?: string;
  readonly remedies?: readonly Remedy[];
}

/** One thing that a policy rule or a check found wrong, as it is listed for the operator. */
export interface Finding extends Advice {
  /** The stable ID of the rule or check, such as `validity-nesting`. */
  readonly rule: string;
  /** A code of the wire format or the bundle format if one applies, else `policy`. */
  readonly code: Code;
  readonly message: string;
}

export interface ErrorDetails extends Advice {
  readonly findings?: readonly Finding[];
  readonly cause?: unknown;
}

/**
 * The program's only error class: a stable `code`, a message that names the field and the value, and what to do about
 * it.
 */
export class CeremonyError extends Error {
  /** Defined rather than assigned, since an inherited name cannot be assigned once prototypes are frozen. */
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

/** Makes the error for a check that said no. */
export function refused(code: RefusedCode, message: string, details?: ErrorDetails): CeremonyError {
  return new CeremonyError('refused', code, message, details);
}

/** Makes the error for a wrong command line. */
export function usage(message: string, details?: ErrorDetails): CeremonyError {
  return new CeremonyError('usage', 'usage', message, details);
}

/** Makes the error for something outside that failed: a file, a device, a PIN, a passphrase. */
export function couldNot(code: CouldNotCode, message: string, details?: ErrorDetails): CeremonyError {
  return new CeremonyError('could-not', code, message, details);
}

/**
 * Returns the same error with another message, as seen by a caller further out. The hint, remedies and findings are
 * kept unless `details` replaces them.
 */
export function retold(error: CeremonyError, message: string, details: ErrorDetails = {}): CeremonyError {
  const { kind, code, findings } = error;
  const own = details.hint === undefined ? adviceOf(error) : {};
  return new CeremonyError(kind, code, message, { findings, ...own, cause: error, ...details });
}

/** Returns the advice of an error or a finding, for use in another one. */
export function adviceOf({
  hint,
  remedies = [],
}: {
  readonly hint?: string | undefined;
  readonly remedies?: readonly Remedy[];
}): Advice {
  return hint === undefined ? {} : { hint, ...(remedies.length === 0 ? {} : { remedies }) };
}

/** Returns one of our own errors as it is, and a system error as a `file` error. */
export function knownError(error: unknown): CeremonyError {
  return error instanceof CeremonyError ? error : couldNot('file', messageOf(error));
}

/**
 * Returns the `code` of a Node system error (such as `ENOENT`), or undefined. It works across realms, where `instanceof
 * Error` does not.
 */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Returns the message of anything that was thrown. */
export function messageOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
  return String(error);
}

/** Returns what `action` returns, or undefined if it throws one of our own errors. */
export function attemptQuietly<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof CeremonyError) return undefined;
    throw error;
  }
}
