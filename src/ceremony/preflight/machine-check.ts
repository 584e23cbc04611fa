import type { Authority } from '../../authority/authority.js';
import type { CheckId } from '../../authority/formats/settings-defaults.js';
import { type Advice, adviceOf } from '../../common/errors.js';
import type { Remedy } from '../../common/remedy.js';
import type { Duration } from '../../common/time.js';
import type { HsmMeans } from '../../signer/pkcs11/module-process.js';
import type { Machine } from './machine.js';
import type { Program } from './program-hashes.js';

export interface TypedClock {
  /** First and last second (Unix): a time without seconds is right for a whole minute. */
  readonly from: number;
  readonly until: number;
  /** The clock when the time was typed. */
  readonly atSeconds: number;
}

/** What the checks examine, and what they compare it with. */
export interface Means {
  readonly machine: Machine;
  /** Unix seconds: the clock now, and the time of the program's build. */
  readonly atSeconds: number;
  readonly buildSeconds: number;
  readonly random: (length: number) => Uint8Array;
  /** Where the authority is, or would be; absolute. */
  readonly dir: string;
  /** The open authority; undefined if there is none in `dir`. */
  readonly authority: Authority | undefined;
  /** Whether everything is thrown away afterwards. */
  readonly rehearsal: boolean;
  readonly clockTolerance: Duration;
  /** What a person read off a watch; undefined if nobody was asked. */
  readonly typedClock: TypedClock | undefined;
  /** Folders of removable media to write to; absolute. */
  readonly media: readonly string[];
  readonly program: Program;
  readonly hsm: HsmMeans;
  /** URIs of tokens, or of keys in them, in addition to those that the authority has on record. */
  readonly hsmUris: readonly string[];
}

/** What one check has seen, and what to do if it isn't fine. */
export interface Look extends Advice {
  /** `fine` or `bad` for a ceremony; `unseen`: it could not look, and that is never fine. */
  readonly state: 'fine' | 'bad' | 'unseen';
  /** A sentence without its full stop. */
  readonly saw: string;
}

/** One check of the machine. It says what it sees; the settings decide what follows. */
export interface Check {
  /** A stable ID, which settings, transcripts and errors use. */
  readonly id: CheckId;
  /** What it examines. */
  readonly source: string;
  /** Why that matters, in a sentence. */
  readonly reason: string;
  readonly look: (means: Means) => Look | Promise<Look>;
}

export const fine = (saw: string): Look => ({ state: 'fine', saw });
export const bad = (saw: string, hint: string, ...remedies: readonly Remedy[]): Look => ({
  state: 'bad',
  saw,
  ...adviceOf({ hint, remedies }),
});
export const unseen = (
  why: string,
  hint = 'Look for yourself, and write down what you saw.',
  ...remedies: readonly Remedy[]
): Look => ({ state: 'unseen', saw: `could not check: ${why}`, ...adviceOf({ hint, remedies }) });

/** Wraps a check that reads `/proc` or `/sys`, which only Linux has. */
export function onLinux(look: (means: Means) => Look): Check['look'] {
  return (means) =>
    means.machine.platform === 'linux'
      ? look(means)
      : unseen(`this check knows Linux, and this is ${means.machine.platform}`);
}
