/** Passphrases from files: which file for which key, what is refused, and that no secret is left anywhere. */
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { cli, type Ended, PROGRAM, run, shell, start } from '../../support/cli/cli.js';
import {
  authorityWith,
  filesHolding,
  mustSucceed,
  newAuthority,
  newFolder,
  PASSPHRASE,
  readTree,
  type Scene,
  writeSecret,
} from '../../support/cli/cli-authority.js';
import { expectRefusal } from '../../support/cli/cli-errors.js';
import { hasTool, testWhere, toolTest } from '../../support/machine/tools.js';

const OTHER = 'Another-Long-One-7714-qWz-99-Lk';
const EXPORT = ['bundle', 'export', '--yes'];

/** Exports a bundle with these files, named in this order. */
function exportWith({ dir, folder }: Scene, files: readonly string[]): Ended {
  return cli(['-C', dir, ...EXPORT, ...files.flatMap((file) => ['--passphrase-file', file])], { cwd: folder });
}

describe('the file for a key', () => {
  const scene = authorityWith('intermediate');
  writeSecret(scene.path('other'), OTHER);
  const right = 'passphrase';

  test.each([
    ['for whichever key asks', [right]],
    ['by its URI', [`file:keys/root-1.age=${right}`]],
    ['by its name', [`root-1=${right}`]],
    ['before the one for any key', ['other', `root-1=${right}`]],
    ['besides those of other keys', ['intermediate-1=other', `root-1=${right}`]],
    ['a path with = in it', ['./with=equals']],
  ])('%s', (_name, files) => {
    writeSecret(scene.path('with=equals'), PASSPHRASE);
    mustSucceed(exportWith(scene, files));
  });

  test('a file for another key is not tried', () => {
    const before = readTree(scene.dir);
    const nobody = { status: 2, code: 'usage', says: 'Passphrase of file:keys/root-1.age' } as const;
    expectRefusal(exportWith(scene, [`intermediate-1=${right}`]), nobody);
    expectRefusal(exportWith(scene, ['root-1=other', right]), { status: 3, code: 'wrong-passphrase' });
    expect(readTree(scene.dir)).toEqual(before);
  });

  test('two without a key are refused: which is for whom', () => {
    expectRefusal(exportWith(scene, [right, 'other']), { status: 2, code: 'usage', hint: 'KEY=FILE' });
  });
});

describe('where the file lies', () => {
  const scene = authorityWith('root');
  const command = `as-ceremony -C '${scene.dir}' ${EXPORT.join(' ')} --passphrase-file`;

  toolTest('bash', 'a file descriptor', () => {
    mustSucceed(shell(`${command} /dev/fd/9 9<'${scene.passphraseFile}'`));
  });

  toolTest('bash', 'a pipe', () => {
    mustSucceed(shell(`${command} <(cat '${scene.passphraseFile}')`));
    mustSucceed(shell(`cat '${scene.passphraseFile}' | ${command} /dev/fd/0`));
  });

  toolTest('bash', 'a descriptor that is not open', () => {
    expectRefusal(shell(`${command} /dev/fd/99`), { status: 3, code: 'file-not-found' });
  });
});

test.each([
  ['with a newline', `${PASSPHRASE}\n`],
  ['without one', PASSPHRASE],
  ['with CRLF', `${PASSPHRASE}\r\n`],
])('a file %s holds the same passphrase', (_name, text) => {
  const scene = authorityWith('root');
  writeSecret(scene.passphraseFile, text);
  mustSucceed(exportWith(scene, ['passphrase']));
});

describe('a file is refused', () => {
  const scene = authorityWith('root');
  const secret = scene.path('secret');

  test.each([
    ['empty', '', 'bad-secret-file', 'no secret'],
    ['an empty line', '\n', 'bad-secret-file', 'no secret'],
    ['an empty line with CRLF', '\r\n', 'bad-secret-file', 'no secret'],
    ['two lines', `${PASSPHRASE}\n${PASSPHRASE}\n`, 'bad-secret-file', 'more than one line'],
    ['an empty line before it', `\n${PASSPHRASE}\n`, 'bad-secret-file', 'more than one line'],
    ['too large', 'x'.repeat(5000), 'file-too-large', 'larger than'],
    ['another passphrase', OTHER, 'wrong-passphrase', 'does not open'],
    ['the passphrase and a space', `${PASSPHRASE} \n`, 'wrong-passphrase', 'does not open'],
  ])('%s', (_name, text, code, says) => {
    writeSecret(secret, text);
    const before = readTree(scene.folder);
    const ended = exportWith(scene, ['secret']);
    expectRefusal(ended, { status: 3, code, says });
    expect(ended.stderr).not.toContain(PASSPHRASE);
    expect(readTree(scene.folder)).toEqual(before);
  });

  test.each([0o640, 0o604, 0o602, 0o610])('mode %o: others have a right to it', (mode) => {
    writeSecret(secret, PASSPHRASE);
    chmodSync(secret, mode);
    const hint = `chmod 600 ${secret}`;
    expectRefusal(exportWith(scene, [secret]), { status: 3, code: 'secret-file-exposed', hint });
    chmodSync(secret, 0o600);
  });

  test.each([0o600, 0o400])('but not with mode %o', (mode) => {
    writeSecret(secret, PASSPHRASE);
    chmodSync(secret, mode);
    mustSucceed(exportWith(scene, [secret]));
    chmodSync(secret, 0o600);
  });

  testWhere(process.getuid?.() === 0, 'root', 'of another user: its owner can read and change it', () => {
    writeSecret(secret, PASSPHRASE);
    chownSync(secret, 12_345, 12_345);
    const says = 'belongs to another user (12345';
    expectRefusal(exportWith(scene, [secret]), { status: 3, code: 'secret-file-exposed', says });
    expectRefusal(
      shell(
        `cd '${scene.folder}'; exec 9<secret; as-ceremony -C '${scene.dir}' ${EXPORT.join(' ')} --passphrase-file /dev/fd/9`,
      ),
      {
        status: 3,
        code: 'secret-file-exposed',
        says,
      },
    );
    chownSync(secret, 0, 0);
  });

  toolTest('mkfifo', 'a named pipe that others may write into, before anybody waits for it', () => {
    const pipe = scene.path('a pipe');
    mustSucceed(run(['mkfifo', '-m', '0666', pipe]));
    expectRefusal(exportWith(scene, [pipe]), {
      status: 3,
      code: 'secret-file-exposed',
      says: 'mode 666',
      hint: `chmod 600 '${pipe}'`,
    });
    chmodSync(pipe, 0o600);
    mustSucceed(
      shell(
        `cat '${writeSecret(secret, PASSPHRASE)}' > '${pipe}' & as-ceremony -C '${scene.dir}' ${EXPORT.join(' ')} --passphrase-file '${pipe}'`,
      ),
    );
  });

  toolTest(
    'mkfifo',
    'a named pipe into which nobody writes: Ctrl-C ends the waiting, and gives the lock back',
    async () => {
      const pipe = scene.path('silent');
      mustSucceed(run(['mkfifo', '-m', '0600', pipe]));
      const lock = join(scene.dir, 'lock');
      const child = start([process.execPath, PROGRAM, '-C', scene.dir, ...EXPORT, '--passphrase-file', pipe]);
      const ended = new Promise((resolve) => child.once('exit', resolve));
      try {
        while (!existsSync(lock)) await pause(20);
        await pause(1500);
        child.kill('SIGINT');
        expect(await Promise.race([ended, pause(10_000)])).toBe(130);
        expect(existsSync(lock)).toBe(false);
      } finally {
        child.kill('SIGKILL');
      }
    },
  );

  test('missing, or a folder', () => {
    mkdirSync(scene.path('folder'));
    expectRefusal(exportWith(scene, ['nowhere']), { status: 3, code: 'file-not-found', says: 'nowhere' });
    expectRefusal(exportWith(scene, ['folder']), { status: 3, code: 'file', says: 'is a folder' });
  });

  testWhere(
    process.getuid?.() !== 0 || hasTool('setpriv'),
    'setpriv, or an ordinary user',
    'unreadable for this user',
    () => {
      const own = authorityWith('root');
      const ordinary = asOrdinaryUser(own);
      chmodSync(own.passphraseFile, 0o000);
      const args = ['-C', own.dir, ...EXPORT, '--passphrase-file', own.passphraseFile];
      expectRefusal(cli(args, { under: ordinary }), { status: 3, code: 'file', says: 'may not be accessed' });
    },
  );
});

/** What makes a run that of an ordinary user, to whom the scene's authority then belongs. */
function asOrdinaryUser({ dir }: Scene): string[] {
  if (process.getuid?.() !== 0) return [];
  mustSucceed(run(['chown', '-R', '65534:65534', dir]));
  return ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
}

test('a new passphrase that is for another key is refused', () => {
  const scene = authorityWith('root');
  const change = ['key', 'change-passphrase', 'root-1', '--new-passphrase-file'];
  const path = writeSecret(scene.path('new'), OTHER);
  expectRefusal(scene.cli([...change, `root-2=${path}`]), { status: 2, code: 'usage', says: 'root-2' });
  mustSucceed(scene.cli([...change, `root-1=${path}`]));
});

describe('no secret is left anywhere', () => {
  test('not in the authority, its transcripts or any output', () => {
    const scene = newAuthority();
    const jobs = [
      ['root', 'generate', '--verbose'],
      ['intermediate', 'request', '--key', 'file:keys/intermediate-1.age', '--json'],
      ['intermediate', 'issue', 'authority/requests/intermediate-1.pem'],
      ['bundle', 'export', '--out', 'bundle.cose'],
      ['key', 'verify', 'root-1'],
      ['key', 'change-passphrase', 'root-1', '--new-passphrase-file', writeSecret(scene.path('new'), OTHER)],
    ];
    const shown = jobs.map((args) => mustSucceed(scene.cli(args))).map(({ stdout, stderr }) => stdout + stderr);
    for (const secret of [PASSPHRASE, OTHER]) {
      expect(shown.join('')).not.toContain(secret);
      expect(filesHolding(scene.dir, secret)).toEqual([]);
      expect(filesHolding(scene.dir, Buffer.from(secret).toString('hex'))).toEqual([]);
      expect(filesHolding(scene.dir, Buffer.from(secret).toString('base64').slice(0, 20))).toEqual([]);
    }
    expect(filesHolding(scene.folder, PASSPHRASE)).toEqual(['passphrase']);
  });

  test('a crash report holds none either', () => {
    const scene = authorityWith('root');
    writeSecret(scene.passphraseFile, OTHER);
    const { stdout, stderr } = scene.cli(['bundle', 'export'], { env: { AS_CEREMONY_DEBUG: '1' } });
    expect(stderr).toMatch(/\n {4}at /);
    expect(stdout + stderr).not.toContain(OTHER);
  });

  test('no environment variable and no argument takes one', () => {
    const scene = authorityWith('root');
    for (const name of ['AS_CEREMONY_PASSPHRASE', 'PASSPHRASE', 'AS_CEREMONY_PASSPHRASE_FILE']) {
      const args = ['-C', scene.dir, ...EXPORT];
      expectRefusal(cli(args, { env: { [name]: PASSPHRASE } }), { status: 2, code: 'usage' });
    }
    expectRefusal(cli(['-C', scene.dir, ...EXPORT, '--passphrase', PASSPHRASE]), { status: 2, code: 'usage' });
    const code = readTree(join(PROGRAM, '../../dist/program'));
    expect(Object.keys(code)).toContain('main.cjs');
    for (const text of Object.values(code)) expect(text).not.toMatch(/env\.\w*PASSPHRASE/);
  });

  toolTest('age', 'age opens the key with the passphrase of the file, and openssl reads it', () => {
    const scene = authorityWith('root');
    const folder = newFolder();
    const expectScript = `spawn -noecho age -d -o ${folder}/key.pem ${scene.dir}/keys/root-1.age
      expect "passphrase:" { send "${PASSPHRASE}\\r" }
      expect eof`;
    writeFileSync(join(folder, 'script'), expectScript);
    mustSucceed(run(['expect', join(folder, 'script')]));
    const text = mustSucceed(run(['openssl', 'pkey', '-in', join(folder, 'key.pem'), '-noout', '-text_pub'])).stdout;
    const record = JSON.parse(readFileSync(join(scene.dir, 'keys/root-1.json'), 'utf8')) as { public_key: string };
    expect(text.replace(/[\s:]/g, '')).toContain(record.public_key);
  });
});

test('a new passphrase or PIN with what nobody sees is named, and seals or opens nothing', () => {
  const scene = newAuthority();
  const before = readTree(scene.dir);
  for (const [name, secret] of [
    ['byte-order mark', `\u{FEFF}${PASSPHRASE}`],
    ['U+200B', `${PASSPHRASE}\u200b`],
    ['U+00FC', `${PASSPHRASE}\u00fc`],
  ] as const) {
    const file = writeSecret(scene.path('new'), `${secret}\n`);
    const ended = cli(['-C', scene.dir, 'root', 'generate', '--yes', '--passphrase-file', file]);
    expectRefusal(ended, { status: 3, code: 'bad-passphrase', says: name });
  }
  expect(readTree(scene.dir)).toEqual(before);
  mustSucceed(scene.cli(['root', 'generate']));
  const bom = writeSecret(scene.path('bom'), `\u{FEFF}${PASSPHRASE}\n`);
  const opened = cli(['-C', scene.dir, 'key', 'verify', 'root-1', '--passphrase-file', bom]);
  expectRefusal(opened, { status: 3, code: 'wrong-passphrase', hint: 'byte-order mark' });
});
