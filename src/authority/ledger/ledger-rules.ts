/**
 * What a transcript must look like to have been written by this tool: only events of its command, in their places, with
 * the files that they announce.
 */
import { type JsonObject, type JsonValue, parseJsonObject } from '../../codec/strict-json.js';
import { formatTime } from '../../common/time.js';
import { isCeremony, isCeremonyEvent, isOperationName, type OperationName } from '../events/writes.js';
import {
  commandOf,
  eventsOf,
  MAX_TRANSCRIPT_FILE,
  nameOf,
  NO_HEAD,
  type ParsedTranscript,
  type TranscriptEntry,
} from '../formats/transcript.js';
import { readInside } from '../ground/inside.js';
import { ALWAYS, changeFault, lineOf, type RecordedFile, segmentsOf, strangeFault } from './recorded-change.js';

/** A transcript that was read, and its place in the ledger. */
export interface InLedger {
  /** Relative to the authority. */
  readonly file: string;
  /** Its place among the transcripts, from 0. */
  readonly place: number;
  readonly parsed: ParsedTranscript;
  /** The newest time before it (Unix seconds); undefined for the first. */
  readonly beforeSeconds: number | undefined;
}

/** Returns the first thing in a transcript that no command of its name could have written, or undefined. */
export function faultIn(dir: string, transcript: InLedger): string | undefined {
  const { parsed } = transcript;
  const command = commandOf(parsed);
  if ((command === 'init') !== (parsed.previousTranscript === NO_HEAD))
    return command === 'init' ? 'an authority begins once, and this is another init' : 'a record begins with init';
  return (
    timeFault(transcript, command === 'clock recover') ??
    modeFault(parsed.entries) ??
    (isOperationName(command)
      ? commandFault(command, transcript)
      : isCeremony(command)
        ? ceremonyFault(dir, transcript)
        : command === undefined
          ? undefined
          : `no command that writes is called ${JSON.stringify(command)}`) ??
    strangeFault(parsed.entries)
  );
}

function timeFault({ parsed: { entries }, beforeSeconds }: InLedger, recovers: boolean): string | undefined {
  let before = recovers ? undefined : beforeSeconds;
  for (const { seq, atSeconds } of entries) {
    if (before !== undefined && atSeconds < before)
      return `${lineOf(seq)}: its time is before that of what it follows (${formatTime(before)}), and only the recovery from a wrong clock goes back`;
    before = atSeconds;
  }
  return undefined;
}

function modeFault(entries: readonly TranscriptEntry[]): string | undefined {
  const mode = entries[0]?.fields.mode;
  const other = entries.find(({ fields }) => fields.mode !== mode);
  return other === undefined ? undefined : `${lineOf(other.seq)}: it has another mode than the first line`;
}

/** Expects `start`, `settings` if they changed, the command's own events, `files`, `end`. */
function commandFault(command: OperationName, transcript: InLedger): string | undefined {
  const { entries } = transcript.parsed;
  const last = entries.length - 1;
  const misplaced = entries.find((one) => {
    const [name, { seq }] = [nameOf(one), one];
    return (
      (name === 'files' && seq !== last - 1) || (name === 'settings' && seq !== 1) || (name === 'memory' && seq > 2)
    );
  });
  if (misplaced !== undefined)
    return `${lineOf(misplaced.seq)}: ${command} writes the event ${nameOf(misplaced)} elsewhere`;
  if (!entries.some((one) => nameOf(one) === 'files')) return 'it does not say which files it wrote';
  const [segment] = segmentsOf(entries);
  const fault = segment === undefined ? undefined : changeFault(command, segment);
  return fault ?? (command === 'clock recover' ? clockFault(transcript) : undefined);
}

/** Checks a ceremony: its steps write what their operations do, and nothing is changed between two steps. */
function ceremonyFault(dir: string, { file, parsed: { entries } }: InLedger): string | undefined {
  const ownPlan = `${file}.plan.json`;
  let step: number | undefined;
  let operations: ReadonlyMap<number, string> | undefined;
  for (const segment of segmentsOf(entries)) {
    const own: TranscriptEntry[] = [];
    for (const entry of segment.events) {
      if (entry.event === 'step') step = entry.fields.step;
      if (entry.event === 'done') step = undefined;
      if (!isCeremonyEvent(nameOf(entry))) own.push(entry);
    }
    const isPlan = ({ path }: RecordedFile): boolean => path === ownPlan || path.startsWith(`${ownPlan}.`);
    const files = segment.files.filter((one) => !isPlan(one));
    // Settings that changed are recorded by the step that changes something.
    if (own.every((one) => ALWAYS.has(nameOf(one)) && nameOf(one) !== 'settings') && files.length === 0) continue;
    operations ??= operationsOf(dir, ownPlan);
    const operation = step === undefined ? undefined : operations.get(step);
    const [first] = own.filter((one) => !ALWAYS.has(nameOf(one)));
    const where = lineOf((first ?? own[0] ?? segment.events[0])?.seq ?? 0);
    if (operation === undefined || !isOperationName(operation))
      return `${where}: something was changed there, and no step of the plan changes anything then`;
    const fault = changeFault(operation, { events: own, files });
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/**
 * Returns the operations of a plan's steps by number; empty if the plan cannot be read. Its hash is checked elsewhere.
 */
function operationsOf(dir: string, plan: string): ReadonlyMap<number, string> {
  const operations = new Map<number, string>();
  const read = attempt(() => parseJsonObject(readInside(dir, plan, MAX_TRANSCRIPT_FILE)));
  if (read === undefined || typeof read === 'string' || !Array.isArray(read.steps)) return operations;
  for (const one of read.steps as readonly JsonValue[]) {
    if (typeof one !== 'object' || one === null || Array.isArray(one)) continue;
    const { n, operation } = one as JsonObject;
    if (typeof n === 'number' && typeof operation === 'string') operations.set(n, operation);
  }
  return operations;
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

/**
 * Checks a recovery of the clock: it goes back from the newest time on record, on the word of two people, and does
 * nothing else.
 */
function clockFault({ parsed: { entries }, beforeSeconds }: InLedger): string | undefined {
  const clocks = eventsOf(entries, 'clock');
  const [clock] = clocks;
  if (clock === undefined || clocks.length > 1) return 'it does not say once from which time the clock was recovered';
  const { newest_record: newest, vouched_for_by: people } = clock.fields;
  if (new Set(people.map((one) => one.toLowerCase())).size < 2)
    return `${lineOf(clock.seq)}: fewer than two people vouch for the clock`;
  const isBack = beforeSeconds !== undefined && clock.atSeconds < beforeSeconds;
  if (!isBack || newest !== formatTime(beforeSeconds))
    return `${lineOf(clock.seq)}: the clock was not before what was on record then`;
  return undefined;
}
