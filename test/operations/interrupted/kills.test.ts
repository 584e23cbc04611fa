/**
 * Every command that changes an authority, killed before each of its writes and in the middle of it: the next command
 * completes it or takes it back and says which, nothing is lost, and nothing is done twice. The program's own file
 * system calls fail from a certain one on, which to the disk is a kill -9; test/scenarios/daily/crash.test.ts kills
 * real processes.
 */
import * as real from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import type { LockedAuthority } from '../../../src/authority/store.js';

/** Points that are tried of one command, spread evenly; all of them with CRASH_POINTS=1000. */
const POINTS = Number(process.env.CRASH_POINTS ?? 6);

/** Calls left until the kill; from then on nothing reaches the disk. */
const doom = { left: Infinity, dead: false, calls: 0 };

/** One call that changes the disk; `part` is what a kill in its middle has done of it. */
function mutation<T>(call: () => T, part?: () => void): T {
  const killed = (): never => {
    throw Object.assign(new Error('killed'), { code: 'KILLED' });
  };
  if (doom.dead) killed();
  doom.calls++;
  if (--doom.left > 0) return call();
  doom.dead = true;
  part?.();
  return killed();
}

const WRITES = real.constants.O_WRONLY | real.constants.O_RDWR;
jest.unstable_mockModule('node:fs', () => ({
  ...real,
  openSync: (path: string, flags: string | number, mode?: number) => {
    const open = (): number => real.openSync(path, flags, mode);
    const writes = typeof flags === 'number' ? (flags & WRITES) !== 0 : flags !== 'r';
    return writes ? mutation(open) : open();
  },
  writeSync: (fd: number, bytes: Uint8Array, offset = 0) =>
    mutation(
      () => real.writeSync(fd, bytes, offset),
      () => real.writeSync(fd, bytes, offset, (bytes.length - offset) >> 1),
    ),
  ...Object.fromEntries(
    (['fsyncSync', 'linkSync', 'unlinkSync', 'renameSync', 'mkdirSync', 'rmSync', 'ftruncateSync'] as const).map(
      (name) => [
        name,
        (...args: readonly unknown[]) =>
          mutation(() => (real[name] as (...all: readonly unknown[]) => unknown)(...args)),
      ],
    ),
  ),
}));

const { COMMANDS, LATER, identity, init, withBundle, bundleIn, treeOf, restore, leftIn, expectKeys } =
  await import('./changes.js');
const { Bench } = await import('../support.js');
const { openAuthority } = await import('../../../src/authority/authority.js');
const { withAuthority } = await import('../../../src/authority/store.js');
const { verifyLedger } = await import('../../../src/audit/verify/verify-ledger.js');
const { statusOf } = await import('../../../src/operations/status/authority-status.js');

/** Kills an action at its n-th call, as another process would be killed. Gives whether it came so far. */
async function killedAt(n: number, action: () => Promise<unknown>): Promise<boolean> {
  Object.assign(doom, { left: n, dead: false });
  const pid = Object.getOwnPropertyDescriptor(process, 'pid');
  // No process has this number: whoever finds the lock sees that its holder is gone.
  Object.defineProperty(process, 'pid', { value: 4_194_305, configurable: true });
  try {
    await action().catch((error: unknown) => {
      if (!doom.dead) throw error;
    });
    return doom.dead;
  } finally {
    Object.defineProperty(process, 'pid', pid ?? { value: 1 });
    Object.assign(doom, { left: Infinity, dead: false });
  }
}

function sample(count: number): number[] {
  if (count <= POINTS) return Array.from({ length: count }, (_, i) => i + 1);
  return Array.from({ length: POINTS }, (_, i) => 1 + Math.round((i * (count - 1)) / (POINTS - 1)));
}

describe('killed', () => {
  test.each([
    ['init', false],
    ['init --from-bundle', true],
  ])('%s: the next one makes it, or says that it is made', async (_name, fromBundle) => {
    const place = { bench: new Bench([], true), medium: '' };
    const { dir } = place.bench;
    await withBundle(place);
    const [bundle, root] = [bundleIn(place), join(dirname(dir), 'root-1.pem')];
    real.copyFileSync(join(dir, 'credentials/root-1.pem'), root);
    const run = (): Promise<void> =>
      Promise.resolve().then(() => {
        if (fromBundle) init(place, bundle, root);
        else init(place);
      });
    const anew = async (n: number): Promise<void> => {
      real.rmSync(dir, { recursive: true });
      await killedAt(n, run);
    };
    doom.calls = 0;
    await anew(Infinity);
    const [calls, after] = [doom.calls, treeOf(dir)];
    for (const n of sample(calls)) {
      await anew(n);
      const next = await run().catch((error: unknown) => error);
      if (next !== undefined) expect(next).toMatchObject({ code: 'authority-exists' });
      // A folder that is an authority is left as it is: then whatever writes next goes on.
      await withAuthority(dir, 'status', identity, () => Promise.resolve());
      expect(treeOf(dir)).toEqual(after);
      expect(leftIn(dir)).toEqual({ journal: false, temporaries: [] });
      expect((await verifyLedger(dir, undefined)).findings).toEqual([]);
    }
  });

  test.each(COMMANDS.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    const bench = new Bench([], true);
    const place = { bench, medium: join(dirname(bench.dir), 'medium') };
    real.mkdirSync(place.medium);
    const known = (await one.before(place)) as never;
    const saved = `${dirname(bench.dir)}-saved`;
    real.cpSync(dirname(bench.dir), saved, { recursive: true });
    try {
      const locked = <T>(action: (locked: LockedAuthority) => Promise<T>): Promise<T> =>
        withAuthority(bench.dir, one.name.split(',')[0] ?? '', identity, action);
      const run = (): Promise<unknown> =>
        locked(async ({ authority }) =>
          one.run(
            { ...(await bench.context({ seed: 'it', atSeconds: LATER, ...one.context })), authority },
            place,
            known,
          ),
        );
      const before = treeOf(bench.dir);
      doom.calls = 0;
      await run();
      const calls = doom.calls;
      const after = treeOf(bench.dir);
      const medium = real.readdirSync(place.medium);
      expect(calls).toBeGreaterThan(20);
      const seen = new Set<string>();
      for (const n of sample(calls)) {
        restore(place, saved);
        expect(await killedAt(n, run)).toBe(true);
        const crashed = treeOf(bench.dir);
        const left = leftIn(bench.dir);
        // Reading changes nothing, finds no damage, and says what there is to do.
        const { pending } = statusOf(await openAuthority(bench.dir), LATER);
        expect(pending?.kind).toBe(
          left.journal ? 'completed' : left.temporaries.length > 0 ? 'rolled-back' : undefined,
        );
        expect(treeOf(bench.dir)).toEqual(crashed);
        const recovery = await locked((locked) => Promise.resolve(locked.recovery));
        expect(recovery).toEqual(pending);
        seen.add(recovery?.kind ?? 'nothing');
        expect(leftIn(bench.dir)).toEqual({ journal: false, temporaries: [] });
        expect((await verifyLedger(bench.dir, undefined)).findings).toEqual([]);
        const now = treeOf(bench.dir);
        const [isBefore, isAfter] = [before, after].map((tree) => JSON.stringify(tree) === JSON.stringify(now));
        if (one.inSteps !== true) expect([isBefore, isAfter]).toContain(true);
        if (recovery?.kind === 'completed' && one.inSteps !== true) expect(isAfter).toBe(true);
        await expectKeys(place);
        // What did not happen is done by running it again, and only that.
        if (isAfter !== true) await run();
        if (one.inSteps === true) expect(Object.keys(treeOf(bench.dir))).toEqual(Object.keys(after));
        else expect(treeOf(bench.dir)).toEqual(after);
        expect(real.readdirSync(place.medium)).toEqual(medium);
        await expectKeys(place);
      }
      // Fewer points may all lie before the change is on record.
      if (POINTS >= 6) expect(seen).toContain('completed');
      if (POINTS >= calls) expect([...seen].sort()).toEqual(['completed', 'nothing', 'rolled-back']);
    } finally {
      real.rmSync(saved, { recursive: true });
    }
  });
});
