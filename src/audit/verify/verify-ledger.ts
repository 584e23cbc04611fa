/** Verifies all transcripts of an authority as one record, and the witnesses' signatures that anchor it. */
import { resolve } from 'node:path';
import { openAuthority } from '../../authority/authority.js';
import { FolderReader } from '../../authority/folders/folder-reader.js';
import { checkGround } from '../../authority/ground/check-ground.js';
import { existsInside } from '../../authority/ground/inside.js';
import {
  ALLOWED_SIGNERS_FILE,
  FOLDERS,
  inAuthority,
  PENDING_FILE,
  SETTINGS_FILE,
} from '../../authority/ground/layout.js';
import { pendingState, type Recovery } from '../../authority/journal/recovery.js';
import { readLedger, type TranscriptFolder } from '../../authority/ledger/ledger.js';
import { type AllowedSigners, allowedSignersFor } from '../../ceremony/people/allowed-signers.js';
import { textField } from '../../codec/strict-json.js';
import { CeremonyError, couldNot, type Finding } from '../../common/errors.js';
import { readFinished } from './finished.js';
import { type Witness, witnessesOf } from './witnesses.js';

interface SignedTranscript {
  /** Relative to the authority. */
  readonly file: string;
  readonly head: string;
  readonly rehearsal: boolean;
  readonly witnesses: readonly Witness[];
}

export interface LedgerReport {
  /** Absolute. */
  readonly dir: string;
  /** As the first transcript recorded it; undefined if it didn't. */
  readonly domain: string | undefined;
  readonly transcripts: TranscriptFolder;
  /** Unix seconds; undefined if there is no transcript. */
  readonly newestSeconds: number | undefined;
  /** The highest sequence of a bundle that is here, or was signed. */
  readonly highestSequence: number;
  /** What is wrong with the record; it is in order if this is empty. */
  readonly findings: readonly Finding[];
  readonly allowedSigners: AllowedSigners | undefined;
  /** Transcripts that ask for signatures or bear some; oldest first. */
  readonly signed: readonly SignedTranscript[];
  /** The newest transcript with somebody's valid signature: nobody can have changed it since, or anything before it. */
  readonly anchor: SignedTranscript | undefined;
  /** How many transcripts follow the anchor (all, if there is none). */
  readonly unanchored: number;
  /** What an interrupted command left. */
  readonly pending: Recovery | undefined;
}

/**
 * Verifies the ledger. Errors: `no-authority`, `no-ssh-keygen`, `ssh-keygen`, those of files. What is wrong with the
 * record itself is a finding.
 */
export async function verifyLedger(dir: string, allowedSignersFile: string | undefined): Promise<LedgerReport> {
  const root = resolve(dir);
  if (!existsInside(root, SETTINGS_FILE)) {
    throw couldNot('no-authority', `${root} is not an authority: it has no ${SETTINGS_FILE}`, {
      hint: 'Name the authority.',
      remedies: [{ option: 'dir' }],
    });
  }
  checkGround(root);
  const reader = new FolderReader(root);
  try {
    const report = reportOf(reader, allowedSignersFile);
    // As strict as the commands that work on it: a record that they would call damaged is not in order.
    return report.findings.length > 0 ? report : { ...report, findings: await faultsOf(root) };
  } finally {
    reader.close();
  }
}

async function faultsOf(root: string): Promise<readonly Finding[]> {
  try {
    await openAuthority(root);
    return [];
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    const { code, message, findings } = error;
    return findings.length > 0 ? findings : [{ rule: 'authority-file', code, message }];
  }
}

function reportOf(reader: FolderReader, allowedSignersFile: string | undefined): LedgerReport {
  const root = reader.dir;
  reader.readTop();
  const isHidden = [ALLOWED_SIGNERS_FILE, PENDING_FILE, ...FOLDERS].some((name) => reader.hasFound(name));
  const ownSigners = reader.hasFound(ALLOWED_SIGNERS_FILE) ? undefined : root;
  const allowedSigners = allowedSignersFor(allowedSignersFile, ownSigners);
  for (const folder of FOLDERS) if (folder !== 'transcripts') reader.findFaults(folder);
  const { transcripts, settingsHistory, newestSeconds, sequenceFloor, bundleSignatures } = readLedger(reader);
  const bundles = reader.list('bundles').map((name) => Number(/^bundle-(\d+)\.cose$/.exec(name)?.[1] ?? 0));
  reader.settle();
  const signed = transcripts.files.flatMap((file) => signedTranscript(reader, root, file, allowedSigners));
  const at = signed.findLastIndex(({ witnesses }) => witnesses.some(({ state }) => state === 'valid'));
  const anchor = signed[at];
  const place = anchor === undefined ? -1 : transcripts.files.indexOf(anchor.file);
  return {
    dir: root,
    domain: textField(settingsHistory[0]?.values ?? {}, 'domain'),
    transcripts,
    newestSeconds,
    highestSequence: Math.max(sequenceFloor, ...bundles, ...bundleSignatures.map(({ sequence }) => sequence)),
    findings: reader.findings,
    allowedSigners,
    signed,
    anchor,
    unanchored: transcripts.files.length - place - 1,
    pending: isHidden ? undefined : pendingState(root),
  };
}

function signedTranscript(
  reader: FolderReader,
  dir: string,
  file: string,
  allowedSigners: AllowedSigners | undefined,
): readonly SignedTranscript[] {
  try {
    const finished = readFinished(inAuthority(dir, file));
    const witnesses = witnessesOf(finished, allowedSigners?.bytes);
    for (const { principal, state, why = '' } of witnesses) {
      if (state === 'invalid') reader.find(file, `the signature of ${principal}: ${why}`, 'bad-witness-signature');
    }
    return witnesses.length === 0 ? [] : [{ file, head: finished.head, rehearsal: finished.rehearsal, witnesses }];
  } catch (error) {
    // The newest one may have no end yet; anything else that is wrong was found before.
    if (!(error instanceof CeremonyError) || (error.kind !== 'refused' && !reader.hasFound(file))) throw error;
    return [];
  }
}
