import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { defaultSettings } from '../../../src/authority/formats/settings-defaults.js';
import { encodeKeyRecord } from '../../../src/authority/formats/small-files.js';
import { FOLDERS } from '../../../src/authority/ground/layout.js';
import { pendingState, recover } from '../../../src/authority/journal/recovery.js';
import { commit } from '../../../src/authority/journal/transaction.js';
import { toHex, utf8 } from '../../../src/common/bytes.js';
import { HeldFolder } from '../../../src/common/held-folder.js';
import { hash } from '../../../src/crypto/hash.js';
import { testWhere, toolTest } from '../../support/machine/tools.js';
import { bundleProgram, codeOf, temporaryFolder } from '../support.js';

const FILES = ['credentials/root-2.pem', 'keys/root-2.age', 'transcripts/0002-root-rotate.jsonl'] as const;

/** Every file below a folder, with its contents. */
function tree(dir: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(dir.length + 1), readFileSync(path, 'utf8')]),
  );
}

function folderWith(contents: Record<string, string>): string {
  const dir = temporaryFolder();
  for (const folder of FOLDERS) mkdirSync(join(dir, folder));
  for (const [path, text] of Object.entries(contents)) writeFileSync(join(dir, path), text);
  return dir;
}

const OLD = { 'credentials/root-1.pem': 'old' };
const NEW = { ...OLD, ...Object.fromEntries(FILES.map((path) => [path, `contents of ${path}`])) };
const newFiles = FILES.map((path) => ({
  path,
  bytes: utf8(`contents of ${path}`),
  mode: path.endsWith('.age') ? 0o600 : 0o644,
}));

describe('commit', () => {
  test('creates all files, with their modes, and leaves nothing else', () => {
    const dir = folderWith(OLD);
    commit(dir, 'root rotate', newFiles);
    expect(tree(dir)).toEqual(NEW);
    expect(statSync(join(dir, FILES[1])).mode & 0o777).toBe(0o600);
    expect(pendingState(dir)).toBeUndefined();
    expect(recover(dir)).toBeUndefined();
  });

  test('writes nothing if one name is taken', () => {
    const before = { ...OLD, [FILES[2]]: 'mine' };
    const dir = folderWith(before);
    expect(codeOf(() => commit(dir, 'root rotate', newFiles))).toBe('file-exists');
    expect(tree(dir)).toEqual(before);
  });

  test.each([
    '../x',
    '/etc/x',
    'credentials/../x',
    'other/x',
    'credentials/a/b',
    'credentials/.x',
    'lock',
    'pending.json',
    '',
    'credentials/',
    'a\\b',
    'a\nb',
  ])('refuses the path %j', (path) => {
    const dir = folderWith(OLD);
    expect(codeOf(() => commit(dir, 'x', [...newFiles, { path, bytes: utf8('x') }]))).toBe('bad-path');
    expect(tree(dir)).toEqual(OLD);
  });

  test('refuses a path twice, also in other letters', () => {
    const dir = folderWith(OLD);
    const files = ['keys/A.json', 'keys/a.json'].map((path) => ({ path, bytes: utf8('x') }));
    expect(codeOf(() => commit(dir, 'x', files))).toBe('bad-path');
  });
});

test('a folder is not listed for each of many files, when they are made and when that is gone on with', () => {
  const listed = jest.spyOn(HeldFolder.prototype, 'names');
  const dir = folderWith(OLD);
  const files = Array.from({ length: 40 }, (_, i) => ({
    path: `revocations/${String(i)}.json`,
    bytes: utf8(String(i)),
  }));
  commit(dir, 'x', files);
  expect(listed.mock.calls.length).toBeLessThan(10);
  // All have both names still.
  const pending = files.map(({ path, bytes }, i) => {
    const temporary = `revocations/.${String(i)}.json.0123456789ab.tmp`;
    linkSync(join(dir, path), join(dir, temporary));
    return { temporary, path, sha256: toHex(hash('sha256', bytes)), mode: 0o644 };
  });
  writeFileSync(join(dir, 'pending.json'), JSON.stringify({ version: 1, operation: 'revoke', files: pending }));
  listed.mockClear();
  expect(recover(dir)?.kind).toBe('completed');
  expect(listed.mock.calls.length).toBeLessThan(FOLDERS.length * 6);
  listed.mockRestore();
});

describe('a file that takes the place of another', () => {
  const sha256 = (text: string): string => toHex(hash('sha256', utf8(text)));
  /** `outside` is on another medium. */
  const places = (): { dir: string; path: string; at: string }[] => {
    const [inside, dir, medium] = [folderWith({ 'keys/a.age': 'old' }), folderWith({}), temporaryFolder()];
    writeFileSync(join(medium, 'a.age'), 'old');
    const outside = join(medium, 'a.age');
    return [
      { dir: inside, path: 'keys/a.age', at: join(inside, 'keys/a.age') },
      { dir, path: outside, at: outside },
    ];
  };
  const other = { path: 'keys/a.json', bytes: utf8('beside it') };
  const recordOf = (path: string): Uint8Array => {
    const { scheme } = defaultSettings('example.org').ciphersuite;
    const publicKey = new Uint8Array(scheme.publicKeyLength);
    return encodeKeyRecord({ uri: `file:${path}`, scheme, publicKey, madeAtSeconds: 0 });
  };

  test('only the very file that was named', () => {
    for (const { dir, path, at } of places()) {
      const file = { path, bytes: utf8('new'), mode: 0o600 };
      expect(codeOf(() => commit(dir, 'x', [other, { ...file, replaces: sha256('another') }]))).toBe('file-changed');
      expect(codeOf(() => commit(dir, 'x', [other, file]))).toBe('file-exists');
      expect([readFileSync(at, 'utf8'), existsSync(join(dir, other.path))]).toEqual(['old', false]);
      commit(dir, 'x', [other, { ...file, replaces: sha256('old') }]);
      expect([readFileSync(at, 'utf8'), statSync(at).mode & 0o777]).toEqual(['new', 0o600]);
      expect(readdirSync(dirname(at)).filter((name) => name.startsWith('.'))).toEqual([]);
    }
  });

  test('a crash before it took the place, and after', () => {
    for (const state of ['before', 'after', 'gone', 'stranger'] as const)
      for (const { dir, path, at } of places()) {
        const temporary = path.replace(/a\.age$/, '.a.age.0123456789ab.tmp');
        const absolute = at.replace(/a\.age$/, '.a.age.0123456789ab.tmp');
        const journal = { temporary, path, sha256: sha256('new'), mode: 0o600, replaces: sha256('old') };
        writeFileSync(
          join(dir, 'pending.json'),
          JSON.stringify({ version: 1, operation: 'key change-passphrase', files: [journal] }),
        );
        if (path === at) writeFileSync(join(dir, 'keys/a.json'), recordOf(path));
        if (state === 'before' || state === 'stranger') writeFileSync(absolute, 'new');
        if (state === 'after') writeFileSync(at, 'new');
        if (state === 'stranger') writeFileSync(at, 'not the old one');
        if (state === 'gone') rmSync(at);
        if (state === 'before' || state === 'after') {
          expect(recover(dir)).toEqual({ kind: 'completed', operation: 'key change-passphrase', files: [path] });
          expect(readFileSync(at, 'utf8')).toBe('new');
          expect(readdirSync(dirname(at)).filter((name) => name.startsWith('.'))).toEqual([]);
        } else {
          const before = tree(dir);
          expect(() => recover(dir)).toThrow(
            expect.objectContaining({
              code: 'authority-damaged',
              message: expect.stringContaining(at) as unknown,
              hint: expect.stringMatching(state === 'gone' && path === at ? /Plug in/ : /Correct that/) as unknown,
            }),
          );
          expect(tree(dir)).toEqual(before);
        }
      }
  });

  test.each(['/etc/passwd', '/tmp/../a.age', '/a//b.age', '/tmp/.age', '/tmp/.a.age', '/tmp/a.age/'])(
    'elsewhere only key files by a plain path: not %s',
    (path) => {
      const dir = folderWith(OLD);
      expect(codeOf(() => commit(dir, 'x', [{ path, bytes: utf8('x') }]))).toBe('bad-path');
      expect(tree(dir)).toEqual(OLD);
    },
  );
});

describe('after a crash', () => {
  let program = '';
  beforeAll(() => {
    program = bundleProgram(`
      import { commit } from './src/authority/journal/transaction.ts';
      import { recover } from './src/authority/journal/recovery.ts';
      const paths = ${JSON.stringify(FILES)};
      if (process.argv[3] === 'recover') recover(process.argv[2]);
      else commit(process.argv[2], 'root rotate', paths.map((path) => ({ path, bytes: Buffer.from('contents of ' + path) })));
    `);
  });

  /** Runs the program under strace; the log has the traced calls of the main thread. */
  function traced(
    dir: string,
    call: string,
    inject: readonly string[],
    doing = 'commit',
  ): { killed: boolean; calls: string[] } {
    const log = join(temporaryFolder(), 'log');
    const options = ['-f', '-qq', '-y', '-o', log, '-e', `trace=${call}`, ...inject];
    const run = spawnSync('strace', [...options, process.execPath, program, dir, doing], { encoding: 'utf8' });
    const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [];
    const main = lines[0]?.split(' ')[0] ?? '';
    return {
      killed: run.signal === 'SIGKILL' || run.status === 137,
      calls: lines.filter((line) => line.startsWith(`${main} `) && !/\+\+\+|---|resumed/.test(line)),
    };
  }

  /** A file in a folder that the program holds open has its path below /proc/self/fd. */
  const isOurs = (line: string, dir: string): boolean => line.includes(dir) || line.includes('"/proc/self/fd/');

  const CALLS = ['write', 'fsync', 'link', 'unlink', 'openat'] as const;
  /** Both sides of the commit point are reached by the calls that happen on both. */
  const MUST_SEE: Record<(typeof CALLS)[number], string[]> = {
    write: ['rolled-back'],
    fsync: ['completed', 'rolled-back'],
    link: ['completed', 'rolled-back'],
    unlink: ['completed'],
    openat: ['completed', 'nothing', 'rolled-back'],
  };
  for (const call of CALLS) {
    toolTest(
      'strace',
      `killed at any ${call}, all or nothing is there`,
      () => {
        const trial = folderWith(OLD);
        const { calls } = traced(trial, call, []);
        expect(tree(trial)).toEqual(NEW);
        const ours = calls.flatMap((line, index) => (isOurs(line, trial) ? [index + 1] : []));
        expect(ours.length).toBeGreaterThan(3);
        const outcomes = new Set<string>();
        let missed = 0;
        for (const at of ours) {
          const dir = folderWith(OLD);
          const { killed } = traced(dir, call, ['-e', `inject=${call}:signal=KILL:when=${String(at)}`]);
          if (!killed) missed++;
          const foreseen = pendingState(dir);
          const recovery = recover(dir);
          expect(recovery).toEqual(foreseen);
          const after = tree(dir);
          const isNew = Object.keys(after).length > 1;
          expect(after).toEqual(isNew ? NEW : OLD);
          if (recovery?.kind === 'completed') {
            expect(recovery).toEqual({ kind: 'completed', operation: 'root rotate', files: FILES });
            expect(isNew).toBe(true);
          }
          if (recovery?.kind === 'rolled-back' && !recovery.files.some((file) => file.includes('pending')))
            expect(isNew).toBe(false);
          outcomes.add(recovery?.kind ?? 'nothing');
          expect(recover(dir)).toBeUndefined();
          commitAgain(dir, isNew);
        }
        // Node's own calls before ours are not quite the same number each time.
        expect(missed).toBeLessThan(3);
        expect([...outcomes].sort()).toEqual(expect.arrayContaining(MUST_SEE[call]));
      },
      300_000,
    );
  }

  /** The authority works on. */
  function commitAgain(dir: string, isNew: boolean): void {
    if (isNew) expect(codeOf(() => commit(dir, 'x', newFiles))).toBe('file-exists');
    else commit(dir, 'x', newFiles);
    expect(tree(dir)).toEqual(NEW);
  }

  /** A folder as a crash right after the commit point leaves it. */
  function interrupted(): string {
    const dir = folderWith(OLD);
    const hash = (text: string): string =>
      spawnSync('sha256sum', { input: text, encoding: 'utf8' }).stdout.slice(0, 64);
    const files = FILES.map((path) => {
      const temporary = path.replace('/', '/.') + '.0123456789ab.tmp';
      writeFileSync(join(dir, temporary), `contents of ${path}`);
      return { temporary, path, sha256: hash(`contents of ${path}`), mode: 0o644 };
    });
    writeFileSync(join(dir, 'pending.json'), JSON.stringify({ version: 1, operation: 'root rotate', files }));
    return dir;
  }

  for (const call of ['link', 'unlink', 'fsync'] as const) {
    toolTest(
      'strace',
      `a recovery killed at any ${call} is completed by the next`,
      () => {
        const trial = interrupted();
        const { calls } = traced(trial, call, [], 'recover');
        expect(tree(trial)).toEqual(NEW);
        const ours = calls.flatMap((line, index) => (isOurs(line, trial) ? [index + 1] : []));
        expect(ours.length).toBeGreaterThan(2);
        for (const at of ours) {
          const dir = interrupted();
          expect(traced(dir, call, ['-e', `inject=${call}:signal=KILL:when=${String(at)}`], 'recover').killed).toBe(
            true,
          );
          recover(dir);
          expect(tree(dir)).toEqual(NEW);
        }
      },
      300_000,
    );
  }

  test('a recorded transaction is completed from each state of each file', () => {
    for (const state of ['to-name', 'both', 'named', 'claimed']) {
      const dir = interrupted();
      const [temporary, path] = [join(dir, 'keys/.root-2.age.0123456789ab.tmp'), join(dir, FILES[1])];
      if (state === 'both' || state === 'named') cpSync(temporary, path);
      if (state === 'named') rmSync(temporary);
      if (state === 'claimed') writeFileSync(path, '');
      expect(recover(dir)).toEqual({ kind: 'completed', operation: 'root rotate', files: FILES });
      expect(tree(dir)).toEqual(NEW);
    }
  });

  test.each<[string, (dir: string) => void, string]>([
    [
      'a changed temporary',
      (dir) => writeFileSync(join(dir, 'keys/.root-2.age.0123456789ab.tmp'), 'x'),
      '.root-2.age.',
    ],
    [
      'a missing temporary',
      (dir) => rmSync(join(dir, 'keys/.root-2.age.0123456789ab.tmp')),
      'keys/root-2.age is missing',
    ],
    ['a stranger under the name', (dir) => writeFileSync(join(dir, FILES[1]), 'x'), 'keys/root-2.age exists'],
    ['a damaged journal', (dir) => writeFileSync(join(dir, 'pending.json'), '{"version":1,'), 'pending.json'],
    [
      'a journal of a later version',
      (dir) => writeFileSync(join(dir, 'pending.json'), '{"version":2,"operation":"x","files":[]}'),
      'version is 2',
    ],
    [
      'a journal that points outside',
      (dir) =>
        writeFileSync(
          join(dir, 'pending.json'),
          readFileSync(join(dir, 'pending.json'), 'utf8').replaceAll('"keys/', '"../'),
        ),
      'files[1] is wrong',
    ],
  ])('%s is refused, and nothing changes', (_name, damage, said) => {
    const dir = interrupted();
    damage(dir);
    const before = tree(dir);
    expect(() => recover(dir)).toThrow(
      expect.objectContaining({ code: 'authority-damaged', message: expect.stringContaining(said) as unknown }),
    );
    expect(tree(dir)).toEqual(before);
  });

  test('a journal of thousands of files, as a rebuilt authority has them, is read again', () => {
    const dir = temporaryFolder(true);
    mkdirSync(join(dir, 'revocations'));
    const files = Array.from({ length: 6000 }, (_, i) => {
      const path = `revocations/${String(i).padStart(64, '0')}.json`;
      const temporary = path.replace('/', '/.') + '.0123456789ab.tmp';
      writeFileSync(join(dir, temporary), path);
      return { temporary, path, sha256: toHex(hash('sha256', utf8(path))), mode: 0o644 };
    });
    const journal = JSON.stringify({ version: 1, operation: 'init', files });
    expect(journal.length).toBeGreaterThan(1024 * 1024);
    writeFileSync(join(dir, 'pending.json'), journal);
    expect(recover(dir)?.files).toHaveLength(6000);
    expect(readdirSync(join(dir, 'revocations')).sort()).toEqual(files.map(({ path }) => path.slice(12)));
    expect(readdirSync(dir)).toEqual(['revocations']);
  });

  test('an empty journal, as FAT may leave it, is no commit', () => {
    const dir = interrupted();
    writeFileSync(join(dir, 'pending.json'), '');
    expect(recover(dir)?.kind).toBe('rolled-back');
    expect(tree(dir)).toEqual(OLD);
  });

  test("the lock's own temporaries are left alone, and so are a person's files", () => {
    const mine = { ...OLD, '.lock.12.0123456789ab.tmp': 'x', 'notes.tmp': 'x', 'keys/.hidden': 'x' };
    const dir = folderWith(mine);
    writeFileSync(join(dir, 'keys/.root-3.age.0123456789ab.tmp'), 'x');
    expect(recover(dir)).toEqual({ kind: 'rolled-back', files: ['keys/.root-3.age.0123456789ab.tmp'] });
    expect(tree(dir)).toEqual(mine);
  });
});

describe('a full disk', () => {
  const mountPoint = temporaryFolder();
  const mounts = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', mountPoint]).status === 0;
  if (mounts) spawnSync('umount', [mountPoint]);

  testWhere(mounts, 'right to mount', 'leaves nothing', () => {
    const dir = temporaryFolder();
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', dir]).status).toBe(0);
    try {
      const files = [0, 1, 2].map((n) => ({ path: `keys/k${String(n)}.age`, bytes: new Uint8Array(30_000) }));
      expect(codeOf(() => commit(dir, 'x', files))).toBe('file');
      expect(tree(dir)).toEqual({});
      commit(dir, 'x', files.slice(0, 1));
      expect(Object.keys(tree(dir))).toEqual(['keys/k0.age']);
    } finally {
      spawnSync('umount', [dir]);
    }
  });
});
