/**
 * The authority's transcripts as one record: each is linked to the one before, and what they say was made is there, unchanged. Whoever can write
 * the folder can write all of it anew, so this finds damage, loss and clumsy hands; signatures are verified where they are relied on.
 */
import { factsOf, listFolder, readFile } from '../common/files.js';
import type { FolderEntry, FolderReader } from './folder-reader.js';
import { inAuthority, isLasting, PENDING_FILE } from './layout.js';
import { lastingFiles } from './unrecorded.js';
import { SETTINGS_EVENT, settingsRecordIn, type SettingsRecord } from './settings-record.js';
import { parseJsonObject, type JsonObject, type JsonValue } from './strict-json.js';
import { compareFiles, type RecordedRequest } from './recorded-files.js';
import { readPending } from './pending.js';
import { MAX_TRANSCRIPT_FILE, NO_HEAD, parseTranscript, type ParsedTranscript } from './transcript.js';

export interface TranscriptFolder {
  /** Relative to the authority, by number. */
  readonly files: readonly string[];
  readonly nextNumber: number;
  /** Hex; of the newest transcript, `NO_HEAD` where there is none. */
  readonly head: string;
  /** Whether the newest has no end yet: a ceremony is under way, or was interrupted. */
  readonly incomplete: boolean;
}

/** A signature on a bundle that was made here, kept or not: what must not be contradicted. */
export interface RecordedSignature {
  readonly sequence: number;
  /** Hex. */
  readonly kid: string;
  /** Hex, of the Sig_structure. */
  readonly signedSha256: string;
}

export type { RecordedRequest } from './recorded-files.js';

export interface Ledger {
  readonly transcripts: TranscriptFolder;
  readonly bundleSignatures: readonly RecordedSignature[];
  /** The newest time on record (Unix seconds), from which a recovery of the clock begins anew; undefined where there is none. */
  readonly newestSeconds: number | undefined;
  /** The highest sequence of a bundle that may be out though the authority doesn't hold it; 0 where nothing says so. */
  readonly sequenceFloor: number;
  /** What was last recorded of authority.yaml. */
  readonly settings: SettingsRecord | undefined;
  /** Requests that were made here and are not here any more. */
  readonly missingRequests: readonly RecordedRequest[];
}

/** Signatures and minutes lie beside their transcript and have its whole name first. */
const NAME = /^(\d{4,6})-[a-z0-9-]+\.jsonl(\..+)?$/;

const REQUESTS = 'requests/';
/** The plan of a ceremony, and the approvals of it. */
const PLAN = /^transcripts\/[^/]+\.plan\.json(\.[^/]+)?$/;
const CLOCK_RECOVERY = 'clock recover';
/** What alone leaves a transcript without its end for a while. */
const CEREMONIES: readonly unknown[] = ['run', 'rehearse'];
/** In the first transcript of an authority that was rebuilt from a bundle. */
export const REBUILD_EVENT = 'rebuild';

/** The transcripts in an authority's folder, relative to it and by number, whatever else may be wrong there. */
export function transcriptFiles(dir: string): readonly string[] {
  const numbered = listFolder(inAuthority(dir, 'transcripts')).flatMap((name) => {
    const match = NAME.exec(name);
    return match === null || match[2] !== undefined ? [] : [{ name, number: Number(match[1]) }];
  });
  return numbered.sort((a, b) => a.number - b.number).map(({ name }) => `transcripts/${name}`);
}

/** Reads all transcripts, and compares them with what is there; what doesn't fit becomes a finding. */
export function readLedger(reader: FolderReader): Ledger {
  // In this order: what a command at work has named already is in the journal until its transcript is there.
  const there = lastingFiles(reader.dir);
  const underWay = reader.attempt(PENDING_FILE, () => readPending(reader.dir))?.files.map(({ path }) => path) ?? [];
  const all = reader.read('transcripts', NAME, (match) => Number(match[1]));
  const entries = all.filter(({ match }) => match[2] === undefined);
  let head = NO_HEAD;
  let newestSeconds: number | undefined;
  let incomplete = false;
  let settings: SettingsRecord | undefined;
  let sequenceFloor = 0;
  const recorded = new Map<string, string>();
  const requests = new Map<string, RecordedRequest>();
  const followers = new Map<string, string>();
  const bundleSignatures: RecordedSignature[] = [];
  entries.forEach(({ file, key }, index) => {
    if (entries[index - 1]?.key === key) reader.find(file, 'its number is taken by another transcript');
    const parsed = readTranscript(reader, entries, index);
    if (parsed === undefined) {
      underWay.push(...mentionedIn(reader, file));
      return;
    }
    if (parsed.previousTranscript !== head) reader.find(file, notLinked(followers.get(parsed.previousTranscript)));
    followers.set(parsed.previousTranscript, file);
    head = parsed.head;
    incomplete = !parsed.complete;
    if (incomplete && !CEREMONIES.includes(parsed.entries[0]?.fields.command))
      reader.find(file, 'it has no end, and no ceremony wrote it: it was cut short');
    const at = parsed.entries.at(-1)?.atSeconds ?? 0;
    newestSeconds = parsed.entries[0]?.fields.command === CLOCK_RECOVERY ? at : Math.max(newestSeconds ?? 0, at);
    for (const { event, fields } of parsed.entries) {
      for (const [path, sha256] of filesIn(fields.files)) {
        if (isLasting(path) || PLAN.test(path)) recorded.set(path, sha256);
        else if (path.startsWith(REQUESTS)) requests.set(path, { file: path, sha256, atSeconds: at });
      }
      if (event === REBUILD_EVENT && typeof fields.sequence_floor === 'number')
        sequenceFloor = Math.max(sequenceFloor, fields.sequence_floor);
      if (event === SETTINGS_EVENT) settings = settingsRecordIn(fields) ?? settings;
      const signature = event === 'sign' ? bundleSignatureIn(fields) : undefined;
      if (signature !== undefined) bundleSignatures.push(signature);
    }
  });
  checkCompanions(reader, all, new Set(entries.map(({ file }) => file)));
  const transcripts = {
    files: entries.map(({ file }) => file),
    nextNumber: (entries.at(-1)?.key ?? 0) + 1,
    head,
    incomplete,
  };
  const missingRequests = compareFiles(reader, {
    recorded,
    requests: [...requests.values()],
    there,
    underWay,
    unfinished: transcripts.incomplete ? transcripts.files.at(-1) : undefined,
  });
  return { transcripts, newestSeconds, bundleSignatures, sequenceFloor, settings, missingRequests };
}

function checkCompanions(reader: FolderReader, all: readonly FolderEntry[], transcripts: ReadonlySet<string>): void {
  for (const { file, match } of all) {
    const transcript = file.slice(0, file.length - (match[2]?.length ?? 0));
    if (!transcripts.has(transcript)) reader.find(file, 'the transcript that it belongs to is missing');
  }
}

function notLinked(twin: string | undefined): string {
  return twin === undefined
    ? 'it is not linked to the transcript before it: one is missing, changed, or out of place'
    : `it follows the same transcript as ${twin}: the record forks, and is not linked`;
}

function readTranscript(
  reader: FolderReader,
  entries: readonly FolderEntry[],
  index: number,
): ParsedTranscript | undefined {
  const file = entries[index]?.file ?? '';
  return reader.attempt(file, () => {
    const bytes = readFile(inAuthority(reader.dir, file), MAX_TRANSCRIPT_FILE);
    if (index < entries.length - 1) return parseTranscript(bytes);
    // A crash can tear the last line of a ceremony that is under way; what is before it stands.
    const wholeLines = bytes.slice(0, bytes.lastIndexOf(0x0a) + 1);
    const transcript = parseTranscript(wholeLines, { mayBeIncomplete: true });
    return { ...transcript, complete: transcript.complete && wholeLines.length === bytes.length };
  });
}

function bundleSignatureIn(fields: JsonObject): RecordedSignature | undefined {
  const { what, sequence, kid, signed_sha256: signedSha256 } = fields;
  if (what !== 'bundle' || typeof sequence !== 'number') return undefined;
  return typeof kid === 'string' && typeof signedSha256 === 'string' ? { sequence, kid, signedSha256 } : undefined;
}

/** What a damaged transcript says was made, as far as its lines can be read: its damage is no fault of theirs. */
function mentionedIn(reader: FolderReader, file: string): string[] {
  if (factsOf(inAuthority(reader.dir, file))?.kind !== 'file') return [];
  const text = new TextDecoder().decode(readFile(inAuthority(reader.dir, file), MAX_TRANSCRIPT_FILE));
  return text.split('\n').flatMap((line) => {
    const event = parseJsonObject(line);
    return typeof event === 'string' ? [] : [...filesIn(event.files)].map(([path]) => path);
  });
}

/** Path and hash of the files that an event names and no later step changes. */
function* filesIn(value: JsonValue | undefined): Iterable<[path: string, sha256: string]> {
  if (!Array.isArray(value)) return;
  for (const item of value as readonly JsonValue[]) {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) continue;
    const { path, sha256, final } = item as Readonly<Record<string, JsonValue>>;
    if (typeof path === 'string' && typeof sha256 === 'string' && final !== false) yield [path, sha256];
  }
}
