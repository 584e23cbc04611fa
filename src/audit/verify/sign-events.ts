/** Compares the signatures that a transcript records with those in its files. */
import { type EntryOf, eventsOf, type TranscriptEntry } from '../../authority/formats/transcript.js';
import type { JsonObject } from '../../codec/strict-json.js';
import type { GoodSignature } from './signed-files.js';

/**
 * `matched`: a file that the transcript names bears that signature. `contradicted`: a file bears one over the same
 * bytes by another key.
 */
export interface SignEvent {
  readonly seq: number;
  /** What was signed, as the event says. */
  readonly what: string;
  readonly state: 'matched' | 'contradicted' | 'unmatched';
  /** The file that matches or contradicts it. */
  readonly file?: string;
  readonly why?: string;
}

export function signEvents(entries: readonly TranscriptEntry[], good: readonly GoodSignature[]): readonly SignEvent[] {
  const bySigned = new Map<string, GoodSignature[]>();
  const seen = new Set<string>();
  for (const one of good) {
    // One signature in many files is looked at once.
    const key = JSON.stringify([one.signedSha256, one.kid, one.publicKeySha256, one.says]);
    if (seen.has(key)) continue;
    seen.add(key);
    const same = bySigned.get(one.signedSha256);
    if (same === undefined) bySigned.set(one.signedSha256, [one]);
    else same.push(one);
  }
  return eventsOf(entries, 'sign').map((entry) => signEvent(entry, bySigned.get(entry.fields.signed_sha256) ?? []));
}

function signEvent({ seq, fields }: EntryOf<'sign'>, overTheSame: readonly GoodSignature[]): SignEvent {
  const { what } = fields;
  const [other] = overTheSame;
  if (other === undefined) {
    return { seq, what, state: 'unmatched', why: 'no file that could be checked has a signature over those bytes' };
  }
  const byIt = overTheSame.filter((one) =>
    fields.what === 'bundle' ? one.kid === fields.kid : one.publicKeySha256 === fields.public_key_sha256,
  );
  const fits = byIt.find((one) => differing(one, fields) === undefined);
  if (fits !== undefined) return { seq, what, state: 'matched', file: fits.path };
  const [same = other] = byIt;
  return {
    seq,
    what,
    state: 'contradicted',
    file: same.path,
    why:
      byIt.length === 0
        ? 'its signature over those bytes is by another key'
        : `its signature over those bytes has another ${differing(same, fields) ?? ''}`,
  };
}

/** The name of a field in which an event differs from the signature in the file. */
function differing({ says }: GoodSignature, fields: JsonObject): string | undefined {
  return Object.entries(says)
    .find(([name, value]) => fields[name] !== value)?.[0]
    .replaceAll('_', ' ');
}
