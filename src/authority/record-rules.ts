/** What a transcript must be to have been written by this tool: only events of its command, in their places, with the files that they announce. */
import { readFile } from '../common/files.js';
import { formatTime } from '../common/time.js';
import {
  isCeremony,
  isCeremonyEvent,
  isOperationName,
  recordedKind,
  writesOf,
  type OperationName,
  type RecordedKind,
} from './events.js';
import { checkPath, inAuthority } from './layout.js';
import { parseJsonObject, textField, type JsonObject, type JsonValue } from './strict-json.js';
import { MAX_TRANSCRIPT_FILE, NO_HEAD, type ParsedTranscript, type TranscriptEntry } from './transcript.js';

/** A transcript that was read, and what it follows. */
export interface InRecord {
  /** Relative to the authority. */
  readonly file: string;
  readonly parsed: ParsedTranscript;
  /** The newest time before it (Unix seconds); undefined in the first. */
  readonly beforeSeconds: number | undefined;
}

/** One change: its events, and the files that they put on record. A ceremony has many, a single command one. */
export interface Segment {
  readonly events: readonly TranscriptEntry[];
  readonly files: readonly RecordedFile[];
}

export interface RecordedFile {
  readonly path: string;
  /** Hex. */
  readonly sha256: string;
  readonly final: boolean;
}

/** No bundle is dated later than this after its signing, and no sequence is above its date. */
const FURTHEST = 10 * 366 * 86_400;

/** Whether a bundle that is signed at a time can have a number: a number is never above the second at which its bundle is issued. */
export function isSequence(value: JsonValue | undefined, atSeconds: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= atSeconds + FURTHEST;
}

/** The first thing in a transcript that no command of its name could have written; undefined where there is none. */
export function faultIn(dir: string, transcript: InRecord): string | undefined {
  const { parsed } = transcript;
  const [first] = parsed.entries;
  const command = first?.fields.command;
  if ((command === 'init') !== (parsed.previousTranscript === NO_HEAD))
    return command === 'init' ? 'an authority begins once, and this is another init' : 'a record begins with init';
  return (
    timeFault(transcript, command === 'clock recover') ??
    modeFault(parsed.entries) ??
    (isOperationName(command)
      ? commandFault(command, transcript)
      : isCeremony(command)
        ? ceremonyFault(dir, transcript)
        : `no command that writes is called ${JSON.stringify(command ?? null)}`)
  );
}

function timeFault({ parsed: { entries }, beforeSeconds }: InRecord, recovers: boolean): string | undefined {
  let before = recovers ? undefined : beforeSeconds;
  for (const { seq, atSeconds } of entries) {
    if (before !== undefined && atSeconds < before)
      return `${lineOf(seq)}: its time is before that of what it follows (${formatTime(before)}), and only clock recover goes back`;
    before = atSeconds;
  }
  return undefined;
}

function modeFault(entries: readonly TranscriptEntry[]): string | undefined {
  const mode = entries[0]?.fields.mode;
  const other = entries.find(({ fields }) => fields.mode !== mode);
  return other === undefined ? undefined : `${lineOf(other.seq)}: it has another mode than the first line`;
}

/** `start`, `settings` where they changed, the command's own events, `files`, `end`. */
function commandFault(command: OperationName, transcript: InRecord): string | undefined {
  const { entries } = transcript.parsed;
  const last = entries.length - 1;
  const misplaced = entries.find(
    ({ event, seq }) =>
      (event === 'files' && seq !== last - 1) || (event === 'settings' && seq !== 1) || (event === 'memory' && seq > 2),
  );
  if (misplaced !== undefined)
    return `${lineOf(misplaced.seq)}: ${command} writes the event ${misplaced.event} elsewhere`;
  if (entries[last - 1]?.event !== 'files') return 'it does not say which files it wrote';
  if (command === 'clock recover') {
    const fault = clockFault(transcript);
    if (fault !== undefined) return fault;
  }
  const [segment] = segmentsOf(entries);
  return segment === undefined ? undefined : changeFault(command, segment);
}

/** Steps write what their operations do, and nothing is changed between two steps. */
function ceremonyFault(dir: string, { file, parsed: { entries } }: InRecord): string | undefined {
  const ownPlan = `${file}.plan.json`;
  let step: JsonValue | undefined;
  let operations: ReadonlyMap<JsonValue, string> | undefined;
  for (const segment of segmentsOf(entries)) {
    const own: TranscriptEntry[] = [];
    for (const entry of segment.events) {
      if (entry.event === 'step') step = entry.fields.step;
      if (entry.event === 'done') step = undefined;
      if (!isCeremonyEvent(entry.event)) own.push(entry);
    }
    const isPlan = ({ path }: RecordedFile): boolean => path === ownPlan || path.startsWith(`${ownPlan}.`);
    const files = segment.files.filter((one) => !isPlan(one));
    // Settings that changed are recorded by the step that changes something.
    if (own.every(({ event }) => ALWAYS.has(event) && event !== 'settings') && files.length === 0) continue;
    operations ??= operationsOf(dir, ownPlan);
    const operation = step === undefined ? undefined : operations.get(step);
    const [first] = own.filter(({ event }) => !ALWAYS.has(event));
    const where = lineOf((first ?? own[0] ?? segment.events[0])?.seq ?? 0);
    if (operation === undefined || !isOperationName(operation))
      return `${where}: something was changed there, and no step of the plan changes anything then`;
    const fault = changeFault(operation, { events: own, files });
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** What every command writes in its place, and what a ceremony does at its begin and end. */
const ALWAYS: ReadonlySet<string> = new Set(['start', 'settings', 'memory', 'files', 'end']);

/** The operations of a plan's steps, by their numbers; none where there is no plan that could be read. It is compared with its hash elsewhere. */
function operationsOf(dir: string, plan: string): ReadonlyMap<JsonValue, string> {
  const operations = new Map<JsonValue, string>();
  const read = attempt(() => parseJsonObject(readFile(inAuthority(dir, plan), MAX_TRANSCRIPT_FILE)));
  if (read === undefined || typeof read === 'string' || !Array.isArray(read.steps)) return operations;
  for (const one of read.steps as readonly JsonValue[]) {
    if (typeof one !== 'object' || one === null || Array.isArray(one)) continue;
    const { n, operation } = one as JsonObject;
    if (n !== undefined && typeof operation === 'string') operations.set(n, operation);
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

/** The events up to each `files` event, and what comes after the last. */
export function segmentsOf(entries: readonly TranscriptEntry[]): readonly Segment[] {
  const segments: Segment[] = [];
  let events: TranscriptEntry[] = [];
  for (const entry of entries) {
    events.push(entry);
    if (entry.event !== 'files') continue;
    segments.push({ events, files: filesIn(entry.fields) });
    events = [];
  }
  return events.length === 0 ? segments : [...segments, { events, files: [] }];
}

function changeFault(operation: OperationName, segment: Segment): string | undefined {
  const { events: may, files: mayRecord } = writesOf(operation);
  const { events, files } = segment;
  const foreign = events.find(({ event }) => !ALWAYS.has(event) && !may.includes(event));
  if (foreign !== undefined) return `${lineOf(foreign.seq)}: ${operation} writes no event ${foreign.event}`;
  const filesEvent = events.find(({ event }) => event === 'files');
  if (filesEvent !== undefined && files.length !== countIn(filesEvent.fields))
    return `${lineOf(filesEvent.seq)}: its files are not paths and hashes`;
  for (const one of files) {
    const kind = recordedKind(one.path);
    if (kind === undefined || !mayRecord.includes(kind)) return `${operation} does not write ${one.path}`;
    if (!one.final && kind !== 'settings') return `${one.path} does not change once it is written`;
    if (!isAnnounced(kind, one.path, segment)) return `nothing in it says why ${one.path} was written`;
  }
  return rebuildFault(segment);
}

/** Which event comes with each kind of file. What was received or rebuilt is vouched for by its own event. */
const ANNOUNCED_BY: Readonly<Record<RecordedKind, (path: string, segment: Segment) => boolean>> = {
  settings: () => true,
  plan: () => true,
  root: (_path, segment) => has(segment, 'sign', ({ what }) => what === 'AsCredential'),
  reserve: (path, { files }) => files.some((one) => one.path === path.replace(/\.reserve\.json$/, '.pem')),
  intermediate: (_path, segment) => has(segment, 'sign', ({ what }) => what === 'IntermediateAsCredential'),
  request: (_path, segment) => has(segment, 'sign', ({ what }) => what === 'IntermediateAsCredential request'),
  key: (_path, segment) => has(segment, 'sign') || has(segment, 'key', ({ what }) => what === 'attached'),
  'key-mark': (_path, segment) => has(segment, 'key'),
  revocation: (path, segment) =>
    has(
      segment,
      'revoke',
      ({ fingerprints }) => Array.isArray(fingerprints) && fingerprints.includes(path.slice(12, -5)),
    ),
  bundle: (path, segment) =>
    has(segment, 'signature') ||
    has(segment, 'sign', ({ what, sequence }) => what === 'bundle' && sequence === numberIn(path)),
  'bundle-mark': (path, segment) =>
    has(
      segment,
      'bundle',
      ({ state, sequence }) =>
        sequence === numberIn(path) && typeof state === 'string' && path.endsWith(`.${state}.json`),
    ),
};

function isAnnounced(kind: RecordedKind, path: string, segment: Segment): boolean {
  return has(segment, 'rebuild') || has(segment, 'received') || ANNOUNCED_BY[kind](path, segment);
}

function has({ events }: Segment, name: string, fits: (fields: JsonObject) => boolean = () => true): boolean {
  return events.some(({ event, fields }) => event === name && fits(fields));
}

/** In `bundles/bundle-000001.cose`, and in the names of its marks. */
export function numberIn(path: string): number {
  return Number(/-(\d+)\./.exec(path)?.[1]);
}

/** A floor is given where an authority is rebuilt from a bundle, and is not below it. */
function rebuildFault({ events, files }: Segment): string | undefined {
  const rebuild = events.find(({ event }) => event === 'rebuild');
  if (rebuild === undefined) return undefined;
  const { sequence, sequence_floor: floor, bundle_sha256: sha256 } = rebuild.fields;
  const bundle = files.find(({ path }) => recordedKind(path) === 'bundle');
  const fits = bundle !== undefined && sequence === numberIn(bundle.path) && sha256 === bundle.sha256;
  if (!fits) return `${lineOf(rebuild.seq)}: it names another bundle than the one that was written`;
  if (isSequence(floor, rebuild.atSeconds) && floor >= numberIn(bundle.path)) return undefined;
  return `${lineOf(rebuild.seq)}: ${JSON.stringify(floor ?? null)} is the number of no bundle that can be out`;
}

/** It goes back from the newest time there was, on the word of two people, and does nothing else. */
function clockFault({ parsed: { entries }, beforeSeconds }: InRecord): string | undefined {
  const clocks = entries.filter(({ event }) => event === 'clock');
  const [clock] = clocks;
  if (clock === undefined || clocks.length > 1) return 'it does not say once from which time the clock was recovered';
  const { newest_record: newest, vouched_for_by: people } = clock.fields;
  const names = Array.isArray(people) ? people.map((one: JsonValue) => JSON.stringify(one).toLowerCase()) : [];
  if (new Set(names).size < 2) return `${lineOf(clock.seq)}: fewer than two people vouch for the clock`;
  const isBack = beforeSeconds !== undefined && clock.atSeconds < beforeSeconds;
  if (!isBack || newest !== formatTime(beforeSeconds))
    return `${lineOf(clock.seq)}: the clock was not before what was on record then`;
  return undefined;
}

/** Path and hash of the files that an event names, as far as they can be read. */
export function filesIn({ files }: JsonObject): readonly RecordedFile[] {
  if (!Array.isArray(files)) return [];
  return (files as readonly JsonValue[]).flatMap((item) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return [];
    const record = item as JsonObject;
    const [path, sha256] = [textField(record, 'path'), textField(record, 'sha256')];
    if (path === undefined || sha256 === undefined || !/^[0-9a-f]{64}$/.test(sha256)) return [];
    return checkPath(path) === undefined ? [{ path, sha256, final: record.final !== false }] : [];
  });
}

function countIn({ files }: JsonObject): number {
  return Array.isArray(files) ? files.length : -1;
}

function lineOf(seq: number): string {
  return `line ${String(seq + 1)}`;
}
