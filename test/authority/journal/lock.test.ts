import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { acquireLock, type LockIdentity } from '../../../src/authority/journal/lock.js';
import { encodeHolder, type LockHolder, pidNamespace } from '../../../src/authority/journal/lock-holder.js';
import { CeremonyError } from '../../../src/common/errors.js';
import { testWhere } from '../../support/machine/tools.js';
import { bundleProgram, codeOf, temporaryFolder } from '../support.js';

const identity: LockIdentity = {
  hostName: hostname(),
  atSeconds: 1_795_339_800,
  random: (length) => new Uint8Array(randomBytes(length)),
};

let program = '';
const children: ChildProcess[] = [];

beforeAll(() => {
  // Prints what came of it and, where it has the lock, keeps it until its input ends.
  program = bundleProgram(`
    import { randomBytes } from 'node:crypto';
    import { hostname } from 'node:os';
    import { acquireLock } from './src/authority/journal/lock.ts';
    const identity = { hostName: hostname(), atSeconds: 1795339800, random: (n) => new Uint8Array(randomBytes(n)) };
    process.stdout.write('ready\\n');
    let lock;
    process.stdin.once('data', () => {
      try {
        lock = acquireLock(process.argv[2], 'root generate', identity);
        process.stdout.write('held\\n');
      } catch (error) {
        process.stdout.write(error.code + ' ' + error.message + '\\n');
      }
    });
    process.stdin.on('end', () => lock?.release());
  `);
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

interface Contender {
  readonly child: ChildProcess;
  line(): Promise<string>;
  go(): void;
}

function contender(dir: string): Contender {
  const child = spawn(process.execPath, [program, dir], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    line: async () => String((await lines.next()).value),
    go: () => void child.stdin.write('go\n'),
  };
}

async function holding(dir: string): Promise<Contender> {
  const one = contender(dir);
  await one.line();
  one.go();
  expect(await one.line()).toBe('held');
  return one;
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((done) => child.once('exit', () => done()));
}

function put(dir: string, holder: Partial<LockHolder>): void {
  const whole: LockHolder = {
    pid: process.pid,
    pidNamespace: pidNamespace(),
    processStart: null,
    bootId: null,
    host: hostname(),
    command: 'revoke',
    since: '2026-01-01T00:00:00Z',
    nonce: '0123456789ab',
    ...holder,
  };
  writeFileSync(join(dir, 'lock'), encodeHolder(whole));
}

const bootId = existsSync('/proc/sys/kernel/random/boot_id')
  ? readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  : null;

describe('lock', () => {
  test('is given back, and nothing is left', () => {
    const dir = temporaryFolder();
    const lock = acquireLock(dir, 'init', identity);
    expect(readdirSync(dir)).toEqual(['lock']);
    expect(lock.takenOverFrom).toBeUndefined();
    lock.release();
    lock.release();
    expect(readdirSync(dir)).toEqual([]);
  });

  test('of a living process is refused, naming process, command and time', async () => {
    const dir = temporaryFolder();
    const holder = await holding(dir);
    const pattern = new RegExp(
      `process ${String(holder.child.pid)} on .*\\(root generate\\) since 2026-11-22T09:30:00Z`,
    );
    expect(() => acquireLock(dir, 'revoke', identity)).toThrow(pattern);
    expect(codeOf(() => acquireLock(dir, 'revoke', identity))).toBe('authority-locked');
    holder.child.stdin?.end();
    await ended(holder.child);
    acquireLock(dir, 'revoke', identity).release();
    expect(readdirSync(dir)).toEqual([]);
  });

  test('is refused to the process that has it', () => {
    const dir = temporaryFolder();
    const lock = acquireLock(dir, 'init', identity);
    expect(codeOf(() => acquireLock(dir, 'init', identity))).toBe('authority-locked');
    lock.release();
  });

  test('of a killed process is taken over', async () => {
    const dir = temporaryFolder();
    const holder = await holding(dir);
    holder.child.kill('SIGKILL');
    await ended(holder.child);
    const lock = acquireLock(dir, 'revoke', identity);
    expect(lock.takenOverFrom).toMatchObject({ pid: holder.child.pid, command: 'root generate' });
    expect(readdirSync(dir)).toEqual(['lock']);
    lock.release();
  });

  test('of a dead process goes to exactly one of eight contenders', async () => {
    for (let round = 0; round < 3; round++) {
      const dir = temporaryFolder();
      const dead = await holding(dir);
      dead.child.kill('SIGKILL');
      await ended(dead.child);
      const contenders = Array.from({ length: 8 }, () => contender(dir));
      await Promise.all(contenders.map((one) => one.line()));
      for (const one of contenders) one.go();
      const said = await Promise.all(contenders.map((one) => one.line()));
      expect(said.filter((line) => !/^(held|authority-locked)/.test(line))).toEqual([]);
      expect(said.filter((line) => line === 'held')).toHaveLength(1);
      expect(said.filter((line) => line.startsWith('authority-locked'))).toHaveLength(7);
      expect(readdirSync(dir)).toEqual(['lock']);
      for (const { child } of contenders) child.kill('SIGKILL');
    }
  });

  test('is taken over although another died in the middle of doing so', () => {
    const dir = temporaryFolder();
    const [pid, other] = [2 ** 22 + 1, 2 ** 22 + 2];
    put(dir, { pid });
    const claim = encodeHolder({
      pid: other,
      pidNamespace: pidNamespace(),
      processStart: null,
      bootId: null,
      host: hostname(),
      command: 'revoke',
      since: '2026-01-01T00:00:00Z',
      nonce: 'aaaaaaaaaaaa',
    });
    writeFileSync(join(dir, '.lock.claim-0123456789ab'), claim);
    writeFileSync(join(dir, `.lock.${String(other)}.aaaaaaaaaaaa.tmp`), claim);
    const lock = acquireLock(dir, 'init', identity);
    expect(lock.takenOverFrom?.pid).toBe(pid);
    expect(readdirSync(dir)).toEqual(['lock']);
    lock.release();
  });

  test.each<[string, Partial<LockHolder>, boolean]>([
    ['a process number that nobody has', { pid: 2 ** 22 + 1 }, true],
    ['a living process', {}, false],
    ['a number that another process got since', { processStart: '1', bootId }, true],
    ['an earlier boot', { bootId: 'earlier' }, true],
    ['an earlier boot, in another namespace', { bootId: 'earlier', pidNamespace: '4:1' }, true],
    ['a dead number in another namespace', { pid: 2 ** 22 + 1, pidNamespace: '4:1' }, false],
    ['a dead number in a namespace that is not known', { pid: 2 ** 22 + 1, pidNamespace: null }, false],
    ['a dead number on another host', { pid: 2 ** 22 + 1, host: 'elsewhere.example' }, false],
    ['another boot on another host', { bootId: 'earlier', host: 'elsewhere.example' }, false],
  ])('of %s', (_name, holder, takenOver) => {
    const dir = temporaryFolder();
    put(dir, holder);
    const code = codeOf(() => {
      acquireLock(dir, 'init', identity);
    });
    expect(code).toBe(takenOver ? undefined : 'authority-locked');
  });

  testWhere(bootId !== null, '/proc', 'of a dead process that its parent has not noticed is taken over', async () => {
    const parent = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(parent);
    const value = String((await createInterface({ input: parent.stdout })[Symbol.asyncIterator]().next()).value);
    const stat = (): string => readFileSync(`/proc/${value}/stat`, 'utf8');
    while (!stat().includes(') Z ')) await new Promise((later) => setTimeout(later, 10));
    const dir = temporaryFolder();
    put(dir, { pid: Number(value), processStart: stat().split(' ')[21] ?? '', bootId });
    acquireLock(dir, 'init', identity).release();
  });

  test.each<[string, Partial<LockHolder>, RegExp]>([
    ['of another host', { host: 'elsewhere.example', pid: 7 }, /Look on elsewhere\.example, with: (ps -p )7( [^.]*)\./],
    [
      'of another PID namespace',
      { pidNamespace: '4:402653' },
      /with: (ps -e -o pidns,lstart,args)()\. .* with 402653 /,
    ],
    ['of a living process that is something else', { pid: 1 }, /Wait until .* (ps -p 1 -o lstart,args)() shows/],
  ])(
    '%s: how to see whether it is dead, and the command that takes it away, both of which work',
    (_what, holder, says) => {
      const dir = temporaryFolder();
      put(dir, holder);
      let hint = '';
      try {
        acquireLock(dir, 'init', identity);
      } catch (error) {
        hint = error instanceof CeremonyError ? (error.hint ?? '') : '';
      }
      const [, look = '', more = ''] = says.exec(hint) ?? [];
      const own = look.endsWith('-p ') ? String(process.pid) : '';
      const listed = spawnSync('sh', ['-c', `${look}${own}${more}`], { encoding: 'utf8' });
      expect([hint, listed.status, listed.stdout]).toEqual([hint, 0, expect.stringMatching(/STARTED/)]);
      const remove = /run: (rm .*)$/.exec(hint)?.[1] ?? '';
      expect(spawnSync('sh', ['-c', remove], { cwd: '/' }).status).toBe(0);
      acquireLock(dir, 'init', identity).release();
    },
  );

  test.each(['', '{}', 'x', '{"version":1}'])('that holds %j is refused', (text) => {
    const dir = temporaryFolder();
    writeFileSync(join(dir, 'lock'), text);
    expect(codeOf(() => acquireLock(dir, 'init', identity))).toBe('authority-locked');
  });

  test("release leaves another's lock alone", () => {
    const dir = temporaryFolder();
    const lock = acquireLock(dir, 'init', identity);
    put(dir, {});
    lock.release();
    expect(readdirSync(dir)).toEqual(['lock']);
  });
});
