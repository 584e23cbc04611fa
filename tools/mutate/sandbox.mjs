// Copies of the project, with all mutants of the sample in the source, and one of them, or none, alive. A file beside
// the copy says which, so that programs that tests start know it too, whatever their environment.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { withSwitches } from './mutants.mjs';

const LEFT_OUT = new Set(['.git', 'node_modules', 'dist', 'coverage']);
const HOOKS = './tools/mutate/jest-hooks.cjs';

/**
 * Stands before each file that has mutants: `$m(id)` is whether that one lives. `record` notes which are asked about.
 */
const switchAt = (path) => `const $m = (globalThis.$m ??= (() => {
  const fs = globalThis.process?.getBuiltinModule?.('node:fs');
  if (!fs) return () => false;
  const [living, notes] = fs.readFileSync(${JSON.stringify(path)}, 'utf8').split(' ');
  if (living !== 'record') return (id) => id === Number(living);
  const seen = new Set();
  return (id) => {
    if (!seen.has(id)) fs.appendFileSync(notes + '/' + process.pid, seen.add(id) && id + '\\n');
    return false;
  };
})());`;

export class Sandbox {
  #base;
  #root;

  /** `files` maps paths such as `src/codec/tls.ts` to `{ source, mutants }`. Builds the program. */
  constructor(base, project, files) {
    this.#base = base;
    this.#root = join(base, 'as-ceremony');
    mkdirSync(this.#root, { recursive: true });
    chmodSync(dirname(base), 0o755);
    for (const name of readdirSync(project))
      if (!LEFT_OUT.has(name)) cpSync(join(project, name), join(this.#root, name), { recursive: true });
    symlinkSync(join(project, 'node_modules'), join(this.#root, 'node_modules'));
    const shared = join(dirname(project), 'shared');
    if (existsSync(shared)) symlinkSync(shared, join(base, 'shared'));
    for (const [path, { source, mutants }] of files)
      writeFileSync(join(this.#root, path), `${switchAt(join(base, 'living'))} ${withSwitches(source, mutants)}`);
    this.#live('none');
    const git = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: project, encoding: 'utf8' });
    const env = { ...process.env, SOURCE_DATE_EPOCH: git.stdout?.trim() || '0' };
    const built = spawnSync(process.execPath, ['tools/build.mjs'], { cwd: this.#root, env, stdio: 'inherit' });
    if (built.status !== 0) throw new Error('the mutants do not build');
  }

  #live(which) {
    writeFileSync(join(this.#base, 'living'), which);
  }

  /** Runs one test file without a mutant: `{ seconds, failure, reached }`, the last as IDs. */
  async record(file, mostSeconds) {
    const notes = join(this.#base, 'notes');
    rmSync(notes, { recursive: true, force: true });
    mkdirSync(notes);
    chmodSync(notes, 0o777);
    this.#live(`record ${notes}`);
    const began = performance.now();
    const failure = await this.#jest([file], mostSeconds);
    const ids = readdirSync(notes).flatMap((name) => readFileSync(join(notes, name), 'utf8').trim().split('\n'));
    return { seconds: (performance.now() - began) / 1000, failure, reached: new Set(ids.map(Number)) };
  }

  /**
   * Runs test files, in this order, with one mutant; what noticed it, or undefined. No file may take longer than
   * `mostSeconds`.
   */
  async test(id, files, mostSeconds) {
    this.#live(String(id));
    return await this.#jest(files, mostSeconds);
  }

  async #jest(files, mostSeconds) {
    const [temporary, progress] = ['tmp', 'progress'].map((name) => join(this.#base, name));
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(temporary);
    writeFileSync(progress, '');
    const env = { ...process.env, TMPDIR: temporary, MUTATE_ORDER: files.join('\n'), MUTATE_PROGRESS: progress };
    const options = [`--reporters=${HOOKS}`, `--testSequencer=${HOOKS}`, `--cacheDirectory=${this.#base}/cache`];
    const jest = ['tools/jest.mjs', '--runInBand', ...options, '--runTestsByPath', ...files];
    const child = spawn(process.execPath, jest, { cwd: this.#root, env, detached: true, stdio: 'ignore' });
    // With all that the tests started.
    const kill = () => {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Nothing of it runs any more.
      }
    };
    const look = setInterval(() => {
      if (Date.now() - statSync(progress).mtimeMs > mostSeconds * 1000) kill();
    }, 1000);
    // Before the folder is removed.
    process.prependListener('exit', kill);
    const [status, signal] = await once(child, 'close');
    clearInterval(look);
    kill();
    process.off('exit', kill);
    if (signal !== null) return 'time limit';
    return status === 0 ? undefined : readFileSync(progress, 'utf8') || `jest ended with ${String(status)}`;
  }
}
