/** What no check of files can show. It is said every time, so that nobody takes a good verdict for more than it is. */
import type { TranscriptReport } from './transcript-report.js';

/** Returns the caveats, one sentence each. */
export function caveatsOf({
  transcript,
  dir,
  link,
  files,
  signed,
  signEvents,
  allowedSigners,
  counted,
}: Omit<TranscriptReport, 'findings' | 'caveats'>): readonly string[] {
  const sentences: string[] = [];
  if (counted === 0) {
    sentences.push(
      'No valid signature of a witness: whoever can write the folder can have rewritten all of this, at any time.',
    );
  }
  if (dir === undefined)
    sentences.push(
      'The authority is not at hand: neither the files that it names nor the transcript before it were checked.',
    );
  else if (link.state === 'unchecked') sentences.push(`Whether a transcript was left out before it: ${link.why}.`);
  const unseen = dir === undefined ? [] : files.filter(({ state }) => state === 'unchecked' || state === 'missing');
  if (unseen.length > 0)
    sentences.push(`Files that it names and that are not here: ${unseen.map(({ path }) => path).join(', ')}.`);
  for (const { path, why } of signed.unchecked) sentences.push(`${path}: ${why}.`);
  const loose = signEvents.filter(({ state }) => state === 'unmatched');
  if (loose.length > 0) {
    const lines = loose.map(({ seq, what }) => `${String(seq + 1)} (${what})`).join(', ');
    sentences.push(
      `Signatures on record that no file at hand bears, in line ${lines}: what became of them is not known.`,
    );
  }
  if (allowedSigners?.fromAuthority === true && counted > 0) {
    sentences.push(
      'The allowed_signers file is in the authority, where whoever can change the transcript can change it too: verify by a copy of your own.',
    );
  }
  return [
    ...sentences,
    'Times are those of the clock of the machine; witnesses who sign vouch that they saw it right.',
    'That the people it names were there and did what it says; that a signature was made at the ceremony, and not later.',
    'That nothing else was signed with the same keys, on this machine or elsewhere.',
    'That the program and the machine did what they say: compare the hashes on record with a copy from elsewhere.',
    ...(transcript.rehearsal ? ['This is a rehearsal: nothing in it is real.'] : []),
  ];
}
