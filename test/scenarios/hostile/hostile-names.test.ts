/** Names that somebody chose to move a terminal, to hide, or to be more than one word of a shell. */
import { chmodSync, cpSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cli, cliJson, type JsonRecord, run, shell } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newAuthority, newFolder } from '../../support/cli/cli-authority.js';
import { errorOf, expectRefusal } from '../../support/cli/cli-errors.js';

/**
 * What a terminal obeys or doesn't show; line ends and our own colours excepted (there is no terminal here, so none).
 */
const OBEYED = /(?!\n)[\p{C}\p{Zl}\p{Zp}]/u;

const NAMES = [
  ['an escape sequence', 'a\u001b[2J\u001b[H'],
  ['C1 controls', 'a\u009b2J'],
  ['a line end', 'a\nhint: all is well'],
  ['another direction', 'a\u202e\u2066b'],
  ['nothing that is seen', 'a\u200b\u2060\ufeffb'],
] as const;

describe.each(NAMES)('a folder whose name has %s', (_what, name) => {
  const folder = newFolder();
  const dir = join(folder, name);

  test('does not reach the terminal, in whatever is said of it', () => {
    const texts = [
      mustSucceed(cli(['init', 'example.org', dir])),
      mustSucceed(cli(['-C', dir, 'status'])),
      mustSucceed(cli(['-C', dir, 'ledger', 'verify'])),
      cli(['-C', dir, 'doctor']),
      cli(['-C', dir, 'bundle', 'export', '--out', join(dir, 'x')]),
      cli(['-C', join(dir, 'nothing'), 'status']),
      cli(['init', 'example.org', dir]),
      cli(['inspect', join(dir, 'authority.yaml')]),
      cli(['-C', dir, name]),
      cli(['-C', dir, `--${name}`]),
    ];
    for (const { stdout, stderr } of texts) expect(`${stdout}${stderr}`).not.toMatch(OBEYED);
  });

  test('is a path as it is in JSON, which shows a terminal nothing of it either', () => {
    const { json, stdout } = cliJson(['-C', dir, 'status']);
    expect(json).toMatchObject({ ok: true });
    const gone = cliJson(['-C', join(dir, 'nothing'), 'status']);
    expect(gone.json.message).toContain(name);
    for (const text of [stdout, gone.stdout]) expect(text).not.toMatch(OBEYED);
  });
});

describe('a folder whose name a shell would split', () => {
  const folder = join(newFolder(), "anna's; $(exit 7) files");
  mkdirSync(folder);

  test('is one word in the commands that init and a refusal print', () => {
    const said = mustSucceed(cli(['init', 'example.org', 'x y'], { cwd: folder })).stdout;
    const [, command = ''] = /(as-ceremony -C .* root generate)/.exec(said) ?? [];
    const made = shell(`${command} --yes --help`, { cwd: folder });
    expect([command, made.status]).toEqual(["as-ceremony -C 'x y' root generate", 0]);
  });

  test('and so is that of a file with a secret', () => {
    const scene = newAuthority();
    const secret = join(folder, 'pass word');
    mustSucceed(run(['sh', '-c', 'echo x > "$1"; chmod 644 "$1"', '-', secret]));
    const refused = cli(['-C', scene.dir, 'root', 'generate', '--yes', '--passphrase-file', secret]);
    expectRefusal(refused, { status: 3, code: 'secret-file-exposed' });
    mustSucceed(shell(errorOf(refused).hint.replace(/^Run: /, '')));
    mustSucceed(cli(['-C', scene.dir, 'root', 'generate', '--yes', '--passphrase-file', secret]));
  });
});

describe.each([
  ['redirects', 'a>b<c'],
  ['a mark on its letter', 'cafe\u0301'],
  ['a space that does not break', 'a\u00a0b'],
  ['a blank that is no space', 'a\u2800b'],
  ['a program of zsh', '=ls'],
])('a folder whose name has %s', (_what, name) => {
  test('is that folder in the commands that init and status print', () => {
    const folder = newFolder();
    const printed = [
      ['init', 'example.org', name],
      ['-C', name, 'status'],
    ].map((args) => {
      const [command = ''] = /as-ceremony -C .* root generate/.exec(mustSucceed(cli(args, { cwd: folder })).stdout) ?? [
        '',
      ];
      return command;
    });
    for (const command of printed) {
      expect(command).toContain('as-ceremony');
      const ended = shell(command.replace('root generate', 'status --json'), { cwd: folder });
      expect(JSON.parse(mustSucceed(ended).stdout)).toMatchObject({ ok: true, as_domain: 'example.org' });
    }
    expect(readdirSync(folder)).toEqual([name]);
  });
});

test('doctor prints a command that mends the permissions, wherever the authority lies', () => {
  const dir = join(newFolder(), "anna's; files");
  mustSucceed(cli(['init', 'example.org', dir]));
  chmodSync(join(dir, 'keys'), 0o777);
  const look = (): unknown =>
    (
      cliJson(['-C', dir, 'doctor']).json as { checks: readonly { id: string; verdict: string; hint?: string }[] }
    ).checks.find(({ id }) => id === 'authority-permissions');
  const { hint = '' } = look() as { hint?: string };
  mustSucceed(shell(hint.replace(/^Run: /, '')));
  expect(look()).toMatchObject({ verdict: 'ok' });
});

test('what a command says it has made is written out, too', () => {
  const scene = newAuthority();
  const dir = join(newFolder(), 'a\u001b[2J');
  cpSync(scene.dir, dir, { recursive: true });
  const made = (...args: readonly string[]) =>
    mustSucceed(cli(['-C', dir, ...args, '--yes', '--passphrase-file', scene.passphraseFile]));
  made('root', 'generate');
  const { stdout } = made('intermediate', 'request', '--key', 'file:keys/intermediate-1.age');
  expect(stdout).toContain('a\\u{1b}[2J');
  expect(stdout).not.toMatch(OBEYED);
  expect(stdout).toContain(
    String.raw`as-ceremony intermediate issue $'${dir.replace('\u001b', String.raw`\x1b`)}/requests/`,
  );
});

test('a name as long as arguments may be is judged at once', () => {
  const scene = newAuthority();
  const person = `witness=${' '.repeat(100_000)}<`;
  expectRefusal(cli(['-C', scene.dir, 'run', 'revocation', '--person', person]), { status: 2, code: 'usage' });
});

test('a file in the folder that could not be copied is named: its name no UTF-8, too long, or its size without end', () => {
  const { dir } = authorityWith('root');
  const notText = Buffer.concat([Buffer.from(join(dir, 'requests/a')), Buffer.from([0xff]), Buffer.from('.pem')]);
  writeFileSync(notText, '');
  writeFileSync(join(dir, 'keys', `${'k'.repeat(230)}.age`), '');
  writeFileSync(join(dir, 'keys', '\u001b[2J.age'), '');
  writeFileSync(join(dir, 'keys', '.hidden.age'), '');
  writeFileSync(join(dir, 'keys/endless.age'), '');
  truncateSync(join(dir, 'keys/endless.age'), 2 ** 40);
  const { json } = cliJson(['-C', dir, 'status']);
  const said = (json.findings as readonly JsonRecord[]).map(({ message }) => String(message));
  expect(said).toEqual([
    expect.stringMatching(/2J\.age: its name has the control character U\+001B/),
    expect.stringMatching(/^keys\/\.hidden\.age: no file of that name belongs there/),
    expect.stringMatching(/^keys\/endless\.age: it is larger than any file/),
    expect.stringMatching(/^keys\/k+\.age: its name is longer than 200 bytes/),
    expect.stringMatching(/^requests\/a.*\.pem: its name is not valid UTF-8/u),
  ]);
});
