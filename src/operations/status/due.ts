/** What is to be done in an authority, and by when, all in one form. */
import type { CommandRemedy } from '../../common/remedy.js';
import type { Duration } from '../../common/time.js';
import { clampedSum } from '../../common/time.js';

/** The kind of action that is due, by which scripts and calendars distinguish actions. */
type DueKind =
  | 'interrupted'
  | 'unfinished-transcript'
  | 'root'
  | 'root-successor'
  | 'intermediate'
  | 'intermediate-successor'
  | 'request'
  | 'list'
  | 'revocation'
  | 'publish'
  | 'mark'
  | 'next-bundle'
  | 'gap'
  | 'commitment'
  | 'retire-root'
  | 'root-again'
  | 'forged';

/** A command that does it. `inFolder` means that its argument is a file of the authority, relative to it. */
export type DueCommand = CommandRemedy & { readonly inFolder?: true };

export interface DueAction {
  readonly kind: DueKind;
  /**
   * With `kind`, the same for the same thing whenever the status is read: a fingerprint, a file, a sequence; may be
   * empty.
   */
  readonly subject: string;
  /** In the imperative. */
  readonly action: string;
  /** Undefined if it is done elsewhere. */
  readonly command?: DueCommand;
  /** The command that abandons it instead, for good. */
  readonly instead?: DueCommand;
  /** The first second at which it can, or should, be done, in Unix seconds; undefined if it can be done at any time. */
  readonly from?: number;
  /** The last second at which it is in time. Unix seconds. */
  readonly by: number;
}

/** Returns whether it should have been done already. */
export function isOverdue({ by }: DueAction, atSeconds: number): boolean {
  return by < atSeconds;
}

/** Sorts by what is due soonest, then by what can be done first. */
export function sorted(actions: readonly DueAction[]): readonly DueAction[] {
  return actions.toSorted((a, b) => a.by - b.by || (a.from ?? 0) - (b.from ?? 0));
}

/** Returns what is overdue, or due within a time from now. */
export function dueWithin(actions: readonly DueAction[], within: Duration, atSeconds: number): readonly DueAction[] {
  const last = clampedSum(atSeconds, within);
  return actions.filter(({ by }) => by <= last);
}
