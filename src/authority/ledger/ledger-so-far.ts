/**
 * Collects what the transcripts say, one after the other. Each is believed only as far as a command of this tool can
 * have written it.
 */
import { recordedKind } from '../events/writes.js';
import type { FolderReader } from '../folders/folder-reader.js';
import type { RecordedSettings } from '../formats/recorded-settings.js';
import type { TranscriptEntry } from '../formats/transcript.js';
import { isLasting } from '../ground/layout.js';
import { faultIn, type InLedger } from './ledger-rules.js';
import { lineOf, type RecordedFile, segmentsOf } from './recorded-change.js';
import type { RecordedRequest } from './recorded-files.js';
import type { SignedSegment } from './recorded-signatures.js';

/**
 * A signature on a bundle that was made here, whether the bundle was kept or not, and that must not be contradicted.
 */
export interface RecordedSignature {
  readonly sequence: number;
  /** In hex. */
  readonly kid: string;
  /** Of the Sig_structure, in hex. */
  readonly signedSha256: string;
  /** The transcript and the line that say so, for people. */
  readonly where: string;
}

/** What was recorded about the settings, and the place of the transcript that recorded it. */
export interface SettingsAt extends RecordedSettings {
  readonly place: number;
}

export class LedgerSoFar {
  /** Path and hash (hex) of files that stay for good, as first recorded. */
  readonly recorded = new Map<string, string>();
  /** The newest request for each path. */
  readonly requests = new Map<string, RecordedRequest>();
  readonly bundleSignatures: RecordedSignature[] = [];
  readonly segments: SignedSegment[] = [];
  /** The highest sequence of a bundle that may have been published though the authority doesn't hold it. */
  sequenceFloor = 0;
  /** Unix seconds; undefined if the record didn't begin with a bundle. */
  rebuiltSeconds: number | undefined;
  readonly settingsHistory: SettingsAt[] = [];

  /** Whether neither a root nor a bundle is on record. */
  #alone = true;
  readonly #firstIn = new Map<string, string>();
  readonly #reader: FolderReader;

  constructor(reader: FolderReader) {
    this.#reader = reader;
  }

  /**
   * Adds the next transcript. Even if it is not believed, the files that it names count as recorded, since they too
   * must be explained.
   */
  add(transcript: InLedger): void {
    const { file, place, parsed } = transcript;
    const fault = faultIn(this.#reader.dir, transcript);
    if (fault !== undefined) this.#reader.find(file, fault);
    const atSeconds = parsed.entries.at(-1)?.atSeconds ?? 0;
    for (const segment of segmentsOf(parsed.entries)) {
      if (fault === undefined) this.segments.push({ ...segment, transcript: file, alone: this.#alone });
      for (const one of segment.files) this.#addFile(file, one, atSeconds);
      for (const one of segment.events) this.#addEvent(one, place, file);
    }
  }

  #addFile(transcript: string, { path, sha256, final }: RecordedFile, atSeconds: number): void {
    const kind = recordedKind(path);
    if (kind === 'root' || kind === 'bundle') this.#alone = false;
    if (kind === 'request') this.requests.set(path, { file: path, sha256, atSeconds });
    if (!final || (!isLasting(path) && kind !== 'plan')) return;
    const before = this.recorded.get(path);
    if (before === undefined) {
      this.recorded.set(path, sha256);
      this.#firstIn.set(path, transcript);
    } else if (before !== sha256) {
      this.#reader.find(
        transcript,
        `it says of ${path} what ${this.#firstIn.get(path) ?? 'another'} does not: a file is recorded once, and this is another hash`,
      );
    }
  }

  #addEvent({ event, fields, atSeconds, seq }: TranscriptEntry, place: number, transcript: string): void {
    if (event === 'rebuild') {
      this.rebuiltSeconds ??= atSeconds;
      this.sequenceFloor = Math.max(this.sequenceFloor, fields.sequence_floor);
    }
    if (event === 'settings') this.settingsHistory.push({ sha256: fields.sha256, values: fields.values, place });
    if (event !== 'sign' || fields.what !== 'bundle') return;
    const { sequence, kid, signed_sha256: signedSha256 } = fields;
    this.bundleSignatures.push({ sequence, kid, signedSha256, where: `${transcript}, ${lineOf(seq)}` });
  }
}
