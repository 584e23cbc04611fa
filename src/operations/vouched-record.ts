/** How far somebody outside of the folder vouches for the record: a memory, or the last witnesses who signed. What comes after that is said. */
import { formatTime } from '../common/time.js';
import type { Authority } from '../authority/authority.js';
import type { Remembered } from '../authority/memory.js';
import { settingsChanges } from '../authority/settings-record.js';

/** The newest transcript that bears a valid signature of a witness; or why none could be looked for. */
export type LastWitnessed = { readonly file: string } | { readonly none: string };

/** What is known outside of the folder. */
export interface Outside {
  /** A text where it is there and can't be read; undefined where there is none. */
  readonly remembered: Remembered | string | undefined;
  /** Other records of the same domain that are remembered. */
  readonly others: readonly Remembered[];
  /** Asked only where nothing is remembered. */
  readonly lastWitnessed: () => LastWitnessed;
}

export interface RecordVerdict {
  /** Sentences for whoever is about to sign. */
  readonly said: readonly string[];
  /** Why the record is not the one that is remembered. */
  readonly rewritten: string | undefined;
}

/** The highest sequence of a bundle that may be out, as far as an authority knows. */
export function highestSequence({ bundles, bundleSignatures, sequenceFloor }: Authority): number {
  return Math.max(
    sequenceFloor,
    ...bundles.map(({ number }) => number),
    ...bundleSignatures.map(({ sequence }) => sequence),
  );
}

export function judgeRecord(authority: Authority, outside: Outside): RecordVerdict {
  const { remembered, others, lastWitnessed } = outside;
  if (remembered !== undefined && typeof remembered !== 'string') return besideMemory(authority, remembered);
  const known = [...others].sort((a, b) => b.atSeconds - a.atSeconds)[0];
  const damaged =
    typeof remembered === 'string' ? [`What was remembered of this record is damaged: ${remembered}.`] : [];
  const rewritten =
    known === undefined
      ? undefined
      : `nothing is remembered of a record that begins as this one does, and another record of ${known.domain} is: its head was ${known.head} (${formatTime(known.atSeconds)}), its highest bundle ${String(known.sequence)}`;
  return { said: [...damaged, ...sinceWitnesses(authority, lastWitnessed())], rewritten };
}

function besideMemory(authority: Authority, { head, sequence, atSeconds }: Remembered): RecordVerdict {
  const { transcripts, newestSeconds = 0 } = authority;
  const place = transcripts.placeOf(head);
  const then = formatTime(atSeconds);
  if (place === undefined) return { said: [], rewritten: lostHead({ head, atSeconds }) };
  const highest = highestSequence(authority);
  if (highest < sequence) {
    const what = `bundle ${String(sequence)} was signed, and the highest that this record knows is ${String(highest)}`;
    return { said: [], rewritten: what };
  }
  if (newestSeconds < atSeconds) {
    const what = `the record went on until ${then}, and ends at ${formatTime(newestSeconds)} now: its clock was set back`;
    return { said: [], rewritten: what };
  }
  return { said: since(authority, place, 'it was last changed by this user on this machine'), rewritten: undefined };
}

/** Of a head that is remembered, and is nowhere in the record. */
export function lostHead({ head, atSeconds }: Pick<Remembered, 'head' | 'atSeconds'>): string {
  return `the record that was last changed here, at ${formatTime(atSeconds)}, had the head ${head}, which is nowhere in this one`;
}

function sinceWitnesses(authority: Authority, last: LastWitnessed): readonly string[] {
  const { files } = authority.transcripts;
  const nothing = 'Nothing is remembered of this record on this machine.';
  if ('none' in last)
    return [
      nothing,
      `No witness vouches for any of its ${String(files.length)} transcripts: ${last.none}.`,
      ...recordedChanges(authority, 0).map((change) => `authority.yaml changed since the first of them: ${change}`),
    ];
  const after = since(authority, files.indexOf(last.file), 'witnesses last signed');
  const whole = after.length === 0 ? ['Nothing came after it.'] : after;
  return [nothing, `The last transcript that a witness signed is ${last.file}.`, ...whole];
}

/** What came after a transcript, in sentences; none where it is the newest. */
function since(authority: Authority, place: number, when: string): readonly string[] {
  const { transcripts } = authority;
  const later = transcripts.files.slice(place + 1).map((file) => file.slice('transcripts/'.length));
  if (later.length === 0) return [];
  const shown = later.length > SHOWN ? `${later.slice(-SHOWN).join(', ')} and older ones` : later.join(', ');
  return [
    `${String(later.length)} transcript${later.length === 1 ? ' was' : 's were'} added since ${when}: ${shown}. Nothing but the folder vouches for ${later.length === 1 ? 'it' : 'them'}.`,
    ...recordedChanges(authority, place).map((change) => `authority.yaml changed since then: ${change}`),
  ];
}

/** How authority.yaml differs from what was recorded of it up to a transcript; none where nothing was recorded of it since. */
function recordedChanges({ settingsHistory, settingsState }: Authority, place: number): readonly string[] {
  const before = settingsHistory.filter((one) => one.place <= place).at(-1);
  const isNewer = settingsHistory.some((one) => one.place > place);
  return isNewer && before !== undefined ? settingsChanges(before.values, settingsState.values) : [];
}

const SHOWN = 5;
