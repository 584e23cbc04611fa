/**
 * Every command that changes an authority, killed before each of its writes and in the middle of it: the next command completes it or takes it back and
 * says which, nothing is lost, and nothing is done twice. The program's own file system calls fail from a certain one on, which to the disk is a
 * kill -9; test/scenarios/crash.test.ts kills real processes.
 */
import * as real from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import type { Session } from '../../src/authority/store.js';
import type { Desk } from '../../src/operations/desk.js';
import type { Bench as BenchType, DeskChange } from './support.js';

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

const { Bench, AT, DAY, DOMAIN, PASSPHRASE, stream } = await import('./support.js');
const { suite } = await import('../policy/support.js');
const { toHex } = await import('../../src/common/bytes.js');
const { hash } = await import('../../src/crypto/hash.js');
const { openAuthority } = await import('../../src/authority/authority.js');
const { initAuthority, withAuthority } = await import('../../src/authority/store.js');
const { verifyLedger } = await import('../../src/ceremony/witness/ledger.js');
const { attachKey } = await import('../../src/operations/attach-key.js');
const { assemblePrepared } = await import('../../src/operations/assemble-prepared.js');
const { destroyKey } = await import('../../src/operations/destroy-key.js');
const { exportSeries } = await import('../../src/operations/export-bundle.js');
const { generateRoot } = await import('../../src/operations/generate-root.js');
const { issueIntermediate } = await import('../../src/operations/issue-intermediate.js');
const { changePassphrase, verifyKey } = await import('../../src/operations/key.js');
const { markBundle } = await import('../../src/operations/mark-bundle.js');
const { planRebuild } = await import('../../src/operations/rebuild.js');
const { prepareBundles } = await import('../../src/operations/prepare-bundle.js');
const { recoverClock } = await import('../../src/operations/recover-clock.js');
const { requestIntermediate } = await import('../../src/operations/request-intermediate.js');
const { revoke } = await import('../../src/operations/revoke.js');
const { signPrepared } = await import('../../src/operations/sign-prepared.js');
const { statusOf } = await import('../../src/operations/status.js');

const LATER = AT + DAY;
const NEW_PASSPHRASE = 'five other words for the same key';
const identity = { hostName: 'vault', atSeconds: LATER, random: stream('lock') };

/** A folder of its own for one command: the authority, and a medium beside it. */
interface Place {
  readonly bench: BenchType;
  readonly medium: string;
}

interface Command {
  readonly name: string;
  /** What is there before; gives what the command needs to know. Made once. */
  readonly before: (place: Place) => Promise<unknown>;
  readonly run: (desk: Desk, place: Place, known: never) => Promise<unknown>;
  readonly desk?: DeskChange;
  /** Several transactions: between them lies a state of its own, with which the same command goes on. */
  readonly inSteps?: boolean;
}

/** The two passphrases that a key file may have, told apart by what asks. */
const changing = { ...passphrases() };
function passphrases(): DeskChange {
  return {
    secrets: {
      passphrase: (_key, use) => Promise.resolve(new TextEncoder().encode(use === 'new' ? NEW_PASSPHRASE : PASSPHRASE)),
      mayAskAgain: () => false,
      pin: () => Promise.reject(new TypeError('no token here')),
      announce: () => undefined,
    },
  };
}

const ed25519 = { ciphersuite: suite('ed25519-sha256') };
const rootOf = ({ authority }: Desk): NonNullable<(typeof authority.roots)[0]> => {
  const [root] = authority.roots;
  if (root === undefined) throw new TypeError('no root');
  return root;
};
const onMedium = ({ medium }: Place, name: string): string => `file:${medium}/${name}.age`;
const none = (): Promise<void> => Promise.resolve();
const withRoot = async ({ bench }: Place): Promise<void> => {
  await bench.root();
};
const withBundle = async (place: Place): Promise<void> => {
  await withRoot(place);
  await place.bench.issue(await place.bench.request());
  await place.bench.export();
};
const bundleIn = ({ bench }: Place): Uint8Array => real.readFileSync(join(bench.dir, 'bundles/bundle-000001.cose'));
const request = (keyUri: string) => (desk: Desk) =>
  requestIntermediate(desk, { keyUri, ...ed25519, signer: rootOf(desk).credential });

/** A proposal, and what was signed of it. */
async function prepared(place: Place): Promise<Uint8Array> {
  await withBundle(place);
  return (await prepareBundles(await place.bench.desk({ atSeconds: LATER }), { count: 1 }, 'out')).bytes;
}
const sign = (desk: Desk, bytes: Uint8Array): ReturnType<typeof signPrepared> =>
  signPrepared(desk, { prepared: bytes, last: [], anew: false, out: () => 'out' });

const command = <K>(
  name: string,
  before: (place: Place) => Promise<K>,
  run: (desk: Desk, place: Place, known: K) => Promise<unknown>,
  more: Pick<Command, 'desk' | 'inSteps'> = {},
): Command => ({ name, before, run, ...more });

const COMMANDS: readonly Command[] = [
  command('root generate', none, (desk) => generateRoot(desk, ed25519)),
  command('root generate, with a twin on another medium', none, (desk, place) =>
    generateRoot(desk, { ...ed25519, twin: { keyUri: onMedium(place, 'root-2'), listed: false } }),
  ),
  command(
    'root rotate, after authority.yaml was changed',
    async (place) => {
      await withRoot(place);
      real.appendFileSync(join(place.bench.dir, 'authority.yaml'), 'bundle_every: P60D\n');
    },
    (desk) => generateRoot(desk, { ...ed25519, succeeds: true }),
  ),
  command('intermediate request', withRoot, request('file:keys/intermediate-1.age')),
  command('intermediate request, on another medium', withRoot, (desk, place) =>
    request(onMedium(place, 'intermediate-1'))(desk),
  ),
  command(
    'intermediate issue',
    async (place) => {
      await withRoot(place);
      return place.bench.request();
    },
    (desk, _place, made) => issueIntermediate(desk, made.request),
  ),
  command(
    'intermediate rotate',
    async (place) => {
      await withBundle(place);
      return place.bench.request({ seed: 'second', atSeconds: LATER }, { key: 'intermediate-2' });
    },
    (desk, _place, made) => issueIntermediate(desk, made.request, desk.authority.intermediates[0]),
  ),
  command('revoke', withBundle, (desk) =>
    revoke(desk, { name: 'intermediate-1', reason: 'superseded', unknown: false }),
  ),
  command('bundle export', withBundle, (desk) => exportSeries(desk, {}, 1)),
  command('bundle export --series', withBundle, (desk) => exportSeries(desk, {}, 3)),
  command('bundle sign', prepared, (desk, _place, bytes) => sign(desk, bytes)),
  command(
    'bundle assemble',
    async (place) => {
      const bytes = await prepared(place);
      return { bytes, signed: await sign(await place.bench.desk({ atSeconds: LATER }), bytes) };
    },
    (desk, _place, { bytes, signed }) =>
      assemblePrepared(desk, { prepared: bytes, files: [{ name: 'sig', bytes: signed.signatures }] }),
  ),
  command('bundle published', withBundle, (desk, place) => markBundle(desk, bundleIn(place), 'published')),
  command('bundle withdraw', withBundle, (desk, place) => markBundle(desk, bundleIn(place), 'withdrawn')),
  command('key change-passphrase', withRoot, (desk) => changePassphrase(desk, 'root-1'), { desk: changing }),
  command(
    'key change-passphrase, on another medium',
    async (place) => {
      await generateRoot(await place.bench.desk({ seed: 'root' }), { ...ed25519, keyUri: onMedium(place, 'root-1') });
    },
    (desk) => changePassphrase(desk, 'root-1'),
    { desk: changing },
  ),
  command(
    'key destroy',
    withBundle,
    (desk) => destroyKey(desk, { key: 'intermediate-1', endOfService: true, unproved: false }),
    { inSteps: true },
  ),
  command('key attach', rebuilt, (desk) => attachKey(desk, 'file:keys/root-1.age')),
  command(
    'clock recover',
    async (place) => {
      await withRoot(place);
      await place.bench.revoke(new Uint8Array(32), AT + 30 * DAY);
    },
    (desk) => recoverClock(desk, ['Anna', 'Bert']),
  ),
];

/** An authority that was made again from its bundle; the key file is back, and on no record. */
async function rebuilt(place: Place): Promise<void> {
  await withBundle(place);
  const { dir } = place.bench;
  const aside = `${dir}-lost`;
  real.renameSync(dir, aside);
  await init(
    place,
    real.readFileSync(join(aside, 'bundles/bundle-000001.cose')),
    join(aside, 'credentials/root-1.pem'),
  );
  real.copyFileSync(join(aside, 'keys/root-1.age'), join(dir, 'keys/root-1.age'));
  real.writeFileSync(join(dir, 'authority.yaml'), real.readFileSync(join(aside, 'authority.yaml')));
  real.rmSync(aside, { recursive: true });
}

async function init({ bench: { dir } }: Place, bundle?: Uint8Array, root?: string): Promise<void> {
  const writer = { toolVersion: '1.2.3', hostName: 'vault' };
  const made = { domain: DOMAIN, ...ed25519, atSeconds: LATER, writer };
  if (bundle === undefined || root === undefined) {
    initAuthority(dir, { ...made, files: [], events: [] }, identity);
    return;
  }
  const { fingerprintOf } = await import('../../src/credential/fingerprint.js');
  const { decodeCredentialFile } = await import('../../src/credential/credential-file.js');
  const pins = [fingerprintOf(decodeCredentialFile(real.readFileSync(root), ['as_credential']))];
  const { nobleEngine } = await import('../../src/crypto/noble-engine.js');
  const plan = planRebuild({ dir, domain: DOMAIN, bundle, pins, known: [], atSeconds: LATER, engines: [nobleEngine] });
  initAuthority(dir, { ...made, files: plan.files, events: plan.events }, identity);
}

/** Every file of the authority with its contents; of key files, and of what they are called outside, only that they are there. */
function treeOf(dir: string): Readonly<Record<string, string>> {
  const files = real.readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    files
      .filter((name) => real.statSync(join(dir, name)).isFile())
      .map((name) => [
        name,
        name.endsWith('.age') ? 'a key' : toHex(hash('sha256', real.readFileSync(join(dir, name)))),
      ]),
  );
}

/** The whole scene as it was. */
function restore(place: Place, from: string): void {
  const folder = dirname(place.bench.dir);
  real.rmSync(folder, { recursive: true });
  real.cpSync(from, folder, { recursive: true });
}

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

/** What a crash left in a folder. */
function leftIn(dir: string): { readonly journal: boolean; readonly temporaries: readonly string[] } {
  const names = real.readdirSync(dir, { recursive: true, encoding: 'utf8' });
  const temporaries = names.filter((name) => name.endsWith('.tmp') && !basename(name).startsWith('.lock.'));
  return { journal: names.includes('pending.json'), temporaries };
}

/** Whichever passphrase it has: the key that is on record is in its file, and signs. */
async function expectKeys({ bench }: Place): Promise<void> {
  for (const { name, end } of (await openAuthority(bench.dir)).keyRecords) {
    if (end !== undefined) continue;
    const open = async (passphrase: string): Promise<unknown> => verifyKey(await bench.desk({ passphrase }), name);
    await open(PASSPHRASE).catch(() => open(NEW_PASSPHRASE));
  }
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
    const run = (): Promise<void> => (fromBundle ? init(place, bundle, root) : init(place));
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
      expect(verifyLedger(dir, undefined).findings).toEqual([]);
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
      const locked = <T>(action: (session: Session) => Promise<T>): Promise<T> =>
        withAuthority(bench.dir, one.name.split(',')[0] ?? '', identity, action);
      const run = (): Promise<unknown> =>
        locked(async ({ authority }) =>
          one.run({ ...(await bench.desk({ seed: 'it', atSeconds: LATER, ...one.desk })), authority }, place, known),
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
        const recovery = await locked((session) => Promise.resolve(session.recovery));
        expect(recovery).toEqual(pending);
        seen.add(recovery?.kind ?? 'nothing');
        expect(leftIn(bench.dir)).toEqual({ journal: false, temporaries: [] });
        expect(verifyLedger(bench.dir, undefined).findings).toEqual([]);
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
