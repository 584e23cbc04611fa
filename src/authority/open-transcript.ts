/** The transcript of a running ceremony: every line is on the disk before the next thing happens. */
import { utf8 } from '../common/bytes.js';
import { couldNot, refused } from '../common/errors.js';
import { formatTime } from '../common/time.js';
import { checkEvent, type EventFields, type EventName, type NewEvent, type StartFields } from './events/event.js';
import type { PendingLines } from './formats/pending.js';
import {
  addEvent,
  encodeTranscript,
  endTranscript,
  MAX_TRANSCRIPT_FILE,
  type ParsedTranscript,
  parseUnderWay,
  startTranscript,
  type Transcript,
  type TranscriptFields,
} from './formats/transcript.js';
import { appendInside, createInside, readInside } from './ground/inside.js';
import { inAuthority } from './ground/layout.js';
import { setAside } from './journal/torn.js';

/** Space that is kept for the last lines, whatever was written before them. */
const RESERVE = 64 * 1024;

/** An open transcript. Lines are added by one process, which holds the authority's lock. `now` returns Unix seconds. */
export class OpenTranscript {
  #transcript: Transcript;
  #length: number;
  /** The time of the last line, in Unix seconds. */
  #lastSeconds: number;

  private constructor(
    readonly dir: string,
    /** Relative to the authority. */
    readonly path: string,
    readonly now: () => number,
    transcript: Transcript,
    lastSeconds: number,
  ) {
    this.#transcript = transcript;
    this.#lastSeconds = lastSeconds;
    this.#length = encodeTranscript(transcript).length;
  }

  /** Creates the file with its first line. Errors: those of `createFile`. */
  static begin(
    dir: string,
    path: string,
    start: { readonly previousHead: string; readonly fields: StartFields; readonly rehearsal: boolean },
    now: () => number,
  ): OpenTranscript {
    const atSeconds = now();
    const transcript = startTranscript({ ...start, atSeconds });
    createInside(dir, path, encodeTranscript(transcript));
    return new OpenTranscript(dir, path, now, transcript, atSeconds);
  }

  /**
   * Reopens a transcript that has no end. A line that a crash tore is kept in a file beside it, whose hash is returned
   * for the next event. The caller holds the lock and has recovered. Errors: `bad-transcript`; `no-ceremony` if it has
   * an end.
   */
  static reopen(
    dir: string,
    path: string,
    now: () => number,
  ): {
    readonly transcript: OpenTranscript;
    readonly parsed: ParsedTranscript;
    readonly tornSha256: string | undefined;
  } {
    const bytes = readInside(dir, path, MAX_TRANSCRIPT_FILE);
    const { parsed, torn } = parseUnderWay(bytes);
    if (parsed.complete) {
      throw refused('no-ceremony', `${path} has its end; there is nothing to resume`, {
        hint: 'Look at it.',
        remedies: [{ command: 'transcript show', args: [inAuthority(dir, path)] }],
      });
    }
    const whole = bytes.length - torn.length;
    const tornSha256 = torn.length > 0 ? setAside(dir, path, whole, torn) : undefined;
    const lines = new TextDecoder().decode(bytes.subarray(0, whole)).split('\n').slice(0, -1);
    const rehearsal = parsed.entries[0]?.fields.mode !== undefined;
    const lastSeconds = parsed.entries.at(-1)?.atSeconds ?? 0;
    const transcript = new OpenTranscript(dir, path, now, { lines, head: parsed.head, rehearsal }, lastSeconds);
    return { transcript, parsed, tornSha256 };
  }

  /** In hex. */
  get head(): string {
    return this.#transcript.head;
  }

  get lines(): number {
    return this.#transcript.lines.length;
  }

  get rehearsal(): boolean {
    return this.#transcript.rehearsal;
  }

  /** Adds one event, which is on the disk when this returns. */
  add<N extends EventName>(event: N, fields: EventFields<N>): void {
    this.append([{ event, fields } as NewEvent]);
  }

  /**
   * Adds several events at once. `write` puts them on the disk together with files, as a transaction does; without it
   * they are written here. Errors: `transcript-full`, and those of writing.
   */
  append(events: readonly NewEvent[], write?: (lines: PendingLines) => void): { readonly head: string } {
    events.forEach(checkEvent);
    let next = this.#transcript;
    for (const { event, fields } of events) next = addEvent(next, event, ...this.#timed(fields));
    return this.#write(next, write, MAX_TRANSCRIPT_FILE - RESERVE);
  }

  /** Adds the last line. `toSign` lists the principals who are to sign the file. */
  end(toSign: readonly string[], fields: Omit<EventFields<'end'>, 'to_sign'>): { readonly head: string } {
    const [timed, atSeconds] = this.#timed(fields);
    return this.#write(endTranscript(this.#transcript, toSign, timed, atSeconds), undefined, MAX_TRANSCRIPT_FILE);
  }

  /**
   * Returns the fields and the time of a line. Times on record never fall: if somebody sets the clock back meanwhile,
   * the line says so and keeps the time of the previous one.
   */
  #timed(fields: TranscriptFields): [fields: TranscriptFields, atSeconds: number] {
    const clock = this.now();
    if (clock >= this.#lastSeconds) {
      this.#lastSeconds = clock;
      return [fields, clock];
    }
    return [{ ...fields, clock_said: formatTime(clock) }, this.#lastSeconds];
  }

  #write(
    next: Transcript,
    write: ((lines: PendingLines) => void) | undefined,
    most: number,
  ): { readonly head: string } {
    const text = next.lines
      .slice(this.#transcript.lines.length)
      .map((line) => `${line}\n`)
      .join('');
    const bytes = utf8(text);
    if (this.#length + bytes.length > most) {
      throw couldNot('transcript-full', `${this.path} would have more than ${String(most)} bytes`, {
        hint: 'Stop this ceremony, and continue in another.',
      });
    }
    const lines = { path: this.path, length: this.#length, text };
    if (write === undefined) appendInside(this.dir, this.path, bytes, this.#length);
    else write(lines);
    this.#transcript = next;
    this.#length += bytes.length;
    return { head: next.head };
  }
}
