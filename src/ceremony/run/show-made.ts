/** Keeps the fingerprint of what a step made on the screen until it is on paper, from which it is compared later. */
import { readInside } from '../../authority/ground/inside.js';
import { fromHex, toHex } from '../../common/bytes.js';
import { CeremonyError } from '../../common/errors.js';
import { MAX_CREDENTIAL_FILE } from '../../common/files.js';
import { toPgpWords } from '../../common/pgp-words.js';
import { decodeCredentialFile } from '../../credential/credential-file.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import type { StepResult } from '../script/step-operations.js';
import { byWhom, goesOn, type RunningCeremony, type Task } from '../steps/step.js';
import { mayStop } from './stopping.js';

const CREDENTIALS = ['as_credential', 'intermediate_as_credential'] as const;

export interface MadeCredential {
  /** Relative to the authority. */
  readonly file: string;
  /** In hex. */
  readonly fingerprint: string;
}

/** Returns the roots and intermediates among the files that a step wrote. */
export function credentialsIn(dir: string, files: readonly string[]): readonly MadeCredential[] {
  return files
    .filter((file) => file.startsWith('credentials/'))
    .map((file) => {
      const bytes = readInside(dir, file, MAX_CREDENTIAL_FILE);
      return { file, fingerprint: toHex(fingerprintOf(decodeCredentialFile(bytes, CREDENTIALS))) };
    });
}

/** Shows each, and records who wrote it down. If interrupted (kind `interrupted`), it is shown again by `resume`. */
export async function showMade(ceremony: RunningCeremony, task: Task, { files }: StepResult): Promise<void> {
  for (const made of credentialsIn(ceremony.dir, files)) await showOne(ceremony, task, made);
}

async function showOne(ceremony: RunningCeremony, task: Task, { file, fingerprint }: MadeCredential): Promise<void> {
  const { dialogue, transcript } = ceremony;
  const note = (answer?: string): void => {
    transcript.add('fingerprint', {
      step: task.planned.n,
      file,
      fingerprint,
      words: toPgpWords(fromHex(fingerprint) ?? new Uint8Array()).join(' '),
      ...(answer === undefined ? {} : { answer }),
      by: byWhom(ceremony, task),
    });
  };
  if (!dialogue.present) {
    note();
    return;
  }
  for (;;) {
    dialogue.clear();
    dialogue.say(`The fingerprint of ${file}, to be written down on paper:`);
    await dialogue.showFingerprint(fingerprint, { digits: true });
    try {
      const outcome = await goesOn(ceremony, 'Enter when all of its digits are on paper', note);
      if (outcome.kind === 'done') break;
    } catch (error) {
      if (!(error instanceof CeremonyError) || error.kind !== 'interrupted') throw error;
      await mayStop(ceremony, task.planned.n, error);
    }
  }
  // From now on it is read from the paper.
  dialogue.clear();
}
