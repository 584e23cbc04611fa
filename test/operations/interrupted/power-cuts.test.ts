/**
 * Every command that changes an authority, with the power cut after each of its file operations: whatever of them a
 * disk kept, the next command completes it or takes it back, nothing is damage, and nothing that was reported is lost.
 * On a file system with hard links, and on one without (FAT).
 */
import * as real from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import type { LockedAuthority } from '../../../src/authority/store.js';
import { fieldsOf } from '../../support/events.js';
import { type DiskState, Recorder } from '../../support/machine/power.js';
import type { Place } from './changes.js';

/** States that are tried of one command, drawn by the seed; all of them with POWER_STATES=1000000. */
const STATES = Number(process.env.POWER_STATES ?? 5);
const SEED = Number(process.env.POWER_SEED ?? 11);

const recorder = new Recorder();
jest.unstable_mockModule('node:fs', () => ({ ...real, ...recorder.fs }));

const { COMMANDS, LATER, identity, treeOf, leftIn, expectKeys } = await import('./changes.js');
const { Bench, stream } = await import('../support.js');
const { toHex } = await import('../../../src/common/bytes.js');
const { hash } = await import('../../../src/crypto/hash.js');
const { openAuthority } = await import('../../../src/authority/authority.js');
const { OpenTranscript } = await import('../../../src/authority/open-transcript.js');
const { recover } = await import('../../../src/authority/journal/recovery.js');
const { withAuthority } = await import('../../../src/authority/store.js');
const { commit } = await import('../../../src/authority/journal/transaction.js');
const { verifyLedger } = await import('../../../src/audit/verify/verify-ledger.js');
const { statusOf } = await import('../../../src/operations/status/authority-status.js');

/** Small whole numbers that follow from the seed. */
function numbers(seed: string): (below: number) => number {
  const bytes = stream(`${String(SEED)} ${seed}`);
  return (below) => {
    const [a = 0, b = 0, c = 0] = bytes(3);
    return ((a << 16) | (b << 8) | c) % below;
  };
}

interface Cut {
  /** Changes of the disk before the cut. */
  readonly after: number;
  readonly state: DiskState;
}

/**
 * Every state that a cut anywhere may leave, each once, at the latest cut that leaves it; those after the end are
 * `last`.
 */
function cutsOf(draw: (below: number) => number): Cut[] {
  const found = new Map<string, Cut>();
  for (let after = 0; after <= recorder.length; after++)
    for (const state of recorder.statesAfter(after, draw)) found.set(keyOf(state), { after, state });
  return [...found.values()];
}

function keyOf(state: DiskState): string {
  const seen = new Map<Buffer, string>();
  const lines = [...state].map(([path, bytes]) => {
    if (bytes === undefined) return path;
    const twin = seen.get(bytes) ?? path;
    seen.set(bytes, twin);
    return `${path} ${twin} ${toHex(hash('sha256', bytes))}`;
  });
  return toHex(hash('sha256', Buffer.from(lines.join('\n'))));
}

/** So many of them; those after the end are always among them. */
function sample(cuts: readonly Cut[], draw: (below: number) => number, most = STATES): Cut[] {
  const last = cuts.filter(({ after }) => after === recorder.length);
  const rest = cuts.filter((cut) => !last.includes(cut));
  while (rest.length > Math.max(most - last.length, most / 2)) rest.splice(draw(rest.length), 1);
  return [...rest, ...last.slice(0, most)];
}

const pid = Object.getOwnPropertyDescriptor(process, 'pid');
/** Runs as a process that is gone afterwards: whoever finds its lock can tell. */
async function asGone<T>(action: () => Promise<T>): Promise<T> {
  Object.defineProperty(process, 'pid', { value: 4_194_305, configurable: true });
  try {
    return await action();
  } finally {
    Object.defineProperty(process, 'pid', pid ?? { value: 1 });
  }
}

describe.each([
  ['with hard links', true],
  ['without them', false],
])('%s', (_where, links) => {
  test.each(COMMANDS.map((one) => [one.name, one] as const))('%s', async (name, one) => {
    recorder.pause();
    const bench = new Bench([], true);
    const place: Place = { bench, medium: join(dirname(bench.dir), 'medium') };
    real.mkdirSync(place.medium);
    const known = (await one.before(place)) as never;
    const locked = <T>(action: (locked: LockedAuthority) => Promise<T>): Promise<T> =>
      withAuthority(bench.dir, name.split(',')[0] ?? '', identity, action);
    const run = (): Promise<unknown> =>
      locked(async ({ authority }) =>
        one.run(
          { ...(await bench.context({ seed: 'it', atSeconds: LATER, ...one.context })), authority },
          place,
          known,
        ),
      );
    const root = dirname(bench.dir);
    const before = treeOf(bench.dir);
    recorder.links = links;
    recorder.begin(real.realpathSync(root));
    await asGone(run);
    recorder.pause();
    const after = treeOf(bench.dir);
    const cuts = cutsOf(numbers(`subsets of ${name}`));
    expect(cuts.length).toBeGreaterThan(40);
    for (const { after: at, state } of sample(cuts, numbers(`states of ${name}`))) {
      recorder.restore(root, state);
      const place = `a cut after ${String(at)} of ${String(recorder.length)}: ${[...state.keys()].join(' ')}`;
      try {
        statusOf(await openAuthority(bench.dir), LATER);
        await locked(() => Promise.resolve());
        expect(leftIn(bench.dir)).toEqual({ journal: false, temporaries: [] });
        const here = treeOf(bench.dir);
        if (one.inSteps !== true) expect([before, after]).toContainEqual(here);
        if (at === recorder.length) expect(here).toEqual(after);
        expect((await verifyLedger(bench.dir, undefined)).findings).toEqual([]);
        await expectKeys({ bench, medium: '' });
      } catch (error) {
        throw new Error(place, { cause: error });
      }
    }
  });

  test('a step of a ceremony, whose files and lines of the transcript belong together', () => {
    recorder.pause();
    const { dir } = new Bench([], true);
    const path = 'transcripts/0002-run.jsonl';
    const now = (): number => LATER;
    const files = [
      { path: 'keys/root-1.age', bytes: Buffer.from('secret'), mode: 0o600 },
      { path: 'keys/root-1.json', bytes: Buffer.from('public') },
    ];
    const start = {
      previousHead: '0'.repeat(64),
      fields: fieldsOf('start', { command: 'run', previous_transcript: '0'.repeat(64) }),
      rehearsal: false,
    };
    OpenTranscript.begin(dir, path, start, now).add('step', fieldsOf('step', { step: 1 }));
    recorder.links = links;
    recorder.begin(real.realpathSync(dirname(dir)));
    const { transcript } = OpenTranscript.reopen(dir, path, now);
    const begun = transcript.lines;
    transcript.append([{ event: 'key', fields: fieldsOf('key', { key: 'file:keys/root-1.age' }) }], (lines) => {
      commit(dir, 'root generate', files, lines);
    });
    transcript.add('done', fieldsOf('done', { step: 1 }));
    recorder.pause();
    const cuts = cutsOf(numbers('subsets of a step'));
    expect(cuts.length).toBeGreaterThan(20);
    const counts = new Set<number>();
    for (const { after: at, state } of sample(cuts, numbers('states of a step'), 40)) {
      recorder.restore(dirname(dir), state);
      recover(dir);
      const made = real.readdirSync(join(dir, 'keys')).sort();
      const { lines } = OpenTranscript.reopen(dir, path, now).transcript;
      counts.add(lines);
      expect(made).toEqual(lines === begun ? [] : ['root-1.age', 'root-1.json']);
      if (at === recorder.length) expect(lines).toBe(begun + 2);
    }
    expect([...counts].sort()).toEqual([begun, begun + 1, begun + 2]);
  });
});
