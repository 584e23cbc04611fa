/** Terminals as they come: with a log beside them, without escape sequences, stopped and continued. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { run } from '../../support/cli/cli.js';
import { authorityWith, newAuthority, PASSPHRASE, type Scene } from '../../support/cli/cli-authority.js';
import { CTRL_C, Terminal } from '../../support/cli/cli-terminal.js';
import { toolTest } from '../../support/machine/tools.js';

const QUESTION = '(type yes)';
const NEW = 'New passphrase for';
const [CTRL_U, CTRL_W, CTRL_Z, ESCAPE, BACKSPACE] = ['\u0015', '\u0017', '\u001a', '\u001b', '\u007f'];
const [SECOND_SCREEN, FIRST_SCREEN] = ['\u001b[?1049h', '\u001b[?1049l'];
const EXPORT = (scene: Scene): string[] => ['bundle', 'export', '--passphrase-file', scene.passphraseFile];
const keyFile = ({ dir }: Scene): boolean => existsSync(join(dir, 'keys/root-1.age'));

const at = (
  { dir, folder }: Scene,
  args: readonly string[],
  { env = {}, under = [] }: { readonly env?: Record<string, string>; readonly under?: readonly string[] } = {},
): Terminal => new Terminal(['-C', dir, ...args], { cwd: folder, env, under });

describe('standard error is a log', () => {
  const under = ['bash', '-c', 'set -o pipefail; "$@" 2>&1 | cat > log', 'bash'];

  toolTest(
    'script',
    'and holds no word of a passphrase that is made; the terminal has the preview and the questions',
    async () => {
      const scene = newAuthority();
      const terminal = at(scene, ['root', 'generate'], { under });
      await terminal.see('New AS root credential');
      await terminal.answer(QUESTION, 'yes');
      await terminal.answer(NEW, '');
      await terminal.see('Twelve words');
      await terminal.see('Press Enter');
      const words =
        /^ {4}((?:[a-z]+-?)+)\n {4}((?:[a-z]+-?)+)\n {4}((?:[a-z]+-?)+)/m.exec(terminal.text)?.slice(1) ?? [];
      const passphrase = words.join('');
      expect(passphrase.split('-')).toHaveLength(12);
      terminal.type('\r');
      await terminal.answer('from the paper', passphrase);
      expect(await terminal.end()).toBe(0);
      const log = readFileSync(join(scene.folder, 'log'), 'utf8');
      expect(log).toContain('New AS root credential');
      for (const word of passphrase.split('-')) expect(log.split(/\W+/)).not.toContain(word);
      const shown = terminal.raw.slice(terminal.raw.indexOf(SECOND_SCREEN), terminal.raw.indexOf(FIRST_SCREEN));
      expect(shown).toContain(words[0]);
      expect(terminal.raw.split(FIRST_SCREEN)[1]).not.toContain(words[0]);
    },
  );
});

describe.each([
  ['GNU screen', { TERM: 'screen', STY: '1.pts-0.vault' }],
  ['GNU screen that says otherwise', { TERM: 'xterm-256color', STY: '1.pts-0.vault' }],
  ['a serial line', { TERM: 'vt100' }],
  ['no escape sequences', { TERM: 'dumb' }],
])('a terminal that forgets nothing: %s', (_what, env) => {
  toolTest('script', 'is shown no passphrase; one is typed', async () => {
    const scene = newAuthority();
    const terminal = at(scene, ['root', 'generate', '--yes'], { env });
    await terminal.see('keeps what was on its');
    await terminal.answer(NEW, '');
    await terminal.see('too weak');
    await terminal.answer(NEW, PASSPHRASE);
    await terminal.answer('Repeat it', PASSPHRASE);
    expect(await terminal.end()).toBe(0);
    expect(terminal.text).not.toMatch(/one will be made|Twelve words/);
  });
});

toolTest('script', 'tmux forgets what is cleared', async () => {
  const scene = newAuthority();
  const terminal = at(scene, ['root', 'generate', '--yes'], { env: { TERM: 'screen-256color', TMUX: '/tmp/t,1,0' } });
  await terminal.answer(/New passphrase for \S+ \(empty: one will be made\)/, '');
  await terminal.see('Press Enter');
  terminal.type(CTRL_C);
  expect(await terminal.end()).toBe(130);
  expect(terminal.raw).toMatch(/\[2J.*\[\?1049l/s);
  expect(keyFile(scene)).toBe(false);
});

toolTest('script', 'Ctrl-Z leaves no words behind; after fg they are there again', async () => {
  const scene = newAuthority();
  const under = ['bash', '--norc', '-ic', '"$@"; echo "stopped: $?"; sleep 0.3; fg; echo "ended: $?"', 'bash'];
  const terminal = at(scene, ['root', 'generate', '--yes'], { under });
  await terminal.answer(NEW, '');
  await terminal.see('Press Enter');
  terminal.type(CTRL_Z);
  await terminal.see('stopped: 148');
  const [before = ''] = terminal.raw.split('stopped: 148');
  expect(before.slice(before.indexOf('Press Enter'))).toContain(FIRST_SCREEN);
  await terminal.see('Twelve words');
  await terminal.see('Press Enter');
  terminal.type(CTRL_C);
  await terminal.see('ended: 130');
  expect(await terminal.end()).toBe(0);
});

describe.each([['INT'], ['TERM'], ['HUP'], ['QUIT']])('SIG%s while the words are shown', (signal) => {
  toolTest('script', 'takes them off the screen, however early it comes', async () => {
    const scene = newAuthority();
    const terminal = at(scene, ['root', 'generate', '--yes']);
    await terminal.answer(NEW, '');
    await terminal.see('Twelve words');
    run(['sh', '-c', `kill -${signal} "$(sed 's/.*"pid":\\([0-9]*\\).*/\\1/' lock)"`], { cwd: scene.dir });
    expect(await terminal.end()).toBe(130);
    const [, after = ''] = terminal.raw.split('Twelve words');
    expect(after).toContain(FIRST_SCREEN);
    expect(after.slice(after.indexOf(FIRST_SCREEN))).toMatch(/code: interrupted/);
  });
});

toolTest('script', 'what is pasted by the page at a question does not hold up Ctrl-C', async () => {
  const scene = authorityWith('intermediate');
  const terminal = at(scene, EXPORT(scene));
  await terminal.see(QUESTION);
  terminal.type('x'.repeat(6000));
  terminal.type(CTRL_C);
  expect(await terminal.end()).toBe(130);
  expect(terminal.raw.length).toBeLessThan(2_000_000);
});

describe.each([['xterm-256color'], ['dumb'], ['vt100']])('line editing, TERM=%s', (term) => {
  const env = { TERM: term };

  toolTest('script', 'works at a question', async () => {
    const scene = authorityWith('intermediate');
    const terminal = at(scene, EXPORT(scene), { env });
    await terminal.answer(QUESTION, `no${CTRL_U}yez${BACKSPACE}s`);
    expect(await terminal.end()).toBe(0);
  });

  toolTest('script', 'works where nothing is shown, and nothing is', async () => {
    const scene = authorityWith('intermediate');
    const terminal = at(scene, ['bundle', 'export', '--yes'], { env });
    const typed = [
      ...Array.from(`wrong${CTRL_U}${PASSPHRASE.slice(0, 5)}ü${BACKSPACE}`),
      `${ESCAPE}[D`,
      `${ESCAPE}OA`,
      ...Array.from(`${PASSPHRASE.slice(5)} word${CTRL_W}${BACKSPACE}`),
    ];
    await terminal.see('(hidden) ');
    const before = terminal.raw.length;
    for (const key of typed) {
      terminal.type(key);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(terminal.raw).toHaveLength(before);
    terminal.type('\r');
    expect(await terminal.end()).toBe(0);
  });
});

describe.each([['xterm-256color'], ['dumb']])('job control, TERM=%s', (term) => {
  const env = { TERM: term };
  const under = ['bash', '--norc', '-ic', '"$@"; echo "stopped: $?"; sleep 0.3; fg; echo "ended: $?"', 'bash'];

  toolTest('script', 'Ctrl-Z at a question stops the job; after fg it is there again', async () => {
    const scene = authorityWith('intermediate');
    const terminal = at(scene, EXPORT(scene), { env, under });
    await terminal.see(QUESTION);
    terminal.type(CTRL_Z);
    await terminal.see('stopped: 148');
    await terminal.answer(QUESTION, 'yes');
    await terminal.see('ended: 0');
    expect(await terminal.end()).toBe(0);
  });

  toolTest('script', 'nor does SIGSTOP by somebody else make the next answer seen, or lost', async () => {
    const scene = authorityWith('intermediate');
    const terminal = at(scene, ['bundle', 'export', '--yes'], { env, under });
    await terminal.see('(hidden)');
    run(['sh', '-c', `kill -STOP "$(sed 's/.*"pid":\\([0-9]*\\).*/\\1/' lock)"`], { cwd: scene.dir });
    await terminal.see('stopped: 147');
    await terminal.see('(hidden)');
    terminal.type(`${PASSPHRASE}\r`);
    await terminal.see('ended: 0');
    expect(await terminal.end()).toBe(0);
    expect(terminal.text).not.toContain(PASSPHRASE);
  });

  toolTest('script', 'Ctrl-Z where nothing is shown: neither before nor after', async () => {
    const scene = authorityWith('intermediate');
    const terminal = at(scene, ['bundle', 'export', '--yes'], { env, under });
    await terminal.see('(hidden)');
    terminal.type(PASSPHRASE.slice(0, 6));
    terminal.type(CTRL_Z);
    await terminal.see('stopped: 148');
    await terminal.see('(hidden)');
    terminal.type(`${PASSPHRASE.slice(6)}\r`);
    await terminal.see('ended: 0');
    expect(await terminal.end()).toBe(0);
    expect(terminal.text).not.toContain(PASSPHRASE.slice(0, 6));
    expect(terminal.text).not.toContain(PASSPHRASE.slice(6));
  });
});

describe('a decision that is longer than the screen', () => {
  toolTest(
    'script',
    'is read page by page; its title, periods, counts and warnings stand above the question',
    async () => {
      const scene = authorityWith('intermediate');
      const args = [...EXPORT(scene), '--series', '4'];
      const terminal = new Terminal(['-C', scene.dir, ...args], { cwd: scene.folder, turnsPages: true });
      await terminal.see('-- Enter shows');
      expect(terminal.text).not.toContain(QUESTION);
      expect(terminal.text.trimEnd().split('\n').length).toBeLessThan(24);
      for (let pages = 0; pages < 9 && !terminal.text.includes(QUESTION); pages++) {
        terminal.type('\r');
        await terminal.see(/-- Enter shows|\(type yes\)/);
      }
      const [, ...pages] = terminal.text.split(/-- Enter shows.*--\n/);
      for (const page of pages) expect(page.split('\n').length).toBeLessThanOrEqual(25);
      const said = ['4 bundles of example.org', 'bundle 1 ', 'bundle 4 ', '1 intermediate', 'warning: With one root'];
      for (const one of said) expect(pages.at(-1)).toContain(one);
      terminal.type('yes\r');
      expect(await terminal.end()).toBe(0);
    },
  );

  toolTest('script', 'is ended by Ctrl-C at any page, and nothing is signed', async () => {
    const scene = authorityWith('intermediate');
    const args = [...EXPORT(scene), '--series', '4'];
    const terminal = new Terminal(['-C', scene.dir, ...args], { cwd: scene.folder, turnsPages: true });
    await terminal.see('-- Enter shows');
    terminal.type(CTRL_C);
    expect(await terminal.end()).toBe(130);
  });
});
