/**
 * Authorities for scenarios: made by the program itself, with a cheap work factor, and compared by their whole tree.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { cli, type CliOptions, type Ended, type JsonRecord, oneDocument } from './cli.js';

/** Strong enough that the program has nothing to say about it. */
export const PASSPHRASE = 'kZ7-wq2M-Lx94-Tg6v-Bn3R-yP8d-Jc5H';

/** A folder of its own for one test, with an authority in `dir` and the passphrase in `passphraseFile`. */
export interface Scene {
  readonly folder: string;
  readonly dir: string;
  readonly passphraseFile: string;
  /** Runs a command on the authority, with the passphrase file and --yes. */
  cli(args: readonly string[], options?: CliOptions): Ended;
  /** The same with --json. */
  json(args: readonly string[], options?: CliOptions): Ended & { readonly json: JsonRecord };
  path(name: string): string;
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A new folder, removed when the tests of this file have ended. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'as-ceremony-scenario-'));
  folders.push(folder);
  // Ordinary users may look in.
  chmodSync(folder, 0o755);
  return folder;
}

export function writeSecret(path: string, text: string): string {
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

function sceneIn(folder: string): Scene {
  const dir = join(folder, 'authority');
  const passphraseFile = join(folder, 'passphrase');
  const all = (args: readonly string[]): string[] => ['-C', dir, ...args, '--yes', '--passphrase-file', passphraseFile];
  return {
    folder,
    dir,
    passphraseFile,
    cli: (args, options) => cli(all(args), { cwd: folder, ...options }),
    json: (args, options) => {
      const ended = cli([...all(args), '--json'], { cwd: folder, ...options });
      return { ...ended, json: oneDocument(ended) };
    },
    path: (name) => join(folder, name),
  };
}

/** An authority straight after init, with work factor 14. */
export function newAuthority(domain = 'example.org', settings: (yaml: string) => string = (yaml) => yaml): Scene {
  const scene = sceneIn(newFolder());
  writeSecret(scene.passphraseFile, `${PASSPHRASE}\n`);
  mustSucceed(cli(['init', domain, scene.dir]));
  const file = join(scene.dir, 'authority.yaml');
  const yaml = readFileSync(file, 'utf8').replace(/^key_work_factor: .*$/m, 'key_work_factor: 14');
  writeFileSync(file, settings(yaml));
  return scene;
}

export type Stage = 'root' | 'request' | 'intermediate' | 'bundle';
const STAGES: readonly [Stage, readonly string[]][] = [
  ['root', ['root', 'generate']],
  ['request', ['intermediate', 'request', '--key', 'file:keys/intermediate-1.age']],
  ['intermediate', ['intermediate', 'issue', 'authority/requests/intermediate-1.pem']],
  ['bundle', ['bundle', 'export']],
];

/** A copy of an authority that has come so far: with a root, also a request, also an intermediate, also a bundle. */
export function authorityWith(stage: Stage): Scene {
  const scene = sceneIn(newFolder());
  cpSync(template(stage), scene.folder, { recursive: true });
  return scene;
}

/** Returns the folder that all test files of this run copy; made by whichever needs it first. */
function template(stage: Stage): string {
  const shared = join(process.env.AS_CEREMONY_TEMPLATES ?? newFolder(), stage);
  if (existsSync(shared)) return shared;
  const at = STAGES.findIndex(([name]) => name === stage);
  const before = STAGES[at - 1];
  const scene = before === undefined ? newAuthority() : authorityWith(before[0]);
  mustSucceed(scene.cli(STAGES[at]?.[1] ?? []));
  try {
    renameSync(scene.folder, shared);
  } catch (error) {
    // Another test file was first.
    if (!existsSync(shared)) throw error;
  }
  return shared;
}

export function mustSucceed<T extends Ended>(ended: T): T {
  if (ended.status !== 0) throw new Error(`exit ${String(ended.status)}: ${ended.stdout}${ended.stderr}`);
  return ended;
}

/** Every file and folder below a folder: type, mode and SHA-256. */
export type Tree = Readonly<Record<string, string>>;

export function readTree(folder: string): Tree {
  const tree: Record<string, string> = {};
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(folder, name);
    const stat = lstatSync(path);
    const mode = (stat.mode & 0o7777).toString(8);
    const content = stat.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : '';
    tree[name] = `${stat.isDirectory() ? 'folder' : stat.isFile() ? 'file' : 'other'} ${mode} ${content}`.trim();
  }
  return tree;
}

/** The files of an authority whose bytes hold `text`. */
export function filesHolding(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const path = join(folder, name);
    return lstatSync(path).isFile() && readFileSync(path).includes(text);
  });
}

export function makeFolder(path: string): string {
  mkdirSync(path, { recursive: true });
  return path;
}
