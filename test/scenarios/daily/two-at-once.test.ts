/** Two processes on one authority, and locks of the dead. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { run } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newAuthority, readTree, type Scene } from '../../support/cli/cli-authority.js';
import { expectJsonRefusal, expectRefusal } from '../../support/cli/cli-errors.js';
import { ENTER, Terminal } from '../../support/cli/cli-terminal.js';
import { toolTest } from '../../support/machine/tools.js';

const QUESTION = '(type yes)';
const waiting = async (scene: Scene, args: readonly string[]): Promise<Terminal> => {
  const terminal = new Terminal(['-C', scene.dir, ...args, '--passphrase-file', scene.passphraseFile]);
  await terminal.see(QUESTION);
  return terminal;
};
const holder = ({ dir }: Scene): { pid: number } =>
  JSON.parse(readFileSync(join(dir, 'lock'), 'utf8')) as { pid: number };

describe('while a first command waits at its question', () => {
  toolTest('script', 'a second one that writes is refused, naming the first; readers are not', async () => {
    const scene = authorityWith('intermediate');
    const first = await waiting(scene, ['bundle', 'export']);
    const before = readTree(scene.dir);
    const { pid } = holder(scene);
    const refusal = {
      status: 3,
      code: 'authority-locked',
      says: `process ${String(pid)} .*bundle export`,
      hint: 'Wait',
    } as const;
    for (const args of [
      ['bundle', 'export'],
      ['root', 'generate'],
      ['key', 'change-passphrase', 'root-1'],
    ]) {
      expectRefusal(scene.cli(args), { ...refusal, says: new RegExp(refusal.says) });
    }
    expectJsonRefusal(scene.json(['bundle', 'export']), { ...refusal, says: new RegExp(refusal.says) });
    mustSucceed(scene.cli(['status']));
    mustSucceed(scene.cli(['key', 'verify', 'root-1']));
    expect(readTree(scene.dir)).toEqual(before);
    first.type(`yes${ENTER}`);
    expect(await first.end()).toBe(0);
    expect(readdirSync(join(scene.dir, 'bundles'))).toEqual(['bundle-000001.cose']);
    expect(existsSync(join(scene.dir, 'lock'))).toBe(false);
    mustSucceed(scene.cli(['bundle', 'export']));
  });

  toolTest('script', 'after kill -9 a lock remains, and the next command takes it over, with a note', async () => {
    const scene = authorityWith('intermediate');
    const first = await waiting(scene, ['bundle', 'export']);
    const { pid } = holder(scene);
    process.kill(pid, 'SIGKILL');
    await first.end();
    expect(existsSync(join(scene.dir, 'lock'))).toBe(true);
    const next = mustSucceed(scene.json(['bundle', 'export']));
    expect(next.stderr).toMatch(`note: the process that held the lock is dead (bundle export, process ${String(pid)}`);
    expect(next.json.sequence).toBe(1);
    expect(existsSync(join(scene.dir, 'lock'))).toBe(false);
    expect(mustSucceed(scene.cli(['bundle', 'export'])).stderr).not.toContain('note:');
  });

  toolTest('script', 'closing its terminal writes nothing and leaves no lock that is in the way', async () => {
    const scene = authorityWith('intermediate');
    const first = await waiting(scene, ['bundle', 'export']);
    first.kill();
    await first.end();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(existsSync(join(scene.dir, 'lock'))).toBe(false);
    expect(readdirSync(join(scene.dir, 'bundles'))).toEqual([]);
    mustSucceed(scene.cli(['bundle', 'export']));
  });
});

toolTest('bash', 'of six that start together every one does its work or is refused, and nothing is lost', () => {
  const scene = newAuthority();
  mustSucceed(scene.cli(['root', 'generate']));
  const script = `for i in 1 2 3 4 5 6; do "$@" --json >"$0/out-$i" 2>/dev/null & done; wait`;
  const program = [process.execPath, join(process.cwd(), 'bin/as-ceremony.js'), '-C', scene.dir, 'bundle', 'export'];
  run(['bash', '--norc', '-c', script, scene.folder, ...program, '--yes', '--passphrase-file', scene.passphraseFile]);
  const results = [1, 2, 3, 4, 5, 6].map(
    (i) =>
      JSON.parse(readFileSync(scene.path(`out-${String(i)}`), 'utf8')) as {
        ok: boolean;
        code?: string;
        sequence?: number;
      },
  );
  const done = results.filter(({ ok }) => ok).map(({ sequence }) => sequence ?? 0);
  expect(done.length).toBeGreaterThan(0);
  expect(done.sort()).toEqual(done.map((_, i) => i + 1));
  expect(new Set(results.filter(({ ok }) => !ok).map(({ code }) => code)).size).toBeLessThan(2);
  expect(results.filter(({ ok }) => !ok).every(({ code }) => code === 'authority-locked')).toBe(true);
  expect(readdirSync(join(scene.dir, 'bundles'))).toHaveLength(done.length);
  expect(readdirSync(scene.dir).filter((name) => name.includes('lock'))).toEqual([]);
  expect(mustSucceed(scene.cli(['status'])).stdout).toContain(`sequence ${String(done.length)}`);
});
