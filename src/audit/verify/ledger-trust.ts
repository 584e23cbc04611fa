/**
 * How far something outside the folder confirms the record: a memory, or the last witnesses who signed. Whatever came
 * after that is reported.
 */
import type { Authority } from '../../authority/authority.js';
import { type RecordedKind, recordedKind } from '../../authority/events/writes.js';
import { settingsChanges } from '../../authority/formats/recorded-settings.js';
import type { PutOnRecord } from '../../authority/ledger/lines-so-far.js';
import type { Remembered } from '../../authority/memory.js';
import { formatTime } from '../../common/time.js';

/** The newest transcript with a valid signature of a witness, or why there is none. */
export type LastWitnessed = { readonly file: string } | { readonly none: string };

/** As much of a record as is compared with a memory. */
export interface LedgerEnd {
  readonly transcripts: Pick<Authority['transcripts'], 'first' | 'positionOf'>;
  readonly newestSeconds: number | undefined;
  /** The highest sequence of a bundle that may have been published. */
  readonly highestSequence: number;
}

/** What is known outside the folder. */
export interface Outside {
  /** A text if it exists but cannot be read; undefined if it does not exist. */
  readonly remembered: Remembered | string | undefined;
  /** Other remembered records of the same domain. */
  readonly others: readonly Remembered[];
  /** Called only if nothing is remembered. */
  readonly lastWitnessed: () => LastWitnessed;
}

export interface LedgerVerdict {
  /** Sentences for whoever is about to sign. */
  readonly said: readonly string[];
  /** Why the record is not the one that is remembered. */
  readonly rewritten: string | undefined;
  /**
   * What changes whom clients trust, and was put on record since it was remembered: people say whether it is theirs.
   */
  readonly unvouched: readonly PutOnRecord[];
}

/** Returns the highest sequence of a bundle that may have been published, as far as an authority knows. */
function highestSequence({
  bundles,
  bundleSignatures,
  sequenceFloor,
}: Pick<Authority, 'bundles' | 'bundleSignatures' | 'sequenceFloor'>): number {
  return Math.max(
    sequenceFloor,
    ...bundles.map(({ number }) => number),
    ...bundleSignatures.map(({ sequence }) => sequence),
  );
}

/**
 * As `highestSequence`, but ignores signatures whose number the record's own time has not reached: no client holds such
 * a bundle yet, and a planted line of that kind would outlast the record in a memory. It is never above
 * `highestSequence` of the same record or of its continuations.
 */
export function sequenceToRemember(authority: Authority): number {
  const { bundleSignatures, newestSeconds = 0 } = authority;
  const reached = bundleSignatures.filter(({ sequence }) => sequence <= newestSeconds);
  return highestSequence({ ...authority, bundleSignatures: reached });
}

export function judgeLedger(authority: Authority, outside: Outside): LedgerVerdict {
  const { remembered, lastWitnessed } = outside;
  const rewritten = whyRewritten(endOf(authority), outside);
  if (remembered !== undefined && typeof remembered !== 'string') {
    const place = authority.transcripts.positionOf(remembered.head);
    const said =
      rewritten === undefined && place !== undefined
        ? since(
            authority,
            authority.transcripts.isHead(remembered.head) ? place : place - 1,
            'it was last changed by this user on this machine',
          )
        : [];
    const later = rewritten === undefined ? authority.transcripts.recordedAfter(remembered.head) : [];
    return { said, rewritten, unvouched: later.filter(isDeciding) };
  }
  const damaged =
    typeof remembered === 'string' ? [`What was remembered of this record is damaged: ${remembered}.`] : [];
  return { said: [...damaged, ...sinceWitnesses(authority, lastWitnessed())], rewritten, unvouched: [] };
}

/**
 * Returns whether a file changes what the next bundle does without anybody asking. It lists roots, or commits to those
 * in reserve, and includes revocations; a key record says what was made here, and its marks that it signs nothing any
 * more. Anything else shows in the signature or in the words of the preview.
 */
function isDeciding({ path }: PutOnRecord): boolean {
  const kind = recordedKind(path);
  return kind !== undefined && DECIDING.includes(kind);
}

const DECIDING: readonly RecordedKind[] = ['root', 'reserve', 'key', 'key-mark', 'revocation'];

export function endOf(authority: Authority): LedgerEnd {
  const { transcripts, newestSeconds } = authority;
  return { transcripts, newestSeconds, highestSequence: highestSequence(authority) };
}

/** Returns why a record is not the one that is remembered, or undefined if it is, or if nothing is remembered. */
export function whyRewritten(
  end: LedgerEnd,
  { remembered, others }: Pick<Outside, 'remembered' | 'others'>,
): string | undefined {
  if (remembered !== undefined && typeof remembered !== 'string') return besideMemory(end, remembered);
  const known = [...others].sort((a, b) => b.atSeconds - a.atSeconds)[0];
  if (known === undefined) return undefined;
  return `nothing is remembered of a record that begins as this one does, and another record of ${known.domain} is: its head was ${known.head} (${formatTime(known.atSeconds)}), its highest bundle ${String(known.sequence)}`;
}

function besideMemory(
  { transcripts, newestSeconds = 0, highestSequence: highest }: LedgerEnd,
  { head, sequence, atSeconds }: Remembered,
): string | undefined {
  const then = formatTime(atSeconds);
  if (transcripts.positionOf(head) === undefined)
    return `the record that was last changed here, at ${then}, had the head ${head}, which is nowhere in this one`;
  if (highest < sequence)
    return `bundle ${String(sequence)} was signed, and the highest that this record knows is ${String(highest)}`;
  if (newestSeconds < atSeconds)
    return `the record went on until ${then}, and ends at ${formatTime(newestSeconds)} now: its clock was set back`;
  return undefined;
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

/**
 * Returns sentences about what came after a transcript; empty if it is the newest. If it was still open then and has
 * grown since, that counts as coming after the one before it.
 */
function since(authority: Authority, place: number, when: string): readonly string[] {
  const { transcripts } = authority;
  const later = transcripts.files.slice(place + 1).map((file) => file.slice('transcripts/'.length));
  if (later.length === 0) return [];
  const shown = later.length > SHOWN ? `${later.slice(-SHOWN).join(', ')} and older ones` : later.join(', ');
  return [
    `${String(later.length)} transcript${later.length === 1 ? ' was' : 's were'} added, or went on, since ${when}: ${shown}. Nothing but the folder vouches for ${later.length === 1 ? 'it' : 'them'}.`,
    ...recordedChanges(authority, place).map((change) => `authority.yaml changed since then: ${change}`),
  ];
}

/**
 * Returns how authority.yaml differs from what was recorded up to a transcript; empty if nothing about it was recorded
 * since.
 */
function recordedChanges({ settingsHistory, settingsState }: Authority, place: number): readonly string[] {
  const before = settingsHistory.filter((one) => one.place <= place).at(-1);
  const isNewer = settingsHistory.some((one) => one.place > place);
  return isNewer && before !== undefined ? settingsChanges(before.values, settingsState.values) : [];
}

const SHOWN = 5;
