/**
 * The authority's transcripts as one record: each is linked to the one before, and what they say was made is there,
 * unchanged. Whoever can write the folder can rewrite all of it, so this finds damage, loss and clumsy hands;
 * signatures are verified where they are relied on.
 */
import { basename } from 'node:path';
import { parseJsonObject } from '../../codec/strict-json.js';
import { attemptQuietly } from '../../common/errors.js';
import { isCeremony } from '../events/writes.js';
import type { FolderEntry, FolderReader } from '../folders/folder-reader.js';
import { readPending } from '../formats/pending.js';
import type { SettingsRecord } from '../formats/settings-record.js';
import {
  commandOf,
  MAX_TRANSCRIPT_FILE,
  MAX_TRANSCRIPT_LINES,
  NO_HEAD,
  type ParsedTranscript,
  parseTranscript,
  splitLines,
  transcriptPath,
} from '../formats/transcript.js';
import { listInside } from '../ground/inside.js';
import { LedgerSoFar, type RecordedSignature, type SettingsAt } from './ledger-so-far.js';
import { LinesSoFar, type PutOnRecord } from './lines-so-far.js';
import { filesIn } from './recorded-change.js';
import { compareFiles, type RecordedRequest } from './recorded-files.js';
import { checkForgeries } from './recorded-forgeries.js';
import { checkSignatures } from './recorded-signatures.js';
import { lastingFiles } from './unrecorded.js';

export interface TranscriptFolder {
  /** Relative to the authority, by number. */
  readonly files: readonly string[];
  readonly nextNumber: number;
  /** Hex; of the newest transcript, `NO_HEAD` where there is none. */
  readonly head: string;
  /** Hex; of the first transcript, by which a record is known; `NO_HEAD` where there is none. */
  readonly first: string;
  /** Whether the newest has no end yet: a ceremony is under way, or was interrupted. */
  readonly incomplete: boolean;
  /** The place in `files` of the transcript that has a line with this hash (hex); undefined where none has. */
  positionOf(head: string): number | undefined;
  /** Whether a hash is that of the last line of a transcript: one that had it as its head has not gone on. */
  isHead(hash: string): boolean;
  /** What was put on record after the line of a hash; nothing where it is nowhere. */
  recordedAfter(hash: string): readonly PutOnRecord[];
}

export type { RecordedSignature, SettingsAt } from './ledger-so-far.js';
export type { RecordedRequest } from './recorded-files.js';

export interface Ledger {
  readonly transcripts: TranscriptFolder;
  readonly bundleSignatures: readonly RecordedSignature[];
  /**
   * The newest time on record (Unix seconds), from which a recovery of the clock begins again; undefined where there is
   * none.
   */
  readonly newestSeconds: number | undefined;
  /** The highest sequence of a bundle that may be out though the authority doesn't hold it; 0 where nothing says so. */
  readonly sequenceFloor: number;
  /** When the record began again with a bundle (Unix seconds); undefined where it didn't. */
  readonly rebuiltSeconds: number | undefined;
  /** What was last recorded of authority.yaml. */
  readonly settings: SettingsRecord | undefined;
  /** Everything that was recorded of authority.yaml, with the place of its transcript, oldest first. */
  readonly settingsHistory: readonly SettingsAt[];
  /** Requests that were made here and are not here any more. */
  readonly missingRequests: readonly RecordedRequest[];
}

/** Signatures and minutes lie beside their transcript and have its whole name first. */
const NAME = /^(\d{4,6})-[a-z0-9-]+\.jsonl(\..+)?$/;

/** The transcripts in an authority's folder, relative to it and by number, whatever else may be wrong there. */
export function transcriptFiles(dir: string): readonly string[] {
  const numbered = listInside(dir, 'transcripts').flatMap((name) => {
    const match = NAME.exec(name);
    return match === null || match[2] !== undefined ? [] : [{ name, number: Number(match[1]) }];
  });
  return numbered.sort((a, b) => a.number - b.number).map(({ name }) => `transcripts/${name}`);
}

/** Reads all transcripts, and compares them with what is there; what doesn't fit becomes a finding. */
export function readLedger(reader: FolderReader): Ledger {
  // In this order: what a command at work has named already is in the journal until its transcript is there.
  const there = lastingFiles((folder) => reader.list(folder));
  const underWay = attemptQuietly(() => readPending(reader.dir))?.files.map(({ path }) => path) ?? [];
  const all = reader.read('transcripts', NAME, (match) => Number(match[1]));
  const entries = all.filter(({ match }) => match[2] === undefined);
  let head = NO_HEAD;
  let first = NO_HEAD;
  let newestSeconds: number | undefined;
  let incomplete = false;
  const record = new LedgerSoFar(reader);
  const lines = new LinesSoFar();
  const heads = new Set<string>();
  const followers = new Map<string, string>();
  entries.forEach(({ file, key }, index) => {
    const numberBefore = entries[index - 1]?.key ?? 0;
    if (numberBefore === key) reader.find(file, 'its number is taken by another transcript');
    const parsed = readTranscript(reader, entries, index);
    if (parsed === undefined) {
      for (const path of mentionedIn(reader, file)) underWay.push(path);
      return;
    }
    if (parsed.previousTranscript !== head) reader.find(file, notLinked(followers.get(parsed.previousTranscript)));
    else if (key > numberBefore + 1)
      reader.find(file, `its number is not ${String(numberBefore + 1)}, the one after the transcript that it follows`);
    followers.set(parsed.previousTranscript, file);
    head = parsed.head;
    heads.add(head);
    if (index === 0) first = head;
    lines.add(file, parsed, index);
    incomplete = !parsed.complete;
    const command = commandOf(parsed);
    checkName(reader, file, key, command);
    if (incomplete && !isCeremony(command))
      reader.find(file, 'it has no end, and no ceremony wrote it: it was cut short');
    else record.add({ file, place: index, parsed, beforeSeconds: newestSeconds });
    newestSeconds = parsed.entries.at(-1)?.atSeconds ?? newestSeconds;
  });
  checkCompanions(reader, all, new Set(entries.map(({ file }) => file)));
  const transcripts = {
    files: entries.map(({ file }) => file),
    nextNumber: (entries.at(-1)?.key ?? 0) + 1,
    head,
    first,
    incomplete,
    positionOf: (hash: string) => lines.positionOf(hash),
    isHead: (hash: string) => heads.has(hash),
    recordedAfter: (hash: string) => lines.recordedAfter(hash),
  };
  const { recorded, requests, bundleSignatures, sequenceFloor, rebuiltSeconds, settingsHistory, segments } = record;
  const settings = settingsHistory.at(-1);
  const missingRequests = compareFiles(reader, {
    recorded,
    requests: [...requests.values()],
    there,
    underWay,
    unfinished: transcripts.incomplete ? transcripts.files.at(-1) : undefined,
  });
  checkSignatures(reader, segments);
  checkForgeries(reader, segments);
  return {
    transcripts,
    newestSeconds,
    bundleSignatures,
    sequenceFloor,
    rebuiltSeconds,
    settings,
    settingsHistory,
    missingRequests,
  };
}

/** Nothing vouches for a name but what is in the file. */
function checkName(reader: FolderReader, file: string, number: number, command: string | undefined): void {
  const name = command === undefined ? file : transcriptPath(number, command);
  if (name === file || reader.hasFound(file)) return;
  reader.find(file, `it is the transcript of ${JSON.stringify(command)}, whose name is ${basename(name)}`);
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
    const bytes = reader.readFile(file, MAX_TRANSCRIPT_FILE);
    if (index < entries.length - 1) return parseTranscript(bytes);
    // A crash can tear the last line of a ceremony that is under way; what is before it stands.
    const wholeLines = bytes.slice(0, bytes.lastIndexOf(0x0a) + 1);
    const transcript = parseTranscript(wholeLines, { mayBeIncomplete: true });
    return { ...transcript, complete: transcript.complete && wholeLines.length === bytes.length };
  });
}

/** What a damaged transcript says was made, as far as its lines can be read: its damage is no fault of theirs. */
function mentionedIn(reader: FolderReader, file: string): string[] {
  const bytes = attemptQuietly(() => reader.readFile(file, MAX_TRANSCRIPT_FILE));
  const text = new TextDecoder().decode(bytes);
  const lines = splitLines(text, MAX_TRANSCRIPT_LINES + 1) ?? [];
  return lines.flatMap((line) => {
    const event = parseJsonObject(line);
    return typeof event === 'string' ? [] : filesIn(event).map(({ path }) => path);
  });
}
