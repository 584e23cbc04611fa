/** Warnings, and words to type, for a bundle whose number does not follow from any bundle here. */
import type { Authority } from '../../authority/authority.js';
import { formatTime } from '../../common/time.js';
import type { UnsignedBundle } from './dry-run-bundle.js';
import { aheadOfClock, followed, highestSigned } from './sequence.js';

/** No sequence of unnoticed events leads to a number this far above the newest bundle. */
const FAR = 1000;

export interface NumbersSaid {
  readonly words: readonly string[];
  readonly warnings: readonly string[];
  /** Whether a person must type the words even with `--yes`. */
  readonly typed: boolean;
}

/** Returns the words to type if a number is far above the newest bundle's, else undefined. */
export function jumpWords(sequence: number, newest = 0): string | undefined {
  return sequence - newest > FAR ? `number ${String(sequence)}` : undefined;
}

/** Returns what there is to say about the number of the next bundle, or of the first of a series. */
export function numbersSaid(authority: Authority, { payload, history }: UnsignedBundle): NumbersSaid {
  const { sequence, issuedAt } = payload;
  const newest = history.at(-1)?.payload.sequence ?? 0;
  const jump = jumpWords(sequence, newest);
  const before = followed(authority, history)?.payload.sequence;
  const ahead = aheadOfClock(authority, history, issuedAt);
  const signed = highestSigned(authority, history, issuedAt);
  const said =
    signed === undefined ? '' : ` ${signed.where}, says that a root signed bundle ${String(signed.sequence)}.`;
  return {
    words: [
      ...(jump === undefined ? [] : [jump]),
      ...(ahead === undefined ? [] : [`pass over number ${String(ahead.sequence)}`]),
    ],
    warnings: [
      ...(jump === undefined
        ? []
        : [
            `Its number is ${String(sequence - newest)} above that of the newest bundle here, ${String(newest)}. Clients will never again accept a lower one.${said} Find out where it comes from (transcripts that sign, a floor, a number that was asked for) before you go on.`,
          ]),
      ...(ahead === undefined
        ? []
        : [
            `${ahead.where}, says that a root signed bundle ${String(ahead.sequence)}, and no client accepts that before ${formatTime(ahead.sequence)}. If a root did, wait until then. If no root did, somebody planted that transcript: this bundle skips its number.`,
          ]),
    ],
    // After a forgery that is on record, the number has an explanation: a root signed it.
    typed: ahead !== undefined || jumpWords(sequence, before) !== undefined,
  };
}
