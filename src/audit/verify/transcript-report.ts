/** The report on one transcript. */
import type { AllowedSigners } from '../../ceremony/people/allowed-signers.js';
import type { Finding } from '../../common/errors.js';
import type { FinishedTranscript } from './finished.js';
import type { FileState, NamedFile } from './named-files.js';
import type { SignEvent } from './sign-events.js';
import type { SignedFileReport } from './signed-files.js';
import type { Link } from './transcript-link.js';
import type { Witness } from './witnesses.js';

export interface LookedAt extends NamedFile {
  readonly state: FileState;
  readonly why?: string | undefined;
}

export interface TranscriptReport {
  readonly transcript: FinishedTranscript;
  /** The authority with which it was compared. */
  readonly dir: string | undefined;
  readonly link: Link;
  readonly files: readonly LookedAt[];
  readonly signed: SignedFileReport;
  readonly signEvents: readonly SignEvent[];
  readonly allowedSigners: AllowedSigners | undefined;
  readonly witnesses: readonly Witness[];
  /** The number of valid signatures by different people with different keys. */
  readonly counted: number;
  /** What is wrong; the transcript is good if this is empty. */
  readonly findings: readonly Finding[];
  /** What no file can show, one sentence each. */
  readonly caveats: readonly string[];
}
