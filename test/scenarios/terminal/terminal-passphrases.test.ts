/** Passphrases at a terminal: typed twice or made by the program, never shown, never weak. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { authorityWith, newAuthority, PASSPHRASE, readTree, type Scene } from '../../support/cli/cli-authority.js';
import { CTRL_C, ENTER, Terminal } from '../../support/cli/cli-terminal.js';
import { toolTest } from '../../support/machine/tools.js';

const QUESTION = '(type yes)';
const NEW = 'New passphrase for';
const OTHER = 'Another-Long-One-7714-qWz-99-Lk';
const SHORT_TERM = 20_000;

const at = ({ dir, folder }: Scene, args: readonly string[], env: Record<string, string> = {}): Terminal =>
  new Terminal(['-C', dir, ...args], { cwd: folder, env });
const keyFile = ({ dir }: Scene): boolean => existsSync(join(dir, 'keys/root-1.age'));

/** Whether this passphrase opens the root's key. */
async function opens(scene: Scene, passphrase: string): Promise<boolean> {
  const terminal = at(scene, ['key', 'verify', 'root-1']);
  await terminal.answer('Passphrase of file:keys/root-1.age', passphrase);
  await terminal.see(/The key matches its record|That is not the passphrase/);
  const right = terminal.text.includes('The key matches its record');
  if (!right) terminal.type(CTRL_C);
  expect(await terminal.end()).toBe(right ? 0 : 130);
  expect(terminal.raw).not.toContain(passphrase);
  return right;
}

describe.each([['xterm-256color'], ['dumb']])('a new passphrase, TERM=%s', (term) => {
  toolTest('script', 'is typed twice, and never shown', async () => {
    const scene = newAuthority();
    const terminal = at(scene, ['root', 'generate'], { TERM: term });
    await terminal.answer(QUESTION, 'yes');
    await terminal.answer(NEW, PASSPHRASE);
    await terminal.answer('Repeat it', PASSPHRASE);
    expect(await terminal.end()).toBe(0);
    expect(terminal.raw).not.toContain(PASSPHRASE);
    expect(terminal.raw).not.toContain(PASSPHRASE.slice(0, 4));
    expect(await opens(scene, PASSPHRASE)).toBe(true);
  });

  toolTest('script', 'is asked again from the beginning if the two differ', async () => {
    const scene = newAuthority();
    const terminal = at(scene, ['root', 'generate'], { TERM: term });
    await terminal.answer(QUESTION, 'yes');
    await terminal.answer(NEW, PASSPHRASE);
    await terminal.answer('Repeat it', OTHER);
    await terminal.see('The two differ');
    expect(keyFile(scene)).toBe(false);
    await terminal.answer(NEW, OTHER);
    await terminal.answer('Repeat it', OTHER);
    expect(await terminal.end()).toBe(0);
    expect(await opens(scene, OTHER)).toBe(true);
  });
});

for (const weak of ['hunter2', 'password1', 'aaaaaaaaaaaaaaaaaaaa']) {
  toolTest('script', `a weak one is not taken, and not repeated: ${weak}`, async () => {
    const scene = newAuthority();
    const terminal = at(scene, ['root', 'generate', '--quiet']);
    await terminal.answer(QUESTION, 'yes');
    await terminal.answer(NEW, weak);
    await terminal.see('too weak');
    await terminal.see(NEW);
    expect(keyFile(scene)).toBe(false);
    expect(terminal.raw).not.toContain(weak);
    terminal.kill();
    await terminal.end();
  });
}

toolTest('script', 'an empty one: one is made, shown, cleared from the screen, and typed back', async () => {
  const scene = newAuthority();
  const terminal = at(scene, ['root', 'generate']);
  await terminal.answer(QUESTION, 'yes');
  await terminal.answer(NEW, '');
  await terminal.see('Press Enter');
  const shown = /no spaces:\n\n((?: {4}[a-z-]+\n)+)\n/.exec(terminal.text)?.[1] ?? '';
  const made = shown.replace(/\s/g, '');
  expect(made).toMatch(/^([a-z]+-){11}[a-z]+$/);
  const before = terminal.raw.length;
  terminal.type(ENTER);
  await terminal.see('from the paper');
  const after = terminal.raw.slice(before);
  expect(after).toContain('\u001b[2J\u001b[3J\u001b[H');
  terminal.type(`${made.toUpperCase()}${ENTER}`);
  await terminal.see('That is not it');
  expect(keyFile(scene)).toBe(false);
  await terminal.answer('from the paper', made);
  expect(await terminal.end()).toBe(0);
  expect(terminal.raw.slice(before)).not.toContain(made.split('-')[5]);
  expect(await opens(scene, made)).toBe(true);
});

toolTest('script', 'a wrong one: exit 3, nothing changed, and it is not shown', async () => {
  const scene = authorityWith('root');
  const before = readTree(scene.dir);
  const terminal = at(scene, ['bundle', 'export']);
  await terminal.answer(QUESTION, 'yes');
  for (let attempt = 1; attempt <= 3; attempt++) {
    await terminal.answer('Passphrase of file:keys/root-1.age', OTHER);
    if (attempt < 3) await terminal.see('That is not the passphrase of file:keys/root-1.age');
  }
  expect(await terminal.end()).toBe(3);
  expect(terminal.text).toMatch(/error: .*\ncode: wrong-passphrase\nhint: .+\n$/);
  expect(terminal.raw).not.toContain(OTHER);
  expect(readTree(scene.dir)).toEqual(before);
});

toolTest(
  'script',
  'key change-passphrase asks for the old one and twice for the new one; then only the new one opens',
  async () => {
    const scene = authorityWith('root');
    const terminal = at(scene, ['key', 'change-passphrase', 'root-1']);
    await terminal.answer(QUESTION, 'yes');
    await terminal.answer('Passphrase of file:keys/root-1.age', PASSPHRASE);
    await terminal.answer(NEW, OTHER);
    await terminal.answer('Repeat it', OTHER);
    expect(await terminal.end()).toBe(0);
    expect(terminal.raw).not.toContain(OTHER);
    expect(await opens(scene, OTHER)).toBe(true);
    expect(await opens(scene, PASSPHRASE)).toBe(false);
  },
  SHORT_TERM,
);

toolTest('script', 'the tests themselves: a terminal does show what is typed at an open question', async () => {
  const scene = authorityWith('root');
  const terminal = at(scene, ['bundle', 'export']);
  await terminal.answer(QUESTION, 'this-is-no-secret');
  await terminal.end();
  expect(terminal.raw).toContain('this-is-no-secret');
});
