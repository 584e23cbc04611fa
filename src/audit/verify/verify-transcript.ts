/**
 * Finds everything that whoever holds one finished transcript can find out about it. Every fault is a finding, and none
 * hides another.
 */
import { whyStrange } from '../../authority/events/event.js';
import { eventsOf } from '../../authority/formats/transcript.js';
import { isLasting } from '../../authority/ground/layout.js';
import { allowedSignersFor } from '../../ceremony/people/allowed-signers.js';
import type { Code } from '../../common/codes.js';
import { couldNot, type Finding } from '../../common/errors.js';
import type { Engines } from '../../credential/checks.js';
import { caveatsOf } from './caveats.js';
import { readFinished } from './finished.js';
import { lookAt, namedFiles } from './named-files.js';
import { signEvents } from './sign-events.js';
import { checkSignedFiles, holdsSignatures, type SignedFile } from './signed-files.js';
import { authorityOf, linkOf } from './transcript-link.js';
import type { LookedAt, TranscriptReport } from './transcript-report.js';
import { witnessesOf } from './witnesses.js';

export interface TranscriptQuestion {
  readonly path: string;
  /** The authority that was named. */
  readonly dir?: string | undefined;
  /** Where to look for an authority if the transcript isn't in one. */
  readonly fallbackDir: string;
  readonly allowedSigners?: string | undefined;
  /** How many valid signatures are required, of different people and keys. */
  readonly require?: number | undefined;
  readonly engines: Engines;
}

/**
 * Verifies the transcript. Errors: `bad-transcript` if its form or chain is broken or its end is missing,
 * `bad-principal`, `no-allowed-signers`, `no-ssh-keygen`, `ssh-keygen`, `engines-disagree`, those of files.
 */
export function verifyTranscript(question: TranscriptQuestion): TranscriptReport {
  const transcript = readFinished(question.path);
  const dir = authorityOf(question.path, question.dir, question.fallbackDir);
  const allowedSigners = allowedSignersFor(question.allowedSigners, dir);
  if (question.require !== undefined && allowedSigners === undefined) {
    throw couldNot(
      'no-allowed-signers',
      'signatures are required, but there is no allowed_signers file that says whose keys count',
      {
        hint: 'Name one, or put it into the authority.',
        remedies: [{ option: 'allowed-signers' }],
      },
    );
  }
  const here: SignedFile[] = [];
  const files = namedFiles(transcript.entries).map((file): LookedAt => {
    const { state, bytes, why } = lookAt(file, dir);
    if (bytes !== undefined && holdsSignatures(file.path)) here.push({ path: file.path, bytes });
    return { ...file, state, why };
  });
  const found = {
    transcript,
    dir,
    link: linkOf(transcript, dir),
    files,
    signed: checkSignedFiles(here, dir, question.engines),
    allowedSigners,
    witnesses: witnessesOf(transcript, allowedSigners?.bytes),
  };
  const events = signEvents(transcript.entries, found.signed.good);
  const counted = found.witnesses.filter(({ counts }) => counts).length;
  const report = { ...found, signEvents: events, counted };
  return {
    ...report,
    findings: findingsOf(report, question.require ?? 0),
    caveats: caveatsOf(report),
  };
}

function findingsOf(report: Omit<TranscriptReport, 'findings' | 'caveats'>, required: number): readonly Finding[] {
  const { transcript, link, files, signed, signEvents: events, witnesses, counted } = report;
  const findings: Finding[] = [];
  const find = (rule: string, code: Code, message: string): number => findings.push({ rule, code, message });
  const line = (seq: number): string => `line ${String(seq + 1)}`;
  for (const strange of eventsOf(transcript.entries, 'strange'))
    find('form', 'bad-transcript', `${line(strange.seq)}: ${whyStrange(strange)}`);
  const back = transcript.entries.find(
    ({ atSeconds, seq }) => atSeconds < (transcript.entries[seq - 1]?.atSeconds ?? 0),
  );
  if (back !== undefined)
    find('time', 'bad-transcript', `${line(back.seq)}: its time is before that of the line above`);
  if (link.state === 'broken') findings.push({ rule: 'link', code: 'broken-link', message: link.why });
  for (const { path, seq, state, why } of files) {
    const gone = state === 'missing' && isLasting(path);
    if (state !== 'changed' && !gone) continue;
    const what = gone ? 'it is missing' : `it is not the file that was recorded${why === undefined ? '' : ` (${why})`}`;
    findings.push({ rule: 'file', code: 'files-changed', message: `${path} (${line(seq)}): ${what}` });
  }
  for (const { path, code, message } of signed.faults) find('file-signature', code, `${path}: ${message}`);
  for (const { seq, state, file = '', why = '' } of events)
    if (state === 'contradicted') find('sign-event', 'bad-transcript', `${line(seq)}: ${file}: ${why}`);
  for (const { principal, state, why = '' } of witnesses) {
    if (state !== 'invalid') continue;
    findings.push({ rule: 'witness', code: 'bad-witness-signature', message: `the signature of ${principal}: ${why}` });
  }
  if (counted < required) {
    const message = `of ${String(required)} required valid signatures, by different people with different keys, ${String(counted)} ${counted === 1 ? 'is' : 'are'} there`;
    findings.push({ rule: 'witness', code: 'witnesses-missing', message });
  }
  return findings;
}
