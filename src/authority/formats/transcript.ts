/**
 * Transcripts: hash-chained JSON lines that `sha256sum` and `jq` can check. These are pure functions; the caller reads
 * and writes files.
 */
import { scanJson } from '../../codec/json-scan.js';
import { type JsonObject, parseJsonObject, textField } from '../../codec/strict-json.js';
import { fromUtf8, toHex, utf8 } from '../../common/bytes.js';
import { couldNot, messageOf, refused } from '../../common/errors.js';
import { printableJson } from '../../common/printable.js';
import { formatTime, parseTime } from '../../common/time.js';
import { hash } from '../../crypto/hash.js';
import { decodeEvent, type KnownEvent, REHEARSAL, type StrangeEvent } from '../events/event.js';

/** The `previous_transcript` of an authority's first transcript, and the `prev` of every first line. */
export const NO_HEAD = '0'.repeat(64);
/** Enough for a ceremony of many hours. */
export const MAX_TRANSCRIPT_FILE = 16 * 1024 * 1024;
/** A file of that size cannot have more lines: the four fields that every line has take more bytes than that. */
export const MAX_TRANSCRIPT_LINES = MAX_TRANSCRIPT_FILE / 128;

const RESERVED: readonly string[] = ['seq', 'time', 'prev', 'event'];

/** The fields of one event other than `seq`, `time`, `prev` and `event`, written in this order. */
export type TranscriptFields = JsonObject;

/** A transcript that is being written. It is immutable: adding an event gives a new one. */
export interface Transcript {
  /** Without their newlines. */
  readonly lines: readonly string[];
  /** The SHA-256 of the last line, in hex. */
  readonly head: string;
  /** Whether this is a rehearsal, which every line then says. */
  readonly rehearsal: boolean;
}

interface Place {
  readonly seq: number;
  readonly atSeconds: number;
  readonly prev: string;
}

export type TranscriptEntry = Place & (KnownEvent | StrangeEvent);
export type KnownEntry = Place & KnownEvent;
/** A line with one kind of event. */
export type EntryOf<N extends TranscriptEntry['event']> = Extract<TranscriptEntry, { readonly event: N }>;

/** A transcript whose form and chain are good. Its signatures are not checked here. */
export interface ParsedTranscript {
  readonly entries: readonly TranscriptEntry[];
  readonly head: string;
  /** The head of the authority's previous transcript. */
  readonly previousTranscript: string;
  /** Whether the last event is `end`. */
  readonly complete: boolean;
}

function lineHash(line: string): string {
  return toHex(hash('sha256', utf8(line)));
}

/**
 * Returns a new transcript with its first event, `start`. `previousHead` is hex, or `NO_HEAD` for an authority's first.
 */
export function startTranscript(start: {
  readonly previousHead: string;
  readonly fields: TranscriptFields;
  readonly atSeconds: number;
  readonly rehearsal?: boolean;
}): Transcript {
  const fields = { previous_transcript: start.previousHead, ...start.fields };
  const { rehearsal = false } = start;
  return addEvent({ lines: [], head: NO_HEAD, rehearsal }, 'start', fields, start.atSeconds);
}

/** Returns the transcript with one more event. */
export function addEvent(
  transcript: Transcript,
  event: string,
  fields: TranscriptFields,
  atSeconds: number,
): Transcript {
  const reserved = RESERVED.find((key) => Object.hasOwn(fields, key));
  if (reserved !== undefined) throw couldNot('internal', `a ${event} event may not set the field ${reserved} itself`);
  const seq = transcript.lines.length;
  const { rehearsal } = transcript;
  const mode = rehearsal ? { mode: REHEARSAL } : {};
  const line = printableJson({ seq, time: formatTime(atSeconds), prev: transcript.head, event, ...mode, ...fields });
  return { lines: [...transcript.lines, line], head: lineHash(line), rehearsal };
}

/** Returns the transcript with its last event, `end`. `toSign` lists the principals who are to sign the file. */
export function endTranscript(
  transcript: Transcript,
  toSign: readonly string[],
  fields: TranscriptFields,
  atSeconds: number,
): Transcript {
  return addEvent(transcript, 'end', { to_sign: toSign, ...fields }, atSeconds);
}

/** Returns the only possible name of a transcript, relative to the authority: its number and its command. */
export function transcriptPath(number: number, command: string): string {
  return `transcripts/${String(number).padStart(4, '0')}-${command.replaceAll(' ', '-')}.jsonl`;
}

/** Returns the file's bytes. */
export function encodeTranscript(transcript: Transcript): Uint8Array {
  return utf8(transcript.lines.map((line) => `${line}\n`).join(''));
}

/**
 * Returns the SHA-256 (hex) of a file's last line, as `tail -1 F | tr -d '\n' | sha256sum` prints it. Error:
 * `bad-transcript`.
 */
export function headOf(file: Uint8Array): string {
  return lineHash(linesOf(file).at(-1) ?? '');
}

/**
 * Parses a transcript, and checks its form and chain. `mayBeIncomplete` also accepts one without its `end` event.
 * Error: `bad-transcript`, which names the line.
 */
export function parseTranscript(
  file: Uint8Array,
  options: { readonly mayBeIncomplete?: boolean } = {},
): ParsedTranscript {
  const lines = linesOf(file);
  const entries: TranscriptEntry[] = [];
  let head = NO_HEAD;
  for (const [index, line] of lines.entries()) {
    const entry = parseLine(line, index);
    if (entry.seq !== index)
      throw bad(`line ${String(index + 1)}: seq is ${String(entry.seq)}, expected ${String(index)}`);
    if (entry.prev !== head) throw bad(`line ${String(index + 1)}: prev is not the hash of the line before`);
    if ((nameOf(entry) === 'start') !== (index === 0)) {
      throw bad(`line ${String(index + 1)}: the event start must be the first, and only the first`);
    }
    if (nameOf(entry) === 'end' && index < lines.length - 1) throw bad(`line ${String(index + 2)}: it follows the end`);
    entries.push(entry);
    head = lineHash(line);
  }
  const previousTranscript = textField(entries[0]?.fields ?? {}, 'previous_transcript');
  if (previousTranscript === undefined || !isHash(previousTranscript)) {
    throw bad('line 1: previous_transcript is not 64 hex digits');
  }
  const last = entries.at(-1);
  const complete = last !== undefined && nameOf(last) === 'end';
  if (!complete && options.mayBeIncomplete !== true) throw bad('it is incomplete: the last event is not end');
  return { entries, head, previousTranscript, complete };
}

/**
 * Parses one that may be under way: its whole lines, and what is behind them of a line that a crash tore. Nothing is
 * ever written behind an end. Error: `bad-transcript`, naming the line.
 */
export function parseUnderWay(file: Uint8Array): { readonly parsed: ParsedTranscript; readonly torn: Uint8Array } {
  const whole = file.lastIndexOf(0x0a) + 1;
  const torn = file.subarray(whole);
  const parsed = parseTranscript(whole === 0 ? file : file.subarray(0, whole), { mayBeIncomplete: true });
  if (parsed.complete && torn.length > 0) throw bad(`line ${String(parsed.entries.length + 1)}: it follows the end`);
  return { parsed, torn };
}

/** Returns the command that wrote it, from its first line, or undefined if that is not one of ours. */
export function commandOf({ entries: [first] }: Pick<ParsedTranscript, 'entries'>): string | undefined {
  return first?.event === 'start' ? first.fields.command : undefined;
}

/** Returns the event that a line is, or claims to be. */
export function nameOf(entry: KnownEvent | StrangeEvent): string {
  return entry.event === 'strange' ? entry.name : entry.event;
}

/** Returns the lines with one kind of event. */
export function eventsOf<N extends TranscriptEntry['event']>(
  entries: readonly TranscriptEntry[],
  name: N,
): readonly EntryOf<N>[] {
  return entries.filter((entry): entry is EntryOf<N> => entry.event === name);
}

function linesOf(file: Uint8Array): readonly string[] {
  const text = fromUtf8(file);
  if (text === undefined) throw bad('it is not UTF-8');
  const { excess } = scanJson(text);
  if (excess !== undefined) throw bad(excess);
  const lines = splitLines(text, MAX_TRANSCRIPT_LINES + 1);
  if (lines === undefined) throw bad(`it has more than ${String(MAX_TRANSCRIPT_LINES)} lines`);
  if (!text.endsWith('\n')) throw bad('it does not end with a newline: the last line is torn, or the file is empty');
  return lines.slice(0, -1);
}

/**
 * Splits a text at its line ends. Returns undefined if that gives more than `most` pieces, since millions of empty
 * lines would take a gibibyte.
 */
export function splitLines(text: string, most: number): readonly string[] | undefined {
  const lines = text.split('\n', most + 1);
  return lines.length > most ? undefined : lines;
}

function parseLine(line: string, index: number): TranscriptEntry {
  const badLine = (why: string): Error => bad(`line ${String(index + 1)}: ${why}`);
  if (/[\r\t ]$|^[\r\t ]/.test(line)) throw badLine('it has white space around it');
  const parsed = parseJsonObject(line);
  if (typeof parsed === 'string') throw badLine(parsed);
  const { seq, ...others } = parsed;
  const [time, prev, event] = [textField(others, 'time'), textField(others, 'prev'), textField(others, 'event')];
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq)) throw badLine('seq is not a whole number');
  if (time === undefined) throw badLine('time is missing');
  if (prev === undefined || !isHash(prev)) throw badLine('prev is not 64 hex digits');
  if (event === undefined || event === '') throw badLine('event is missing');
  const fields = Object.fromEntries(Object.entries(others).filter(([key]) => !RESERVED.includes(key)));
  return { seq, atSeconds: parseUtc(time, badLine), prev, ...decodeEvent(event, fields) };
}

/** Parses only the form that this tool writes: RFC 3339 in UTC with Z. */
function parseUtc(time: string, badLine: (why: string) => Error): number {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(time))
    throw badLine(`time ${JSON.stringify(time)} is not RFC 3339 in UTC`);
  try {
    return parseTime(time);
  } catch (error) {
    throw badLine(messageOf(error));
  }
}

function isHash(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

function bad(why: string): Error {
  return refused('bad-transcript', `not a transcript: ${why}`, {
    hint: 'Compare it with another copy; nothing in a transcript is ever changed after it was written.',
  });
}
