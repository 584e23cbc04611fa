/**
 * Reads the authority's transcripts as one record: each is linked to the one before, and every file that they record
 * exists unchanged. Whoever can write in the folder can rewrite all of it, so this finds damage, loss and clumsy
 * tampering. Signatures are verified where they are relied on.
 */
import { basename } from 'node:path';
import { parseJsonObject } from '../../codec/strict-json.js';
import { attemptQuietly } from '../../common/errors.js';
import { isCeremony } from '../events/writes.js';
import type { FolderEntry, FolderReader } from '../folders/folder-reader.js';
import { readPending } from '../formats/pending.js';
import type { RecordedSettings } from '../formats/recorded-settings.js';
import {
  commandOf,
  MAX_TRANSCRIPT_FILE,
  MAX_TRANSCRIPT_LINES,
  NO_HEAD,
  type ParsedTranscript,
  parseTranscript,
  parseUnderWay,
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
  /** Relative to the authority, in order of number. */
  readonly files: readonly string[];
  readonly nextNumber: number;
  /** In hex, of the newest transcript; `NO_HEAD` if there is none. */
  readonly head: string;
  /** In hex, of the first transcript, which identifies a record; `NO_HEAD` if there is none. */
  readonly first: string;
  /** Whether the newest transcript has no end yet: a ceremony is running, or was interrupted. */
  readonly incomplete: boolean;
  /** Returns the place in `files` of the transcript that has a line with this hash (hex), or undefined. */
  positionOf(head: string): number | undefined;
  /**
   * Returns whether a hash is that of the last line of a transcript, so that a transcript with this head was not
   * continued.
   */
  isHead(hash: string): boolean;
  /** Returns what was put on record after the line with a hash; empty if no line has it. */
  recordedAfter(hash: string): readonly PutOnRecord[];
}

export type { RecordedSignature, SettingsAt } from './ledger-so-far.js';
export type { RecordedRequest } from './recorded-files.js';

export interface Ledger {
  readonly transcripts: TranscriptFolder;
  readonly bundleSignatures: readonly RecordedSignature[];
  /**
   * The newest time on record (Unix seconds), counted again from a recovery of the clock; undefined if there is none.
   */
  readonly newestSeconds: number | undefined;
  /**
   * The highest sequence of a bundle that may have been published though the authority doesn't hold it; 0 if nothing
   * says so.
   */
  readonly sequenceFloor: number;
  /** When the record began again with a bundle (Unix seconds); undefined if it didn't. */
  readonly rebuiltSeconds: number | undefined;
  /** What was last recorded about authority.yaml. */
  readonly settings: RecordedSettings | undefined;
  /** Everything that was recorded about authority.yaml, with the place of its transcript, oldest first. */
  readonly settingsHistory: readonly SettingsAt[];
  /** Requests that were made here and are no longer here. */
  readonly missingRequests: readonly RecordedRequest[];
}

/** Signatures and minutes are beside their transcript, and their names begin with its whole name. */
const NAME = /^(\d{4,6})-[a-z0-9-]+\.jsonl(\..+)?$/;

/**
 * Returns the transcripts in an authority's folder, relative to it and in order of number, whatever else may be wrong
 * there.
 */
export function transcriptFiles(dir: string): readonly string[] {
  const numbered = listInside(dir, 'transcripts').flatMap((name) => {
    const match = NAME.exec(name);
    return match === null || match[2] !== undefined ? [] : [{ name, number: Number(match[1]) }];
  });
  return numbered.sort((a, b) => a.number - b.number).map(({ name }) => `transcripts/${name}`);
}

/** Reads all transcripts, and compares them with the files. Whatever doesn't match becomes a finding. */
export function readLedger(reader: FolderReader): Ledger {
  // The order matters: files that a running command has already named are in the journal until its transcript is there.
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

/** Checks the name of a transcript, which is trusted only if the file's contents confirm it. */
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
    return index < entries.length - 1 ? parseTranscript(bytes) : parseUnderWay(bytes).parsed;
  });
}

/**
 * Returns the files that a damaged transcript records, as far as its lines can be read, since its damage is not their
 * fault.
 */
function mentionedIn(reader: FolderReader, file: string): string[] {
  const bytes = attemptQuietly(() => reader.readFile(file, MAX_TRANSCRIPT_FILE));
  const text = new TextDecoder().decode(bytes);
  const lines = splitLines(text, MAX_TRANSCRIPT_LINES + 1) ?? [];
  return lines.flatMap((line) => {
    const event = parseJsonObject(line);
    return typeof event === 'string' ? [] : filesIn(event).map(({ path }) => path);
  });
}
