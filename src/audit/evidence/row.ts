/** One thing that an auditor asks for, and what a transcript shows of it. */
import type { Proceedings } from '../reading/proceedings.js';
import type { DocumentId } from './document-evidence.js';

export interface Shown {
  /** A sentence without its full stop. */
  readonly what: string;
  /** Lines of the transcript, from 1. */
  readonly lines: readonly number[];
}

/** It is evidenced only where something is shown, and nothing lacks. */
export interface Found {
  readonly shows: readonly Shown[];
  /** What is not there, or speaks against it; a sentence each, without its full stop. */
  readonly lacks: readonly string[];
}

export interface Row {
  /** Stable: it stands in JSON and in papers. */
  readonly id: string;
  /** What must be so. */
  readonly title: string;
  readonly clauses: Readonly<Partial<Record<DocumentId, readonly string[]>>>;
  readonly look: (proceedings: Proceedings) => Found;
}

export interface JudgedRow extends Omit<Row, 'look'>, Found {
  readonly evidenced: boolean;
}

export const showing = (what: string, ...lines: readonly number[]): Shown => ({ what, lines });

/** Found, or lacking the one thing. */
export function oneOf(shown: Shown | undefined, lack: string): Found {
  return shown === undefined ? { shows: [], lacks: [lack] } : { shows: [shown], lacks: [] };
}

/** Several looks at once: everything that is shown, and everything that lacks. */
export function together(...found: readonly Found[]): Found {
  return { shows: found.flatMap(({ shows }) => shows), lacks: found.flatMap(({ lacks }) => lacks) };
}
