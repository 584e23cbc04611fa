/** One thing that an auditor asks for, and what a transcript shows about it. */
import type { Proceedings } from '../proceedings/proceedings.js';
import type { DocumentId } from './document-evidence.js';

export interface Shown {
  /** A sentence without its full stop. */
  readonly what: string;
  /** Lines of the transcript, from 1. */
  readonly lines: readonly number[];
}

/** What was found. It is evidence only if something is shown, and nothing is lacking. */
export interface Found {
  readonly shows: readonly Shown[];
  /** What is missing, or speaks against it; one sentence each, without its full stop. */
  readonly lacks: readonly string[];
}

export interface Row {
  /** A stable ID, which JSON and papers use. */
  readonly id: string;
  /** What is required. */
  readonly title: string;
  readonly clauses: Readonly<Partial<Record<DocumentId, readonly string[]>>>;
  readonly look: (proceedings: Proceedings) => Found;
}

export interface JudgedRow extends Omit<Row, 'look'>, Found {
  readonly evidenced: boolean;
}

export const showing = (what: string, ...lines: readonly number[]): Shown => ({ what, lines });

/** Returns what is shown, or the one thing that is lacking. */
export function oneOf(shown: Shown | undefined, lack: string): Found {
  return shown === undefined ? { shows: [], lacks: [lack] } : { shows: [shown], lacks: [] };
}

/** Combines several findings: everything that is shown, and everything that is lacking. */
export function together(...found: readonly Found[]): Found {
  return { shows: found.flatMap(({ shows }) => shows), lacks: found.flatMap(({ lacks }) => lacks) };
}
