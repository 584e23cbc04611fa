/**
 * kill -9 at every write, link, rename, unlink and fsync: afterwards the authority is as before, or as after, and says
 * which.
 */
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cli, type Ended, run } from '../../support/cli/cli.js';
import {
  authorityWith,
  mustSucceed,
  newAuthority,
  newFolder,
  readTree,
  type Scene,
} from '../../support/cli/cli-authority.js';
import { errorOf } from '../../support/cli/cli-errors.js';
import { hasTool, toolTest } from '../../support/machine/tools.js';

/** Points that are tried in one command; all of them with CRASH_POINTS=1000. */
const POINTS = Number(process.env.CRASH_POINTS ?? 9);
const CALLS = ['write', 'link', 'unlink', 'fsync', 'rename', 'mkdir'] as const;

interface Point {
  readonly call: string;
  /** The n-th, from 1. */
  readonly nth: number;
}

/** Every system call of this command's main thread that could change a disk, in their order. */
function pointsOf(scene: Scene, args: readonly string[]): Point[] {
  const log = scene.path('strace.log');
  const trace = ['strace', '-qq', '-o', log, '-e', `trace=${CALLS.join(',')}`, '-e', 'signal=none'];
  mustSucceed(scene.cli(args, { under: trace }));
  const counts = new Map<string, number>();
  return readFileSync(log, 'utf8')
    .split('\n')
    .map((line) => /^(\w+)\(/.exec(line)?.[1])
    .filter((call) => call !== undefined)
    .map((call) => {
      const nth = (counts.get(call) ?? 0) + 1;
      counts.set(call, nth);
      return { call, nth };
    });
}

/** At most so many of them, spread evenly, the first and the last among them. */
function sample<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all];
  const chosen = Array.from({ length: most }, (_, i) => all[Math.round((i * (all.length - 1)) / (most - 1))]);
  return chosen.filter((one) => one !== undefined);
}

function killAt(scene: Scene, args: readonly string[], { call, nth }: Point): Ended {
  const inject = `inject=${call}:signal=KILL:when=${String(nth)}`;
  return scene.cli(args, { under: ['strace', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', inject] });
}

/** What no crash may leave behind once the next command has run. */
function expectInOrder(scene: Scene): void {
  const names = Object.keys(readTree(scene.dir));
  expect(names.filter((name) => /\.tmp$|^lock$|^\.lock|^pending/.test(name))).toEqual([]);
  let head = '0'.repeat(64);
  for (const name of readdirSync(join(scene.dir, 'transcripts')).sort()) {
    const file = join(scene.dir, 'transcripts', name);
    const [first = ''] = readFileSync(file, 'utf8').split('\n');
    expect((JSON.parse(first) as { previous_transcript: string }).previous_transcript).toBe(head);
    const sum = `tail -1 "$1" | tr -d '\\n' | sha256sum | cut -c-64`;
    head = mustSucceed(run(['sh', '-c', sum, 'sh', file])).stdout.trim();
  }
}

/** `status` right after the crash reads, changes nothing, and says where a command was interrupted. */
function expectStatus(scene: Scene): void {
  const before = readTree(scene.dir);
  const left = Object.keys(before).some(
    (name) => name === 'pending.json' || (name.endsWith('.tmp') && !name.includes('.lock.')),
  );
  const status = mustSucceed(scene.cli(['status']));
  expect(status.stdout.includes('A command was interrupted here')).toBe(left);
  expect(readTree(scene.dir)).toEqual(before);
}

/** What the next command said about the crash fits what it found. */
function expectNotes({ stderr }: Ended, { lock, journal, temporary }: ReturnType<typeof traces>): void {
  expect(stderr.includes('lock was taken over')).toBe(lock);
  expect(/an interrupted .* was completed/.test(stderr)).toBe(journal);
  if (!journal) expect(stderr.includes('an interrupted command was undone')).toBe(temporary);
}

function traces({ dir }: Scene): { lock: boolean; journal: boolean; temporary: boolean } {
  const names = Object.keys(readTree(dir));
  return {
    lock: names.includes('lock'),
    journal: names.includes('pending.json'),
    temporary: names.some((name) => name.endsWith('.tmp') && !name.includes('.lock.')),
  };
}

describe('root generate', () => {
  const args = ['root', 'generate'];
  const points = hasTool('strace') ? pointsOf(newAuthority(), args) : [{ call: 'write', nth: 1 }];
  for (const point of sample(points, POINTS)) {
    toolTest('strace', `killed at ${point.call} ${String(point.nth)}`, () => {
      const scene = newAuthority();
      killAt(scene, args, point);
      const found = traces(scene);
      const made = existsSync(join(scene.dir, 'transcripts/0002-root-generate.jsonl')) && !found.journal;
      expectStatus(scene);
      const next = scene.cli(args);
      expectNotes(next, found);
      if (found.journal || made) expect(errorOf(next).code).toBe('root-exists');
      else mustSucceed(next);
      expectInOrder(scene);
      expect(readdirSync(join(scene.dir, 'credentials'))).toEqual(['root-1.pem']);
      mustSucceed(scene.cli(['key', 'verify', 'root-1']));
    });
  }
});

describe('bundle export', () => {
  const args = ['bundle', 'export'];
  const points = hasTool('strace') ? pointsOf(authorityWith('root'), args) : [{ call: 'write', nth: 1 }];
  for (const point of sample(points, POINTS)) {
    toolTest('strace', `killed at ${point.call} ${String(point.nth)}`, () => {
      const scene = authorityWith('root');
      killAt(scene, args, point);
      const found = traces(scene);
      const made = found.journal || existsSync(join(scene.dir, 'bundles/bundle-000001.cose'));
      expectStatus(scene);
      const next = mustSucceed(scene.json(args));
      expectNotes(next, found);
      expect(next.json.sequence).toBe(made ? 2 : 1);
      expectInOrder(scene);
      const bundle = (n: number): string => join(scene.dir, `bundles/bundle-00000${String(n)}.cose`);
      const root = join(scene.dir, 'credentials/root-1.pem');
      mustSucceed(cli(['bundle', 'verify', bundle(1), '--trust', root]));
      if (made) mustSucceed(cli(['bundle', 'verify', bundle(2), '--last', bundle(1)]));
    });
  }
});

describe('signing in stages', () => {
  const sign = ['bundle', 'sign', 'b.prepared', '--out', 'b.sig'];
  const assemble = ['bundle', 'assemble', 'b.prepared', 'b.sig'];
  const prepared = (): Scene => {
    const scene = authorityWith('root');
    mustSucceed(scene.cli(['bundle', 'prepare', '--out', 'b.prepared']));
    return scene;
  };
  const signed = (): Scene => {
    const scene = prepared();
    mustSucceed(scene.cli(sign));
    return scene;
  };
  const few = Math.ceil(POINTS / 2);

  for (const point of sample(hasTool('strace') ? pointsOf(prepared(), sign) : [{ call: 'write', nth: 1 }], few)) {
    toolTest('strace', `sign, killed at ${point.call} ${String(point.nth)}: it can be done again`, () => {
      const scene = prepared();
      killAt(scene, sign, point);
      const found = traces(scene);
      expectStatus(scene);
      // The file is there as a whole, or not at all.
      if (!existsSync(scene.path('b.sig'))) expectNotes(mustSucceed(scene.cli(sign)), found);
      mustSucceed(scene.cli(assemble));
      expectInOrder(scene);
    });
  }

  for (const point of sample(hasTool('strace') ? pointsOf(signed(), assemble) : [{ call: 'write', nth: 1 }], few)) {
    toolTest(
      'strace',
      `assemble, killed at ${point.call} ${String(point.nth)}: it is done, or can be done again`,
      () => {
        const scene = signed();
        killAt(scene, assemble, point);
        const found = traces(scene);
        const made = found.journal || existsSync(join(scene.dir, 'bundles/bundle-000001.cose'));
        expectStatus(scene);
        const next = scene.cli(assemble);
        expectNotes(next, found);
        if (made) expect(errorOf(next).code).toBe('prepared-stale');
        else mustSucceed(next);
        expectInOrder(scene);
        const root = join(scene.dir, 'credentials/root-1.pem');
        mustSucceed(cli(['bundle', 'verify', join(scene.dir, 'bundles/bundle-000001.cose'), '--trust', root]));
      },
    );
  }
});

describe('init', () => {
  const points = (folder: string): Point[] => {
    const log = join(folder, 'strace.log');
    const under = ['strace', '-qq', '-o', log, '-e', `trace=${CALLS.join(',')}`, '-e', 'signal=none'];
    mustSucceed(cli(['init', 'example.org', join(folder, 'a')], { under }));
    const calls = readFileSync(log, 'utf8')
      .split('\n')
      .map((line) => /^(\w+)\(/.exec(line)?.[1] ?? '');
    return calls.map((call, i) => ({ call, nth: calls.slice(0, i + 1).filter((one) => one === call).length }));
  };
  toolTest('strace', 'killed anywhere: the next init makes it, or says that it is made', () => {
    for (const { call, nth } of sample(
      points(newFolder()).filter(({ call }) => call !== ''),
      POINTS,
    )) {
      const dir = join(newFolder(), 'a');
      const inject = `inject=${call}:signal=KILL:when=${String(nth)}`;
      const under = ['strace', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', inject];
      cli(['init', 'example.org', dir], { under });
      const next = cli(['init', 'example.org', dir]);
      if (next.status !== 0) expect(errorOf(next).code).toBe('authority-exists');
      mustSucceed(cli(['-C', dir, 'status']));
      const names = Object.keys(readTree(dir));
      expect(names.filter((name) => /\.tmp$|lock|pending/.test(name))).toEqual([]);
      expect(names.filter((name) => name.startsWith('transcripts/'))).toEqual(['transcripts/0001-init.jsonl']);
    }
  });
});

test('the sample takes the first and the last, and never more than asked', () => {
  const all = Array.from({ length: 100 }, (_, i) => i);
  expect(sample(all, 14)).toHaveLength(14);
  expect([sample(all, 14)[0], sample(all, 14).at(-1), sample([1, 2], 14)]).toEqual([0, 99, [1, 2]]);
});

describe('a power cut before the plan of a ceremony was on the disk', () => {
  /** The authority as before, and the first line of the ceremony's transcript. */
  function cutShort(): Scene {
    const scene = newAuthority();
    const transcript = join(scene.dir, 'transcripts/0002-run.jsonl');
    cpSync(scene.dir, scene.path('before'), { recursive: true });
    mustSucceed(scene.cli(['run', 'root-generation']));
    const [first = ''] = readFileSync(transcript, 'utf8').split('\n');
    rmSync(scene.dir, { recursive: true });
    renameSync(scene.path('before'), scene.dir);
    writeFileSync(transcript, `${first}\n`);
    return scene;
  }

  test.each([
    ['resume', ['resume'], { ok: false, code: 'no-ceremony' }],
    ['resume --abort', ['resume', '--abort', 'a power cut'], { ok: true }],
  ])('%s: nothing of it was done, and another may begin', (_name, args, says) => {
    const scene = cutShort();
    expect(mustSucceed(scene.cli(['status'])).stdout).toMatch(/as-ceremony -C \S+ resume\n/);
    const { status, json } = scene.json(args);
    expect([status, json]).toMatchObject([says.ok ? 0 : 1, says]);
    if (!says.ok) {
      expect(json.message).toContain('nothing was done, and its transcript is now ended');
      expect(json.hint).toMatch(/^Begin it again: .* run SCRIPT$/);
    }
    expect(readdirSync(join(scene.dir, 'keys'))).toEqual([]);
    mustSucceed(scene.cli(['ledger', 'verify']));
    expect(scene.json(['resume']).json).toMatchObject({ message: 'no ceremony was interrupted in this authority' });
    mustSucceed(scene.cli(['run', 'root-generation']));
    expect(existsSync(join(scene.dir, 'transcripts/0003-run.jsonl'))).toBe(true);
  });
});
