/** A person at a terminal: the preview before signing, the one answer that counts, and every way out. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { cli, run, shell } from '../../support/cli/cli.js';
import { authorityWith, newAuthority, PASSPHRASE, readTree, type Scene } from '../../support/cli/cli-authority.js';
import { expectRefusal } from '../../support/cli/cli-errors.js';
import { CTRL_C, CTRL_D, ENTER, Terminal } from '../../support/cli/cli-terminal.js';
import { toolTest } from '../../support/machine/tools.js';

const QUESTION = '(type yes)';
const COLOUR = new RegExp(String.raw`\u001b\[[0-9;]*[1-9]m`);
const EXPORT = ['bundle', 'export'];

const at = (scene: Scene, args: readonly string[], env: Record<string, string> = {}): Terminal =>
  new Terminal(['-C', scene.dir, ...args], { cwd: scene.folder, env });
const withFile = ({ passphraseFile }: Scene): string[] => ['--passphrase-file', passphraseFile];

describe('the question before signing', () => {
  toolTest('script', 'comes after a preview of what is signed and what will change; yes signs', async () => {
    const scene = authorityWith('intermediate');
    const terminal = at(scene, [...EXPORT, ...withFile(scene)]);
    await terminal.see('Bundle 1 of example.org');
    for (const label of ['sequence', 'issued at', 'expires at', 'root', 'intermediate', 'signed by', 'Then:']) {
      await terminal.see(label);
    }
    expect(readdirSync(join(scene.dir, 'bundles'))).toEqual([]);
    await terminal.answer(QUESTION, 'yes');
    await terminal.see('Bundle 1 is signed');
    expect(await terminal.end()).toBe(0);
    expect(readdirSync(join(scene.dir, 'bundles'))).toEqual(['bundle-000001.cose']);
  });

  for (const answer of ['no', 'Yes', 'y', '', ' yes']) {
    toolTest('script', `${JSON.stringify(answer)} is no yes`, async () => {
      const scene = authorityWith('intermediate');
      const before = readTree(scene.dir);
      const terminal = at(scene, [...EXPORT, ...withFile(scene)]);
      await terminal.answer(QUESTION, answer);
      expect(await terminal.end()).toBe(1);
      expect(terminal.text).toContain('code: declined\n');
      expect(readTree(scene.dir)).toEqual(before);
    });
  }

  toolTest('script', 'is asked with --json too, on stderr alone', async () => {
    const scene = authorityWith('intermediate');
    const terminal = at(scene, [...EXPORT, ...withFile(scene), '--json', '--quiet']);
    await terminal.see('signed by');
    await terminal.answer(QUESTION, 'yes');
    await terminal.see('{"ok":true');
    expect(await terminal.end()).toBe(0);
  });
});

/** Where a person can stop: what was answered until then. */
const STOPS: readonly [string, readonly [string, string][], string][] = [
  ['the confirmation', [], QUESTION],
  ['the new passphrase', [[QUESTION, 'yes']], 'New passphrase for'],
  [
    'its repetition',
    [
      [QUESTION, 'yes'],
      ['New passphrase for', PASSPHRASE],
    ],
    'Repeat it',
  ],
  [
    'the passphrase to write down',
    [
      [QUESTION, 'yes'],
      ['New passphrase for', ''],
    ],
    'Press Enter',
  ],
  [
    'the passphrase from the paper',
    [
      [QUESTION, 'yes'],
      ['New passphrase for', ''],
      ['Press Enter', ''],
    ],
    'from the paper',
  ],
];

describe.each([
  ['Ctrl-C', CTRL_C],
  ['Ctrl-D', CTRL_D],
])('%s', (key, keys) => {
  for (const [where, answers, question] of key === 'Ctrl-C' ? STOPS : STOPS.slice(0, 2)) {
    toolTest('script', `at ${where}: exit 130, nothing written, no lock left`, async () => {
      const scene = newAuthority();
      const before = readTree(scene.dir);
      const terminal = at(scene, ['root', 'generate']);
      for (const [asked, line] of answers) await terminal.answer(asked, line);
      await terminal.see(question);
      terminal.type(keys);
      expect(await terminal.end()).toBe(130);
      expect(terminal.text).toMatch(/error: .*\ncode: interrupted\nhint: .+\n$/);
      expect(readTree(scene.dir)).toEqual(before);
    });
  }
});

describe('other ends', () => {
  for (const [signal, stage] of [
    ['TERM', 'root'],
    ['INT', 'root'],
  ] as const) {
    toolTest('script', `SIG${signal} at a question: nothing written, no lock left`, async () => {
      const scene = authorityWith(stage);
      const before = readTree(scene.dir);
      const terminal = at(scene, EXPORT);
      await terminal.see(QUESTION);
      run(['sh', '-c', `kill -${signal} "$(sed 's/.*"pid":\\([0-9]*\\).*/\\1/' lock)"`], { cwd: scene.dir });
      expect(await terminal.end()).toBe(130);
      expect(readTree(scene.dir)).toEqual(before);
    });
  }

  toolTest('script', 'Ctrl-C while the passphrase is stretched: nothing written, no lock left', async () => {
    const scene = newAuthority('example.org', (yaml) => yaml.replace(/^key_work_factor: .*$/m, 'key_work_factor: 19'));
    const before = readTree(scene.dir);
    const terminal = at(scene, ['root', 'generate', '--yes', ...withFile(scene)]);
    await terminal.see('Then:');
    await new Promise((resolve) => setTimeout(resolve, 700));
    terminal.type(CTRL_C);
    expect(await terminal.end()).toBe(130);
    expect(readTree(scene.dir)).toEqual(before);
  });
});

describe('without a terminal', () => {
  const scene = authorityWith('root');
  const script = `as-ceremony -C '${scene.dir}' bundle export`;
  for (const [name, end] of [
    ['empty standard input', '</dev/null'],
    ['closed standard input', '<&-'],
    ['an answer in a pipe', '< <(echo yes)'],
  ] as const) {
    toolTest('bash', `${name}: a question is an error, never a hang`, () => {
      const before = readTree(scene.dir);
      expectRefusal(shell(`${script} ${end}`), {
        status: 2,
        code: 'usage',
        says: 'there is no terminal to answer',
        hint: '--yes',
      });
      const secret = shell(`${script} --yes ${end}`);
      expectRefusal(secret, {
        status: 2,
        code: 'usage',
        says: 'Passphrase of file:keys/root-1.age',
        hint: '--passphrase-file',
      });
      expect(readTree(scene.dir)).toEqual(before);
    });
  }

  toolTest('bash', 'with closed standard input everything that asks nothing works', () => {
    const file = join(scene.dir, 'credentials/root-1.pem');
    const { status, stdout } = shell(`as-ceremony fingerprint '${file}' <&-`);
    expect([status, stdout === cli(['fingerprint', file]).stdout]).toEqual([0, true]);
  });
});

describe('screens', () => {
  const SCREENS = [
    { name: 'a plain console', env: { TERM: 'vt100', LANG: 'C', LC_ALL: 'C' } },
    { name: 'NO_COLOR', env: { NO_COLOR: '1' } },
    { name: 'TERM=dumb', env: { TERM: 'dumb' } },
  ];
  for (const { name, env } of SCREENS) {
    toolTest('script', `${name}: nothing but what it can show, in 80 columns`, async () => {
      const scene = authorityWith('intermediate');
      const terminal = at(scene, [...EXPORT, ...withFile(scene)], env);
      await terminal.answer(QUESTION, 'yes');
      expect(await terminal.end()).toBe(0);
      const status = at(scene, ['status'], env);
      expect(await status.end()).toBe(0);
      // Where the locale is UTF-8, the time line is drawn with more.
      const plain = name === 'NO_COLOR' ? status.text.replace(/[█░◆│‹›]/g, '#') : status.text;
      expect(terminal.text + plain).toMatch(/^[\u0020-\u007e\n]*$/);
      expect(status.text).toContain('issuing deadline');
      const wide = (terminal.text + status.text).split('\n').filter((line) => line.length > 80);
      // Commands are never broken: they are there to be copied.
      const whole = [scene.folder, QUESTION, '    as-ceremony '];
      expect(wide.filter((line) => !whole.some((one) => line.includes(one)))).toEqual([]);
      if (name === 'NO_COLOR') expect(terminal.raw).not.toMatch(COLOUR);
      if (name === 'TERM=dumb') expect(terminal.raw + status.raw).not.toContain('\u001b');
    });
  }

  toolTest('script', 'a fingerprint is shown whole on a narrow terminal', async () => {
    const scene = authorityWith('intermediate');
    const terminal = at(scene, EXPORT);
    await terminal.see(QUESTION);
    terminal.type(CTRL_C + ENTER);
    await terminal.end();
    const { json } = scene.json(['status']);
    const [root] = json.credentials as readonly { fingerprint: string }[];
    const whole = root?.fingerprint ?? '?';
    expect(terminal.text.replace(/\s+/g, '')).toContain(`signedby${whole}`);
    expect(existsSync(join(scene.dir, 'lock'))).toBe(false);
  });
});

describe('a fingerprint at a terminal of 80 columns', () => {
  for (const [LANG, shown] of [
    ['C.UTF-8', /▀[^]*▀/],
    ['C', /(?:\n {4}[a-zA-Z]+(?: [a-zA-Z]+){3}){8}\n {4}This terminal is too narrow for the QR code/],
  ] as const) {
    toolTest(
      'script',
      `LANG=${LANG}: no line of it is broken, and where the QR code would be, the words stand`,
      async () => {
        const scene = authorityWith('root');
        const terminal = at(scene, ['fingerprint', join(scene.dir, 'credentials/root-1.pem'), '--qr'], { LANG });
        expect(await terminal.end()).toBe(0);
        expect(terminal.text).toMatch(shown);
        // The path is the caller's.
        for (const line of terminal.text.split('\n').slice(1)) expect(line.length).toBeLessThanOrEqual(80);
        if (LANG === 'C') expect(terminal.text).toMatch(/^[\n\x20-\x7e]*$/);
      },
    );
  }
});
