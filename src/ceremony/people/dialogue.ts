/** What a ceremony shows and asks the people in the room; the floor above has the screen. */
import type { Remark } from '../../common/remedy.js';
import type { Preview } from '../../operations/context/operation-context.js';
import type { OutcomeOfNo } from '../script/script.js';

/** Where a ceremony is. */
export interface StepView {
  readonly n: number;
  readonly of: number;
  readonly id: string;
  /** Role, and names where they are known. */
  readonly who: string;
  readonly kind: string;
  readonly text: string;
  /** Unix seconds. */
  readonly startedAt: number;
  readonly atSeconds: number;
}

export interface Dialogue {
  /** Whether people answer; else whatever needs a person is not done. */
  readonly present: boolean;
  /**
   * Whether somebody sits at a terminal, also where --yes answers for people. Words are typed by hand there all the
   * same.
   */
  readonly atTerminal: boolean;
  showStep(view: StepView): void;
  say(remark: Remark): void;
  /** One line that is typed. Error: kind `interrupted`. */
  ask(question: string): Promise<string>;
  /** Shows what is about to happen, and returns what was typed. */
  agree(preview: Preview, question: string): Promise<string>;
  /** One of several. */
  choose(question: string, among: readonly OutcomeOfNo[]): Promise<OutcomeOfNo>;
  /** For ears and cameras; with its digits where they are written down, without where they are typed from paper. */
  showFingerprint(hex: string, show: { readonly digits: boolean }): Promise<void>;
  /** Takes everything off the screen. */
  clear(): void;
  /** Whether somebody asked to stop, since the last look. */
  stopAsked(): boolean;
}
