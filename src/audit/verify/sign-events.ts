/** The signatures that a transcript records, held against those that are in its files. */
import { textField } from '../../codec/strict-json.js';
import type { TranscriptEntry } from '../../authority/formats/transcript.js';
import type { GoodSignature } from './signed-files.js';

/**
 * `matched`: a file that the transcript names bears that signature. `contradicted`: it bears one over the same bytes by
 * another key.
 */
export interface SignEvent {
  readonly seq: number;
  /** What was signed, as the event says. */
  readonly what: string;
  readonly state: 'matched' | 'contradicted' | 'unmatched';
  /** The file that it is matched with, or contradicted by. */
  readonly file?: string;
  readonly why?: string;
}

export function signEvents(entries: readonly TranscriptEntry[], good: readonly GoodSignature[]): readonly SignEvent[] {
  return entries.filter(({ event }) => event === 'sign').map((entry) => signEvent(entry, good));
}

function signEvent({ seq, fields }: TranscriptEntry, good: readonly GoodSignature[]): SignEvent {
  const what = textField(fields, 'what') ?? 'something';
  const [signed, key, kid] = ['signed_sha256', 'public_key_sha256', 'kid'].map((name) => textField(fields, name));
  if (signed === undefined) return { seq, what, state: 'unmatched', why: 'the event has no signed_sha256' };
  const overTheSame = good.filter(({ signedSha256 }) => signedSha256 === signed);
  const [other] = overTheSame;
  if (other === undefined) {
    return { seq, what, state: 'unmatched', why: 'no file that could be looked at bears a signature over those bytes' };
  }
  const fits = overTheSame.find(
    (one) =>
      (key === undefined || one.publicKeySha256 === key) &&
      (kid === undefined || one.kid === undefined || one.kid === kid),
  );
  if (fits !== undefined) return { seq, what, state: 'matched', file: fits.path };
  return {
    seq,
    what,
    state: 'contradicted',
    file: other.path,
    why: 'its signature over those bytes is by another key',
  };
}
