/** What a ceremony shows and asks the people in the room. The floor above has the screen. */
import type { Remark } from '../../common/remedy.js';
import type { Preview } from '../../operations/context/operation-context.js';
import type { OutcomeOfNo } from '../script/script.js';

/** The step at which a ceremony is. */
export interface StepView {
  readonly n: number;
  readonly of: number;
  readonly id: string;
  /** The role, and the names if they are known. */
  readonly who: string;
  readonly kind: string;
  readonly text: string;
  /** Unix seconds. */
  readonly startedAt: number;
  readonly atSeconds: number;
}

export interface Dialogue {
  /** Whether people answer. If not, whatever needs a person is not done. */
  readonly present: boolean;
  /** Whether somebody is at a terminal, even if --yes answers for people. Words must still be typed by hand there. */
  readonly atTerminal: boolean;
  showStep(view: StepView): void;
  say(remark: Remark): void;
  /** Asks for one line. Error: kind `interrupted`. */
  ask(question: string): Promise<string>;
  /** Shows what is about to happen, and returns what was typed. */
  agree(preview: Preview, question: string): Promise<string>;
  /** Asks for one of several. */
  choose(question: string, among: readonly OutcomeOfNo[]): Promise<OutcomeOfNo>;
  /**
   * Shows a fingerprint for ears and cameras: with its digits if they are to be written down, without them if they will
   * be typed from paper.
   */
  showFingerprint(hex: string, show: { readonly digits: boolean }): Promise<void>;
  /** Clears the screen. */
  clear(): void;
  /** Returns whether somebody has asked to stop since the last call. */
  stopAsked(): boolean;
}
