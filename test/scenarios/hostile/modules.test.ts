/**
 * A library runs because root installed it, or because a person named it: never because a file of the authority says
 * so.
 */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect } from '@jest/globals';
import { cli, cliJson, type Ended, shell } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, readTree, type Scene } from '../../support/cli/cli-authority.js';
import { errorOf, expectJsonRefusal, expectRefusal } from '../../support/cli/cli-errors.js';
import { Terminal } from '../../support/cli/cli-terminal.js';
import { linesOf, newestTranscript } from '../../support/cli/transcripts.js';
import {
  hasSoftHsm,
  keyUri,
  newStore,
  shimModule,
  shimTest,
  SOFTHSM,
  type TokenStore,
} from '../../support/keys/softhsm.js';
import { canMount, inNamespace, isRoot } from '../../support/machine/mounts.js';
import { testWhere } from '../../support/machine/tools.js';

interface Ground extends Omit<Scene, 'path'> {
  readonly path: (name: string) => string;
  readonly store: TokenStore;
  /** The file that is there once the module's code has run. */
  readonly loaded: string;
  /** Runs a command on the authority, with the PIN; --yes. */
  readonly say: (args: readonly string[]) => Ended;
}

/** An authority whose second root has its key in a token, by a record that names a module in /tmp. */
function ground(): Ground {
  const scene = authorityWith('bundle');
  const path = (name: string): string => scene.path(name);
  const store = newStore();
  const loaded = scene.path('loaded');
  const env = { ...store.env, SHIM_LOADED: loaded };
  const say = (args: readonly string[]): Ended => scene.cli(['--pin-file', store.pinFile, ...args], { env });
  mustSucceed(say(['root', 'rotate', '--key', keyUri('root-2', shimModule()), '--module', shimModule()]));
  rmSync(loaded);
  // A root that is made in the same second would not outlast this one.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
  return { ...scene, path, store, loaded, say };
}

const sha256Of = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
const refusal = {
  status: 1,
  code: 'untrusted-module',
  hint: /^Whatever .* name it: as-ceremony --module \S+ /,
} as const;

describe('a module that others than root could have put there', () => {
  shimTest('is loaded by no command that a key record leads to it, and nothing is written', () => {
    const { dir, say, loaded, path } = ground();
    const before = readTree(dir);
    const uri = keyUri('root-2', shimModule());
    for (const args of [
      ['key', 'verify', 'root-2'],
      ['key', 'destroy', 'root-2', '--end-of-service'],
      ['key', 'verify', 'root-1', '--from', uri],
      ['intermediate', 'request', '--key', keyUri('new', shimModule())],
      ['intermediate', 'rotate', '--key', keyUri('new', shimModule())],
      ['root', 'rotate', '--key', keyUri('old', shimModule()), '--adopt'],
      ['root', 'rotate', '--key', keyUri('root-3', shimModule())],
      ['bundle', 'export', '--out', path('next.cose')],
      ['key', 'attach', keyUri('other', shimModule())],
      ['hsm', 'check', uri],
      ['hsm', 'keys', uri],
    ]) {
      const ended = say(args);
      expect([args, ended.status, errorOf(ended).code]).toEqual([args, 1, expect.any(String)]);
      expect([args, ended.stderr]).toEqual([args, expect.stringContaining('untrusted-module')]);
    }
    expect(existsSync(loaded)).toBe(false);
    expect(readTree(dir)).toEqual(before);
  });

  shimTest('holds a ceremony up, and is not loaded by one', () => {
    const scene = ground();
    for (const args of [
      ['hsm-acceptance', '--set', `key=${keyUri('trial', shimModule())}`],
      ['restore-drill', '--set', `backup=${keyUri('root-2', shimModule())}`],
    ]) {
      const ended = scene.say(['run', ...args]);
      expect([ended.status, errorOf(ended).code]).toEqual([1, 'held']);
      expect(ended.stderr).toContain(`the PKCS#11 module ${shimModule()} was not loaded`);
      mustSucceed(scene.say(['resume', '--abort', 'a test']));
    }
    expect(existsSync(scene.loaded)).toBe(false);
  });

  shimTest('is not loaded by a rehearsal', () => {
    const { loaded, path, say } = ground();
    for (const [script, name] of [
      ['root-generation', 'root-9'],
      ['hsm-acceptance', 'trial'],
    ] as const) {
      const set = ['--set', `key=${keyUri(name, shimModule())}`];
      mustSucceed(say(['rehearse', script, ...set, '--into', path(`practice ${script}`)]));
    }
    expect(existsSync(loaded)).toBe(false);
  });

  shimTest('is not loaded by a plan that is carried out later, though it was named when the plan was made', () => {
    const { dir, path, say, loaded } = ground();
    const key = `key=${keyUri('root-3', shimModule())}`;
    const plan = path('plan.json');
    mustSucceed(say(['--module', shimModule(), 'plan', 'root-rotation', '--set', key, '--out', plan]));
    rmSync(loaded, { force: true });
    const before = readTree(join(dir, 'keys'));
    const ended = say(['run', plan]);
    expect(ended.status).toBe(1);
    expect(ended.stderr).toContain(`the PKCS#11 module ${shimModule()} was not loaded`);
    expect(existsSync(loaded)).toBe(false);
    expect(readTree(join(dir, 'keys'))).toEqual(before);
    mustSucceed(say(['--module', shimModule(), 'resume']));
    expect(existsSync(loaded)).toBe(true);
  });

  shimTest('doctor finds it, and does not load it', () => {
    const { dir, store, loaded } = ground();
    const env = { ...store.env, SHIM_LOADED: loaded };
    const { json } = cliJson(['-C', dir, 'doctor'], { env });
    const { checks } = json as { checks: readonly { id: string; verdict: string; saw: string; hint?: string }[] };
    expect(checks.find(({ id }) => id === 'hsm')).toEqual({
      id: 'hsm',
      verdict: 'warn',
      saw: expect.stringContaining(
        `${shimModule()} was not loaded: users other than root could have put it there`,
      ) as unknown,
      hint: expect.stringContaining(`as-ceremony --module ${shimModule()} -C ${dir} doctor`) as unknown,
    });
    expect(existsSync(loaded)).toBe(false);
  });

  shimTest('is loaded if the command line names it, by any of its names, and the record says so', () => {
    const scene = ground();
    const { dir, say, path, loaded } = scene;
    symlinkSync(shimModule(), path('link.so'));
    const named = ['--module', 'none.so', '--module', './link.so'];
    mustSucceed(say([...named, 'intermediate', 'request', '--key', keyUri('i', shimModule())]));
    expect(existsSync(loaded)).toBe(true);
    const keys = linesOf(newestTranscript(scene)).filter(({ event }) => event === 'key');
    const module = { module: shimModule(), module_sha256: sha256Of(shimModule()), module_agreed: 'named' };
    expect(keys).toEqual([expect.objectContaining({ hsm: expect.objectContaining(module) as unknown })]);
    expectRefusal(say(['key', 'verify', 'root-2', '--module', join(dir, 'other.so')]), refusal);
  });

  shimTest('is refused with the command that would load it, which runs as printed', () => {
    const { dir, store, loaded } = ground();
    const env = { ...store.env, SHIM_LOADED: loaded };
    const args = ['-C', dir, 'key', 'verify', 'root-2', '--pin-file', store.pinFile];
    for (const more of [[], ['--yes']]) expectRefusal(cli([...args, ...more], { env }), refusal);
    expectJsonRefusal(cliJson(args, { env }), refusal);
    const { error, hint } = errorOf(cli(args, { env }));
    expect(error).toContain(`belongs to root, SHA-256 ${sha256Of(shimModule())}`);
    expect(existsSync(loaded)).toBe(false);
    const command = hint.replace(/^.*name it: /, '');
    expect(mustSucceed(shell(command, { env })).stdout).toContain('The key matches its record');
  });

  shimTest('is refused with a command that has every word as it was given', () => {
    const { dir, store, path } = ground();
    const odd = path("o'dd na me.so");
    copyFileSync(shimModule(), odd);
    const uri = `pkcs11:token=AS%20Root?module-path=${odd.replaceAll(' ', '%20')}`;
    const args = ['hsm', 'keys', uri, '-C', dir, `--pin-file=${store.pinFile}`, '-q'];
    const { hint } = errorOf(cli(args, { env: store.env }));
    mustSucceed(shell(hint.replace(/^.*name it: /, ''), { env: store.env }));
  });

  shimTest('is loaded if somebody types the words, after its real path, owner and SHA-256', async () => {
    const scene = ground();
    const { dir, store, loaded, passphraseFile } = scene;
    const env = { ...store.env, SHIM_LOADED: loaded };
    const common = ['-C', dir, '--pin-file', store.pinFile, '--passphrase-file', passphraseFile];
    const no = new Terminal([...common, 'key', 'verify', 'root-2'], { env, columns: 200 });
    await no.answer('(type: load this module)', 'yes');
    expect(await no.end()).toBe(1);
    expect(no.text).toContain('code: declined');
    expect(existsSync(loaded)).toBe(false);
    const yes = new Terminal([...common, 'intermediate', 'request', '--key', keyUri('i', shimModule())], {
      env,
      columns: 200,
    });
    await yes.answer('(type yes)', 'yes');
    for (const line of [
      `module   ${shimModule()}`,
      'owner    root',
      `SHA-256  ${sha256Of(shimModule())}`,
      'but      others may write /tmp',
    ])
      await yes.see(line);
    expect(existsSync(loaded)).toBe(false);
    await yes.answer('(type: load this module)', 'load this module');
    expect(await yes.end()).toBe(0);
    expect(linesOf(newestTranscript(scene)).find(({ event }) => event === 'key')).toMatchObject({
      hsm: { module: shimModule(), module_agreed: 'typed' },
    });
  });

  shimTest('is left out when all modules are searched, and named as left out', () => {
    const { dir, store, loaded, path } = ground();
    const modules = path('.config/pkcs11/modules');
    mkdirSync(modules, { recursive: true });
    writeFileSync(join(modules, 'shim.module'), `module: ${shimModule()}\n`);
    const env = { ...store.env, SHIM_LOADED: loaded, HOME: path('.') };
    const keys = (...more: readonly string[]): Ended =>
      cli(['-C', dir, 'hsm', 'keys', 'pkcs11:token=Nowhere', '--pin-file', store.pinFile, ...more], { env });
    expectRefusal(keys(), {
      status: 3,
      code: 'hsm-token-not-found',
      hint: new RegExp(`${shimModule()} was not loaded, since users other than root .*--module ${shimModule()}\\)`),
    });
    const listed = cliJson(['hsm', 'list'], { env }).json as { modules: readonly { module: string; error?: object }[] };
    expect(listed.modules.find(({ module }) => module === shimModule())?.error).toMatchObject({
      code: 'untrusted-module',
    });
    const byName = ['-C', dir, 'hsm', 'keys', 'pkcs11:token=AS%20Root?module-name=shim', '--pin-file', store.pinFile];
    expectRefusal(cli(byName, { env }), refusal);
    expect(existsSync(loaded)).toBe(false);
    mustSucceed(cli([...byName, '--module', shimModule()], { env }));
    expect(existsSync(loaded)).toBe(true);
  });
});

describe('a module of root', () => {
  const folders: string[] = [];
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  /** A folder of root's own, where nobody else can write above it. */
  function ownFolder(): string {
    const folder = mkdtempSync('/opt/as-ceremony-modules-');
    folders.push(folder);
    return folder;
  }

  testWhere(
    hasSoftHsm && isRoot,
    'root and softhsm2',
    'is loaded without a question, and not from the authority, where everything is data',
    () => {
      const { env } = newStore();
      const dir = join(ownFolder(), 'authority');
      const beside = join(ownFolder(), 'module.so');
      copyFileSync(SOFTHSM, beside);
      mustSucceed(cli(['init', 'example.org', dir]));
      const within = join(dir, 'module.so');
      copyFileSync(SOFTHSM, within);
      symlinkSync(within, join(ownFolder(), 'link.so'));
      const keys = (module: string): Ended =>
        cli(['-C', dir, 'hsm', 'check', '--no-login', `pkcs11:token=AS%20Root?module-path=${module}`], { env });
      mustSucceed(keys(beside));
      for (const module of [within, join(folders.at(-1) ?? '', 'link.so')]) {
        expectRefusal(keys(module), { ...refusal, says: `${within} is in the authority, where everything is data` });
      }
    },
  );

  testWhere(
    hasSoftHsm && canMount,
    'right to mount, and softhsm2',
    'is not on a medium, which says itself who its owners are',
    () => {
      const { env } = newStore();
      const scene = authorityWith('root');
      const at = ownFolder();
      const module = join(at, 'module.so');
      const args = ['hsm', 'check', '--no-login', `pkcs11:token=AS%20Root?module-path=${module}`];
      const mounted = (options: string, before = ''): Ended =>
        inNamespace(
          scene,
          `${before}mount -t tmpfs -o mode=755${options} tmpfs ${at}; cp ${SOFTHSM} ${module}; export SOFTHSM2_CONF=${env.SOFTHSM2_CONF ?? ''}`,
          args,
        );
      mustSucceed(mounted(''));
      expectRefusal(mounted(',nosuid'), { ...refusal, says: `the file system at ${at} is mounted nosuid` });
      // A name that is no text hides none of the other mounts.
      const hidden = `"$(printf '${scene.folder}/\\377')"`;
      const odd = `mkdir ${hidden}; mount -t tmpfs tmpfs ${hidden}; `;
      expectRefusal(mounted(',nosuid', odd), { ...refusal, says: `the file system at ${at} is mounted nosuid` });
    },
  );
});
