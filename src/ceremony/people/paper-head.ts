/**
 * The head of a transcript on paper. While a ceremony is stopped, whoever has the disk could rewrite its transcript
 * line by line, and no later line would show it. So people write the head down when they stop, and type it from the
 * paper when they resume.
 */
import type { ParsedTranscript, TranscriptEntry } from '../../authority/formats/transcript.js';
import type { OpenTranscript } from '../../authority/open-transcript.js';
import { fromHex } from '../../common/bytes.js';
import { hexGroups } from '../../common/groups.js';
import { toPgpWords } from '../../common/pgp-words.js';
import type { Dialogue } from './dialogue.js';

/** How many bytes of the head are read aloud, as words. */
const ALOUD = 4;

/** A head that was shown, to be written down. */
export interface PaperHead {
  /** In hex. */
  readonly head: string;
  /** The last line that it covers, from 1. */
  readonly line: number;
  /** How many lines came after it. */
  readonly later: number;
}

/** Shows the head. Call it after the last line of a stop, a hold or the beginning of a break. */
export function showHead({
  dialogue,
  transcript,
}: {
  readonly dialogue: Dialogue;
  readonly transcript: OpenTranscript;
}): void {
  const { head, lines } = transcript;
  const words = toPgpWords((fromHex(head) ?? new Uint8Array()).slice(0, ALOUD)).join(' ');
  dialogue.say('');
  dialogue.say(`The head of the transcript, which has ${String(lines)} lines now. Write it down on paper:`);
  for (const line of hexGroups(head)) dialogue.say(`    ${line}`);
  dialogue.say(`  Read aloud, its first four bytes: ${words}`);
  dialogue.say('');
}

/** Returns whether a head was shown after this event. */
function wasShownAfter({ event, fields }: TranscriptEntry): boolean {
  if (event === 'break') return fields.what.startsWith('begins');
  return event === 'interrupted' || event === 'held' || (event === 'done' && fields.outcome === 'held');
}

/** Returns the last head that was shown, according to this transcript, or undefined if people never stopped it. */
export function paperHeadIn({ entries, head }: ParsedTranscript): PaperHead | undefined {
  const at = entries.findLastIndex(wasShownAfter);
  if (at < 0) return undefined;
  return { head: entries[at + 1]?.prev ?? head, line: at + 1, later: entries.length - at - 1 };
}
