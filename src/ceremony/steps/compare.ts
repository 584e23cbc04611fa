/** A comparison that proves something: the program names four groups, and the person types them from another source. */
import { toHex } from '../../common/bytes.js';
import { sameName } from '../people.js';
import { byWhom, DONE, isNo, NOBODY, type Ceremony, type Outcome, type Task } from './step.js';

const GROUPS = 4;
const DIGITS = 4;

export async function compare(ceremony: Ceremony, task: Task): Promise<Outcome> {
  const { step, planned } = task;
  if (step.kind !== 'compare') throw new TypeError('not a compare step');
  const { table, record, sources } = ceremony;
  const hex = step.of === 'plan' ? ceremony.planSha256 : ceremony.results.get(step.of)?.fingerprint;
  if (hex === undefined) return { kind: 'no', why: `step ${step.of} made nothing that could be compared` };
  if (!table.present) return NOBODY;
  await table.showFingerprint(hex);
  const by = byWhom(ceremony, task);
  const source = (await table.ask('Where are the digits read from: which paper, or which machine')).trim();
  if (isNo(source) || source === '') return { kind: 'no', why: 'there is nothing to compare with' };
  const earlier = sources.get(step.of) ?? [];
  if (earlier.some((one) => sameName(one, source)))
    return { kind: 'no', why: `${source} was compared already; another source is needed` };
  // The digits are taken off the screen: what is typed comes from the other source.
  table.clear();
  const places = chooseGroups(ceremony.random, hex.length / DIGITS);
  const typed = await table.ask(
    `From ${source}: type groups ${places.map((place) => String(place + 1)).join(', ')} of ${String(hex.length / DIGITS)}`,
  );
  const groups =
    typed
      .toLowerCase()
      .match(/[0-9a-f]/g)
      ?.join('') ?? '';
  const wanted = places.map((place) => hex.slice(place * DIGITS, (place + 1) * DIGITS)).join('');
  const equal = groups === wanted;
  record.add('compare', {
    step: planned.n,
    of: step.of,
    value: hex,
    groups: places.map((place) => place + 1),
    source,
    equal,
    by,
  });
  if (!equal) return { kind: 'no', why: `what was typed from ${source} is not what is here` };
  sources.set(step.of, [...earlier, source]);
  return DONE;
}

/** Four different ones, by chance, rising. */
function chooseGroups(random: (length: number) => Uint8Array, count: number): number[] {
  const chosen = new Set<number>();
  while (chosen.size < GROUPS) {
    const byte = Number.parseInt(toHex(random(1)), 16);
    // Of 256 values only whole rounds count, so that no group comes more often.
    if (byte < 256 - (256 % count)) chosen.add(byte % count);
  }
  return [...chosen].sort((a, b) => a - b);
}
