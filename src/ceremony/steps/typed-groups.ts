/** Groups that the program names and a person types from another source: nobody can confirm what they did not read. */
import { toHex } from '../../common/bytes.js';
import type { RunningCeremony } from './step.js';

const GROUPS = 4;
const DIGITS = 4;

export interface TypedGroups {
  readonly typed: string;
  /** Which groups were asked for, from 1. */
  readonly groups: readonly number[];
  readonly equal: boolean;
}

/** Asks for four groups of `hex`, which nothing on the screen shows. `from` begins the question, `or` ends it. */
export async function typedGroups(
  { dialogue, random }: Pick<RunningCeremony, 'dialogue' | 'random'>,
  hex: string,
  { from, or = '' }: { readonly from: string; readonly or?: string },
): Promise<TypedGroups> {
  const places = chooseGroups(random, hex.length / DIGITS);
  const groups = places.map((place) => place + 1);
  const typed = await dialogue.ask(
    `From ${from}: type groups ${groups.join(', ')} of ${String(hex.length / DIGITS)}${or}`,
  );
  const digits =
    typed
      .toLowerCase()
      .match(/[0-9a-f]/g)
      ?.join('') ?? '';
  const wanted = places.map((place) => hex.slice(place * DIGITS, (place + 1) * DIGITS)).join('');
  return { typed, groups, equal: digits === wanted };
}

/** Chooses four different groups at random, in rising order. */
function chooseGroups(random: (length: number) => Uint8Array, count: number): number[] {
  const chosen = new Set<number>();
  while (chosen.size < GROUPS) {
    const byte = Number.parseInt(toHex(random(1)), 16);
    // Only whole multiples within the 256 values count, so that no group is more likely.
    if (byte < 256 - (256 % count)) chosen.add(byte % count);
  }
  return [...chosen].sort((a, b) => a - b);
}
