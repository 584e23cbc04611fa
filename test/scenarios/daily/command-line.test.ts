/** The command line itself: what is no command, options in any place, help, and streams that are closed. */
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cli, cliJson, PROGRAM, run, shell } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newFolder, readTree } from '../../support/cli/cli-authority.js';
import { errorOf, expectJsonRefusal, expectRefusal } from '../../support/cli/cli-errors.js';
import { toolTest } from '../../support/machine/tools.js';

describe('wrong usage: exit 2, in text and in JSON', () => {
  const folder = newFolder();
  test.each([
    [['frobnicate'], 'frobnicate'],
    [['root', 'frobnicate'], 'frobnicate'],
    [['root', 'genrate'], 'did you mean generate'],
    [['root'], 'command'],
    [[], 'command'],
    [['status', '--frobnicate'], '--frobnicate'],
    [['status', '-x'], '-x'],
    [['status', 'an-argument'], 'argument'],
    [['inspect'], 'file'],
    [['inspect', 'a', 'b'], 'argument'],
    [['fingerprint'], 'file'],
    [['inspect', '--kind', 'spoon', 'f'], 'spoon'],
    [['init'], 'domain'],
    [['init', 'example.org', '--ciphersuite', 'rot13'], 'rot13'],
    [['root', 'generate', '--lifetime', '1y', '--not-after', '2030'], '--lifetime'],
    [['root', 'generate', '--lifetime', 'soon'], 'soon'],
    [['root', 'generate', '--not-before', 'yesterday'], 'yesterday'],
    [['bundle', 'verify', 'f'], '--trust'],
    [['bundle', 'verify', 'f', '--last', 'g', '--threshold', '0'], '--threshold'],
    [['bundle', 'verify', 'f', '--threshold', '1', '--trust', 'g', '--threshold', '2'], '--threshold is given twice'],
    [['bundle', 'export', '--last', 'f', '--last', 'g'], '--last is given twice'],
    [['verify', 'f'], ''],
    [['intermediate', 'request'], '--key'],
    [['completion', 'tcsh'], 'tcsh'],
  ] as const)('%j', (args, says) => {
    // A file that is named and isn't there is no usage error.
    const status = args[0] === 'verify' ? 3 : 2;
    const code = status === 3 ? 'file-not-found' : 'usage';
    const ended = cli(args, { cwd: folder });
    expectRefusal({ ...ended, stderr: ended.stderr.replace(/^[^]*?(?=error: )/, '') }, { status, code, says });
    expectJsonRefusal(cliJson(args, { cwd: folder }), { status, code, says });
    expect(readdirSync(folder)).toEqual([]);
  });
});

test('an option without its value', () => {
  expectRefusal(cli(['status', '-C']), { status: 2, code: 'usage', says: '-C' });
});

test('global options stand before and after the command, and within a group', () => {
  const { dir, folder } = authorityWith('root');
  const expected = mustSucceed(cli(['-C', dir, '--json', 'status'])).stdout;
  const key = ['--passphrase-file', 'passphrase', '--yes'];
  const without = (text: string): string => text.replace(/"by[^}]*|"at(_unix)?":[^,]*,/g, '');
  for (const args of [
    ['status', '-C', dir, '--json'],
    ['--json', 'status', '--dir', dir],
    ['status', `--dir=${dir}`, '--json', '-q', '--no-color'],
    ['-v', '--json', '-C', dir, 'status', '--yes', '--pin-file', 'nowhere', '--passphrase-file', 'a=b'],
  ]) {
    expect(without(mustSucceed(cli(args)).stdout)).toBe(without(expected));
  }
  mustSucceed(cli(['bundle', '-C', dir, ...key, 'export'], { cwd: folder }));
  mustSucceed(cli([...key, 'bundle', 'export', '-C', dir], { cwd: folder }));
  mustSucceed(cli(['bundle', 'export', ...key], { cwd: folder, env: { AS_CEREMONY_DIR: dir } }));
  mustSucceed(cli(['bundle', 'export', '--passphrase-file', '../passphrase', '--yes'], { cwd: dir }));
  expect(readdirSync(join(dir, 'bundles'))).toHaveLength(4);
  const elsewhere = cli(['status', '-C', dir], { env: { AS_CEREMONY_DIR: '/nowhere' } });
  expect(elsewhere.status).toBe(0);
});

test('help and version: exit 0, on stdout, for every command', () => {
  const help = mustSucceed(cli(['--help']));
  expect(help.stderr).toBe('');
  expect(mustSucceed(cli(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  for (const name of ['init', 'root', 'root generate', 'bundle export', 'verify', 'key change-passphrase', 'status']) {
    const { stdout, stderr } = mustSucceed(cli([...name.split(' '), '--help']));
    expect([stdout.startsWith(`Usage: as-ceremony ${name}`), stderr]).toEqual([true, '']);
  }
  expect(mustSucceed(cli(['help', 'root', 'generate'])).stdout).toMatch(/^Usage: as-ceremony root generate/);
});

test('a stack trace is shown with AS_CEREMONY_DEBUG=1 only', () => {
  const folder = newFolder();
  const plain = cli(['status'], { cwd: folder });
  expectRefusal(plain, { status: 3, code: 'no-authority', hint: 'init' });
  const debug = cli(['status'], { cwd: folder, env: { AS_CEREMONY_DEBUG: '1' } });
  expect(debug.stderr).toMatch(/\n {4}at /);
  expect(cliJson(['status'], { cwd: folder, env: { AS_CEREMONY_DEBUG: '1' } }).json.code).toBe('no-authority');
  expect(cli(['status'], { cwd: folder, env: { AS_CEREMONY_DEBUG: '0' } }).stderr).toBe(plain.stderr);
});

describe('standard output that nobody reads', () => {
  toolTest('bash', 'head takes one line: no error, no trace', () => {
    const { dir } = authorityWith('root');
    const file = join(dir, 'credentials/root-1.pem');
    const many = Array.from({ length: 300 }, () => `'${file}'`).join(' ');
    const ended = shell(`set -o pipefail; as-ceremony fingerprint --words ${many} | head -1`);
    expect([ended.status, ended.stderr]).toEqual([0, '']);
    expect(ended.stdout).toBe(`${file}\n`);
  });

  toolTest('bash', 'closed: a command that writes does its work, once', () => {
    const { dir, passphraseFile } = authorityWith('root');
    const ended = shell(`as-ceremony -C '${dir}' bundle export --yes --passphrase-file '${passphraseFile}' >&- 2>&-`);
    expect([ended.status, ended.stderr]).toEqual([0, '']);
    expect(readdirSync(join(dir, 'bundles'))).toEqual(['bundle-000001.cose']);
    expect(readdirSync(dir)).not.toContain('lock');
  });

  for (const option of ['', '--json']) {
    toolTest('bash', `a full device${option}: the error says that the work was done`, () => {
      const { dir, passphraseFile } = authorityWith('root');
      const ended = shell(
        `as-ceremony -C '${dir}' bundle export --yes ${option} --passphrase-file '${passphraseFile}' >/dev/full`,
      );
      const seen = errorOf(ended);
      expect([ended.status, seen.code]).toEqual([3, 'output']);
      expect(seen.error).toMatch('was done');
      expect(seen.hint).toMatch('status');
      expect(Object.keys(readTree(dir))).toContain('bundles/bundle-000001.cose');
    });
  }
});

describe('an output that cannot be written', () => {
  for (const [what, command, status] of [
    ['a full device, for the version', 'as-ceremony --version >/dev/full', 3],
    ['one that was opened for reading', 'as-ceremony status --help 3</dev/null >&3', 3],
    ['where the error itself should stand', 'as-ceremony nosuch 2>/dev/full', 2],
    ['where a refusal should stand', 'as-ceremony status -C /nowhere 2>/dev/full', 3],
  ] as const)
    toolTest('bash', `${what}: the exit status says it`, () => {
      const ended = shell(command);
      expect(ended.status).toBe(status);
      expect(ended.stdout + ended.stderr).not.toMatch(/ at |CeremonyError/);
    });
});

test('a clone that was never built says what to do', () => {
  const folder = newFolder();
  mkdirSync(join(folder, 'bin'));
  copyFileSync(PROGRAM, join(folder, 'bin/as-ceremony.js'));
  const ended = run([process.execPath, join(folder, 'bin/as-ceremony.js'), '--version']);
  expectRefusal(ended, { status: 3, code: 'not-built', says: join(folder, 'dist/program/main.cjs') });
});
