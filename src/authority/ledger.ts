/**
 * The authority's transcripts as one record: each is linked to the one before, and what they say was made is there, unchanged. Whoever can write
 * the folder can write all of it anew, so this finds damage, loss and clumsy hands; signatures are verified where they are relied on.
 */
import { toHex } from '../common/bytes.js';
import { exists, listFolder, MAX_BUNDLE_FILE, readFile } from '../common/files.js';
import { hash } from '../crypto/hash.js';
import type { FolderEntry, FolderReader } from './folder-reader.js';
import { checkPath, inAuthority } from './layout.js';
import { SETTINGS_EVENT, settingsRecordIn, type SettingsRecord } from './settings-record.js';
import type { JsonObject, JsonValue } from './strict-json.js';
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

export interface Ledger {
  readonly transcripts: TranscriptFolder;
  readonly bundleSignatures: readonly RecordedSignature[];
  /** The newest time on record (Unix seconds), from which a recovery of the clock begins anew; undefined where there is none. */
  readonly newestSeconds: number | undefined;
  /** The highest sequence of a bundle that may be out though the authority doesn't hold it; 0 where nothing says so. */
  readonly sequenceFloor: number;
  /** What was last recorded of authority.yaml. */
  readonly settings: SettingsRecord | undefined;
  /** Path and hash (hex) of every lasting file that a transcript names. */
  readonly recorded: ReadonlyMap<string, string>;
}

/** Signatures and minutes lie beside their transcript and have its whole name first. */
const NAME = /^(\d{4,6})-[a-z0-9-]+\.jsonl(\..+)?$/;

/** Files of these folders stay as they were recorded; requests come and go, and settings are the operator's. */
const LASTING = /^(bundles|credentials|keys|revocations)\//;
const CLOCK_RECOVERY = 'clock recover';
/** In the first transcript of an authority that was rebuilt from a bundle. */
export const REBUILD_EVENT = 'rebuild';

/** Whether a file that a transcript names stays in the authority, as it is, for good. */
export function isLasting(path: string): boolean {
  return LASTING.test(path);
}

/** The transcripts in an authority's folder, relative to it and by number, whatever else may be wrong there. */
export function transcriptFiles(dir: string): readonly string[] {
  const numbered = listFolder(inAuthority(dir, 'transcripts')).flatMap((name) => {
    const match = NAME.exec(name);
    return match === null || match[2] !== undefined ? [] : [{ name, number: Number(match[1]) }];
  });
  return numbered.sort((a, b) => a.number - b.number).map(({ name }) => `transcripts/${name}`);
}

/** Reads all transcripts; what doesn't fit becomes a finding. */
export function readLedger(reader: FolderReader): Ledger {
  const all = reader.read('transcripts', NAME, (match) => Number(match[1]));
  const entries = all.filter(({ match }) => match[2] === undefined);
  let head = NO_HEAD;
  let newestSeconds: number | undefined;
  let incomplete = false;
  let settings: SettingsRecord | undefined;
  let sequenceFloor = 0;
  const recorded = new Map<string, string>();
  const followers = new Map<string, string>();
  const bundleSignatures: RecordedSignature[] = [];
  entries.forEach(({ file, key }, index) => {
    if (entries[index - 1]?.key === key) reader.find(file, 'its number is taken by another transcript');
    const parsed = readTranscript(reader, entries, index);
    if (parsed === undefined) return;
    if (parsed.previousTranscript !== head) reader.find(file, notLinked(followers.get(parsed.previousTranscript)));
    followers.set(parsed.previousTranscript, file);
    head = parsed.head;
    incomplete = !parsed.complete;
    const at = parsed.entries.at(-1)?.atSeconds ?? 0;
    newestSeconds = parsed.entries[0]?.fields.command === CLOCK_RECOVERY ? at : Math.max(newestSeconds ?? 0, at);
    for (const { event, fields } of parsed.entries) {
      for (const [path, sha256] of filesIn(fields.files)) recorded.set(path, sha256);
      if (event === REBUILD_EVENT && typeof fields.sequence_floor === 'number')
        sequenceFloor = Math.max(sequenceFloor, fields.sequence_floor);
      if (event === SETTINGS_EVENT) settings = settingsRecordIn(fields) ?? settings;
      const signature = event === 'sign' ? bundleSignatureIn(fields) : undefined;
      if (signature !== undefined) bundleSignatures.push(signature);
    }
  });
  for (const [path, sha256] of recorded) checkFile(reader, path, sha256);
  const transcripts = {
    files: entries.map(({ file }) => file),
    nextNumber: (entries.at(-1)?.key ?? 0) + 1,
    head,
    incomplete,
  };
  return { transcripts, newestSeconds, bundleSignatures, sequenceFloor, settings, recorded };
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

/** Path and hash of the files that an event names and no later step changes. */
function* filesIn(value: JsonValue | undefined): Iterable<[path: string, sha256: string]> {
  if (!Array.isArray(value)) return;
  for (const item of value as readonly JsonValue[]) {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) continue;
    const { path, sha256, final } = item as Readonly<Record<string, JsonValue>>;
    if (typeof path === 'string' && typeof sha256 === 'string' && final !== false && isLasting(path))
      yield [path, sha256];
  }
}

function checkFile(reader: FolderReader, path: string, sha256: string): void {
  if (checkPath(path) !== undefined || reader.hasFound(path)) return;
  const absolute = inAuthority(reader.dir, path);
  if (!exists(absolute)) {
    reader.find(path, 'it is missing; a transcript says that it was made');
    return;
  }
  reader.attempt(path, () => {
    if (toHex(hash('sha256', readFile(absolute, MAX_BUNDLE_FILE))) !== sha256)
      reader.find(path, 'it is not the file that a transcript says was made');
  });
}
