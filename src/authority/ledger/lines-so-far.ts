/** The lines of all transcripts in order: where each is, and which files were put on record after it. */
import { nameOf, type ParsedTranscript } from '../formats/transcript.js';
import { filesIn } from './recorded-change.js';

/** A file that was put on record, and the transcript that did so; both relative to the authority. */
export interface PutOnRecord {
  readonly path: string;
  readonly transcript: string;
}

export class LinesSoFar {
  /** By a line's hash (hex): the place of its transcript, and its own place among all lines. */
  readonly #lines = new Map<string, { readonly place: number; readonly line: number }>();
  readonly #files: (PutOnRecord & { readonly line: number })[] = [];

  /** Adds the next transcript, with its place among the transcripts. */
  add(transcript: string, { entries, head }: ParsedTranscript, place: number): void {
    entries.forEach((entry, i) => {
      const line = this.#lines.size;
      if (nameOf(entry) === 'files')
        for (const { path } of filesIn(entry.fields)) this.#files.push({ path, transcript, line });
      this.#lines.set(entries[i + 1]?.prev ?? head, { place, line });
    });
  }

  positionOf(hash: string): number | undefined {
    return this.#lines.get(hash)?.place;
  }

  /** Returns what was put on record after the line with a hash; empty if no line has it. */
  recordedAfter(hash: string): readonly PutOnRecord[] {
    const at = this.#lines.get(hash)?.line ?? Infinity;
    return this.#files.filter(({ line }) => line > at);
  }
}
