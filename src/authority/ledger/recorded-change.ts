/** One change in a transcript: its events, and the files that they put on record. */
import { type JsonObject, type JsonValue, textField } from '../../codec/strict-json.js';
import { type EventName, whyStrange } from '../events/event.js';
import { type OperationName, type RecordedKind, recordedKind, writesOf } from '../events/writes.js';
import { type EntryOf, eventsOf, nameOf, type TranscriptEntry } from '../formats/transcript.js';
import { checkPath } from '../ground/layout.js';

/** One change: its events, and the files that they put on record. A ceremony has many, a single command one. */
export interface Segment {
  readonly events: readonly TranscriptEntry[];
  readonly files: readonly RecordedFile[];
}

export interface RecordedFile {
  readonly path: string;
  /** In hex. */
  readonly sha256: string;
  readonly final: boolean;
}

/**
 * How many seconds the clock of the site that prepared a bundle may be ahead; and the numbers of a series go on from
 * the first one's.
 */
const FURTHEST = 86_400;

/**
 * Returns whether a bundle that is signed at this time can have a number. The first of a series is issued about then,
 * whatever follows, and its number is never above that second.
 */
export function isSequence(value: number, atSeconds: number): boolean {
  return Number.isSafeInteger(value) && value >= 1 && value <= atSeconds + FURTHEST;
}

/** What every command writes, and what a ceremony writes when it begins and ends. */
export const ALWAYS: ReadonlySet<string> = new Set(['start', 'settings', 'memory', 'files', 'end']);

/** Returns the events up to each `files` event, and those after the last. */
export function segmentsOf(entries: readonly TranscriptEntry[]): readonly Segment[] {
  const segments: Segment[] = [];
  let events: TranscriptEntry[] = [];
  for (const entry of entries) {
    events.push(entry);
    if (nameOf(entry) !== 'files') continue;
    segments.push({ events, files: filesIn(entry.fields) });
    events = [];
  }
  return events.length === 0 ? segments : [...segments, { events, files: [] }];
}

/** Returns the first thing in a change that its operation could not have written, or undefined. */
export function changeFault(operation: OperationName, segment: Segment): string | undefined {
  const { events: may, files: mayRecord } = writesOf(operation);
  const { events, files } = segment;
  const places = new Map(files.map(({ path }, index) => [path, index]));
  const foreign = events.find((one) => !ALWAYS.has(nameOf(one)) && !may.includes(nameOf(one)));
  if (foreign !== undefined) return `${lineOf(foreign.seq)}: ${operation} writes no event ${nameOf(foreign)}`;
  const strange = strangeFault(events);
  if (strange !== undefined) return strange;
  const [filesEvent] = eventsOf(events, 'files');
  if (filesEvent !== undefined && files.length !== filesEvent.fields.files.length)
    return `${lineOf(filesEvent.seq)}: its files are not paths and hashes`;
  const twice = files.find(({ path }, index) => index !== places.get(path));
  if (twice !== undefined) return `${twice.path} is there twice`;
  for (const one of files) {
    const kind = recordedKind(one.path);
    if (kind === undefined || !mayRecord.includes(kind)) return `${operation} does not write ${one.path}`;
    if (!one.final && kind !== 'settings') return `${one.path} does not change once it is written`;
    if (!isAnnounced(kind, one.path, segment)) return `nothing in it says why ${one.path} was written`;
  }
  return rebuildFault(segment);
}

/** Returns the first line that is not an event as this program writes them. */
export function strangeFault(events: readonly TranscriptEntry[]): string | undefined {
  const [strange] = eventsOf(events, 'strange');
  return strange === undefined ? undefined : `${lineOf(strange.seq)}: ${whyStrange(strange)}`;
}

/** Which event announces each kind of file. Files that were received or rebuilt have events of their own. */
const ANNOUNCED_BY: Readonly<Record<RecordedKind, (path: string, segment: Segment) => boolean>> = {
  settings: () => true,
  plan: () => true,
  root: (_path, segment) => has(segment, 'sign', ({ fields }) => fields.what === 'AsCredential'),
  reserve: (path, { files }) => files.some((one) => one.path === path.replace(/\.reserve\.json$/, '.pem')),
  intermediate: (_path, segment) => has(segment, 'sign', ({ fields }) => fields.what === 'IntermediateAsCredential'),
  request: (_path, segment) => has(segment, 'sign', ({ fields }) => fields.what === 'IntermediateAsCredential request'),
  key: (_path, segment) => has(segment, 'sign') || has(segment, 'key', ({ fields }) => fields.what === 'attached'),
  'key-mark': (_path, segment) => has(segment, 'key'),
  revocation: (path, segment) =>
    has(segment, 'revoke', ({ fields }) => fields.fingerprints.includes(path.slice(12, -5))),
  bundle: (path, segment) =>
    has(segment, 'signature') ||
    has(segment, 'sign', ({ fields }) => fields.what === 'bundle' && fields.sequence === numberIn(path)),
  forgery: (path, segment) => has(segment, 'forged', ({ fields }) => path.includes(fields.bundle_sha256)),
  'bundle-mark': (path, segment) =>
    has(
      segment,
      'bundle',
      ({ fields: { state, sequence } }) => sequence === numberIn(path) && path.endsWith(`.${state}.json`),
    ),
};

function isAnnounced(kind: RecordedKind, path: string, segment: Segment): boolean {
  return has(segment, 'rebuild') || has(segment, 'received') || ANNOUNCED_BY[kind](path, segment);
}

function has<N extends EventName>(
  { events }: Segment,
  name: N,
  fits: (entry: EntryOf<N>) => boolean = () => true,
): boolean {
  return eventsOf(events, name).some(fits);
}

/** Returns the number in `bundles/bundle-000001.cose`, and in the names of its marks. */
export function numberIn(path: string): number {
  return Number(/-(\d+)\./.exec(path)?.[1]);
}

/** Checks a floor: it is given when an authority is rebuilt from a bundle, and is not below that bundle. */
function rebuildFault({ events, files }: Segment): string | undefined {
  const [rebuild] = eventsOf(events, 'rebuild');
  if (rebuild === undefined) return undefined;
  const { sequence, sequence_floor: floor, bundle_sha256: sha256 } = rebuild.fields;
  const bundle = files.find(({ path }) => recordedKind(path) === 'bundle');
  const fits = bundle !== undefined && sequence === numberIn(bundle.path) && sha256 === bundle.sha256;
  if (!fits) return `${lineOf(rebuild.seq)}: it names another bundle than the one that was written`;
  if (isSequence(floor, rebuild.atSeconds) && floor >= numberIn(bundle.path)) return undefined;
  return `${lineOf(rebuild.seq)}: ${String(floor)} is the number of no bundle that can be out`;
}

/** Returns path and hash of the files that an event names, as far as they can be read. */
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

/** Returns a line's number for people, who count from 1. */
export function lineOf(seq: number): string {
  return `line ${String(seq + 1)}`;
}
