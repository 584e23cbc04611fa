/** A witness signs a finished transcript with an SSH key, here or on a machine of their own. */
import { basename } from 'node:path';
import { checkCreatableAnywhere, createAnywhere } from '../../authority/ground/anywhere.js';
import { checkPrincipal, signaturePath } from '../../ceremony/people/principals.js';
import { signFile, verifyDetached, verifyUnattributed } from '../../ceremony/people/ssh-signature.js';
import { CeremonyError, couldNot, refused } from '../../common/errors.js';
import type { TranscriptReport } from './transcript-report.js';
import { type TranscriptQuestion, verifyTranscript } from './verify-transcript.js';

export interface SigningOptions extends Omit<TranscriptQuestion, 'require'> {
  readonly principal: string;
  /** The file of a private key or, for a key in the agent, of its public key. */
  readonly key: string;
}

export interface SignedByWitness {
  readonly report: TranscriptReport;
  /** The signature's file. */
  readonly file: string;
  /** `SHA256:…` */
  readonly fingerprint: string;
  /** Whether an allowed_signers file says that the key belongs to this principal. */
  readonly attributed: boolean;
}

/**
 * Verifies the transcript as far as possible here, asks `confirm`, signs, verifies the signature, and creates its file
 * beside the transcript. Errors: those of `verifyTranscript` and `signFile`, `broken-transcript` with findings,
 * `file-exists`, `not-allowed-signer`, those of `confirm`.
 */
export async function signTranscript(
  wanted: SigningOptions,
  confirm: (report: TranscriptReport, file: string) => Promise<void>,
): Promise<SignedByWitness> {
  const principal = checkPrincipal(wanted.principal);
  const file = signaturePath(wanted.path, principal);
  const report = verifyTranscript(wanted);
  const { transcript, allowedSigners } = report;
  mustBeWhole(report);
  checkCreatableAnywhere(file);
  await confirm(report, file);

  const { bytes: content, namespace, endSeconds: atSeconds } = transcript;
  const signature = signFile({ content, name: basename(wanted.path), namespace, key: wanted.key });
  const question = { content, signature, namespace };
  const own = verifyUnattributed(question);
  if (own.state === 'invalid') {
    throw couldNot('ssh-signing-failed', `the signature that ssh-keygen made does not count: ${own.why}`, {
      hint: 'Nothing was written. Sign with another key, or on another machine.',
    });
  }
  if (allowedSigners !== undefined) {
    const verdict = verifyDetached({ ...question, principal, allowedSigners: allowedSigners.bytes, atSeconds });
    if (verdict.state === 'invalid') {
      throw refused(
        'not-allowed-signer',
        `the signature would not count as one of ${principal}: ${verdict.why} (the key is ${own.fingerprint})`,
        {
          hint: `Nothing was written. Sign with the key that ${allowedSigners.path} has for ${principal}, or have that file corrected.`,
        },
      );
    }
  }
  createBeside(file, signature);
  return { report, file, fingerprint: own.fingerprint, attributed: allowedSigners !== undefined };
}

/**
 * Refuses a transcript with any fault except in other people's signatures: nobody should sign it. Error:
 * `broken-transcript`.
 */
function mustBeWhole({ transcript, findings }: TranscriptReport): void {
  const faults = findings.filter(({ rule }) => rule !== 'witness');
  const [first, ...others] = faults;
  if (first === undefined) return;
  const what = others.length === 0 ? first.message : `${String(faults.length)} things are wrong with it`;
  throw refused('broken-transcript', `${transcript.path} is not signed: ${what}`, {
    findings: faults,
    hint: 'Sign nothing. Compare the authority with a copy, and find out what changed it.',
  });
}

/**
 * Creates the signature without the authority's lock: it changes nothing in the authority, and may be made where the
 * folder is all there is. A command that is running there may remove its temporary file as a crash's leftover, and then
 * it is made again.
 */
function createBeside(file: string, signature: Uint8Array): void {
  for (let attempt = 1; ; attempt++) {
    try {
      createAnywhere(file, signature);
      return;
    } catch (error) {
      if (attempt >= 5 || !(error instanceof CeremonyError) || error.code !== 'file-not-found') throw error;
    }
  }
}
