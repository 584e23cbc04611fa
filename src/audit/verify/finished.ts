/**
 * A transcript as a file that people sign: complete, ended, and either real or a rehearsal from its first line to its
 * last.
 */
import { REHEARSAL, whyStrange } from '../../authority/events/event.js';
import { MAX_TRANSCRIPT_FILE, parseTranscript, type TranscriptEntry } from '../../authority/formats/transcript.js';
import { readAnywhere } from '../../authority/ground/anywhere.js';
import { checkPrincipal } from '../../ceremony/people/principals.js';
import { adviceOf, CeremonyError, refused } from '../../common/errors.js';

export interface FinishedTranscript {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly entries: readonly TranscriptEntry[];
  /** In hex. */
  readonly head: string;
  readonly previousTranscript: string;
  readonly rehearsal: boolean;
  /** The namespace of witnesses' signatures: one of a rehearsal is never valid for the real thing. */
  readonly namespace: string;
  /** Principals named at its end. */
  readonly toSign: readonly string[];
  /** The time of the end event. */
  readonly endSeconds: number;
}

/** Reads one. Errors: `bad-transcript` (also for an incomplete one), `bad-principal`, those of `readAnywhere`. */
export function readFinished(path: string): FinishedTranscript {
  const bytes = readAnywhere(path, MAX_TRANSCRIPT_FILE);
  try {
    return { path, bytes, ...finishedOf(bytes) };
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    const details = { ...adviceOf(error), cause: error };
    throw new CeremonyError(error.kind, error.code, `${path}: ${error.message}`, details);
  }
}

function finishedOf(bytes: Uint8Array): Omit<FinishedTranscript, 'path' | 'bytes'> {
  const { entries, head, previousTranscript } = parseTranscript(bytes);
  const rehearsal = isRehearsal(entries);
  const end = entries.at(-1);
  if (end?.event !== 'end') throw bad(end?.event === 'strange' ? whyStrange(end) : 'it has no end');
  return {
    entries,
    head,
    previousTranscript,
    rehearsal,
    namespace: rehearsal ? 'as-ceremony-rehearsal' : 'as-ceremony',
    toSign: principalsOf(end.fields.to_sign),
    endSeconds: end.atSeconds,
  };
}

/** Returns whether every line says that it is a rehearsal; no line of a real one does. Error: `bad-transcript`. */
export function isRehearsal(entries: readonly TranscriptEntry[]): boolean {
  const rehearsal = entries[0]?.fields.mode === REHEARSAL;
  const odd = entries.findIndex(({ fields }) => (fields.mode === REHEARSAL) !== rehearsal);
  if (odd < 0) return rehearsal;
  const what = rehearsal ? 'is not marked REHEARSAL, and the first is' : 'is marked REHEARSAL, and the first is not';
  throw refused('bad-transcript', `not a transcript: line ${String(odd + 1)} ${what}`, {
    hint: 'No ceremony is a rehearsal in part; find out who made this file.',
  });
}

function principalsOf(names: readonly string[]): readonly string[] {
  names.forEach(checkPrincipal);
  if (new Set(names.map((name) => name.toLowerCase())).size < names.length)
    throw bad('its to_sign names somebody twice');
  return names;
}

function bad(why: string): Error {
  return refused('bad-transcript', `not a transcript: the last line: ${why}`, {
    hint: 'Find out what made this file; nobody should sign it.',
  });
}
