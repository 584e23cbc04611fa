/** Failures in the module's process, in the form in which they are sent to the program. */
import { messageOf } from '../../common/errors.js';
import type { WireFailure } from './protocol.js';

export class Failure extends Error {
  constructor(readonly failure: WireFailure) {
    super(failure.kind);
  }
}

/** Returns the failure for anything that was thrown, with the module's own code if it has one. */
export function failureOf(error: unknown): WireFailure {
  if (error instanceof Failure) return error.failure;
  const message = messageOf(error);
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (typeof code === 'number' && code !== 0) return { kind: 'rv', rv: code, name: message };
  // Errors of some calls carry the code in their message only.
  const match = /(CKR_\w+):(\d+)/.exec(message);
  if (match !== null) return { kind: 'rv', rv: Number(match[2]), name: match[1] ?? '' };
  return { kind: 'other', what: message };
}
