/** The program's own files and their hashes. A ceremony puts them on record; a manifest says what they should be. */
import { createHash } from 'node:crypto';
import { dirname, join, relative, sep } from 'node:path';
import { compareBytes, fromUtf8, utf8 } from '../../common/bytes.js';
import { factsOf, listFolder, MAX_TEXT_FILE, readFile, readInPieces, realPath } from '../../common/files.js';
import type { Manifest } from './manifest.js';

export interface FileHash {
  /**
   * Relative to the program's folder, with `/`; the path of a PKCS#11 module; `node`; or `dist/program` and `packages`
   * for all files there together.
   */
  readonly name: string;
  /** In hex. */
  readonly sha256: string;
}

export interface Program {
  readonly version: string;
  /** Node's version, such as `v20.19.0`. */
  readonly node: string;
  /** The program's folder; absolute, without links. */
  readonly root: string;
  /** Node's executable. */
  readonly nodePath: string;
  /** PKCS#11 modules that it will load; absolute. */
  readonly modules?: readonly string[];
  /** What the files should be, if somebody has said so. */
  readonly manifest?: Manifest;
}

/** The program's code, with the packages that are bundled into it. */
const CODE = 'dist/program';
/** The program's other files. `package-lock.json` is there if the program was installed from a lock file. */
const OWN = ['bin/as-ceremony.js', 'bin/package.json', 'package.json', 'package-lock.json'];

/**
 * Returns hashes of the program's own files and native modules one by one, of Node, one of all files of the code, and
 * one of all optional packages.
 */
export function hashesOf({ root, nodePath, modules = [] }: Program): FileHash[] {
  const packages = packageFiles(root);
  const single = [...ownFiles(root), ...packages.filter(isNative)].map((name) => ({
    name,
    sha256: sha256Of(root, name),
  }));
  return [
    ...single,
    { name: CODE, sha256: treeHash(root, codeFiles(root)) },
    ...(packages.length === 0 ? [] : [{ name: 'packages', sha256: treeHash(root, packages) }]),
    ...modules.map((path) => ({ name: path, sha256: hashFile(path) })),
    { name: 'node', sha256: hashFile(nodePath) },
  ];
}

/** Returns the fields of the event `program` in a transcript. */
export function programFields(program: Program): {
  version: string;
  node: string;
  hashes: { name: string; sha256: string }[];
} {
  return {
    version: program.version,
    node: program.node,
    hashes: hashesOf(program).map(({ name, sha256 }) => ({ name, sha256 })),
  };
}

/**
 * Returns everything that the program can load, sorted: its own files, and every file of the packages that it names or
 * that those name.
 */
export function programFiles(root: string): string[] {
  return [...ownFiles(root), ...codeFiles(root), ...packageFiles(root)];
}

export function sha256Of(root: string, name: string): string {
  return hashFile(join(root, ...name.split('/')));
}

function hashFile(path: string): string {
  const hasher = createHash('sha256');
  readInPieces(path, (piece) => hasher.update(piece));
  return hasher.digest('hex');
}

/** Returns the SHA-256 of what `sha256sum` prints for these files, in this order. */
function treeHash(root: string, names: readonly string[]): string {
  const hasher = createHash('sha256');
  for (const name of names) hasher.update(`${sha256Of(root, name)}  ${name}\n`);
  return hasher.digest('hex');
}

function ownFiles(root: string): string[] {
  return OWN.filter((name) => factsOf(join(root, name))?.kind === 'file');
}

function codeFiles(root: string): string[] {
  const code = join(root, ...CODE.split('/'));
  return factsOf(code)?.kind === 'folder' ? namesOf(root, filesBelow(code)) : [];
}

function isNative(name: string): boolean {
  return name.endsWith('.node') && !name.includes('/obj.target/');
}

function packageFiles(root: string): string[] {
  const folders = new Set<string>();
  const todo = [root];
  for (let from = todo.pop(); from !== undefined; from = todo.pop()) {
    for (const name of dependenciesOf(from)) {
      const folder = packageFolder(from, name);
      if (folder === undefined || folders.has(folder)) continue;
      folders.add(folder);
      todo.push(folder);
    }
  }
  return namesOf(
    root,
    [...folders].flatMap((folder) => filesBelow(folder)),
  );
}

/** Returns names relative to `root`, sorted by their bytes as `LC_ALL=C sort` does. */
function namesOf(root: string, paths: readonly string[]): string[] {
  return paths.map((path) => relative(root, path).split(sep).join('/')).sort((a, b) => compareBytes(utf8(a), utf8(b)));
}

/** Returns a package's dependencies; empty if its `package.json` does not exist or cannot be read. */
function dependenciesOf(folder: string): string[] {
  const path = join(folder, 'package.json');
  if (factsOf(path)?.kind !== 'file') return [];
  try {
    const text = fromUtf8(readFile(path, MAX_TEXT_FILE)) ?? '';
    const { dependencies, optionalDependencies } = JSON.parse(text) as Readonly<Record<string, object | undefined>>;
    return Object.keys({ ...dependencies, ...optionalDependencies });
  } catch {
    return [];
  }
}

/** Returns where Node finds a package for a file in `from`, or undefined if it isn't installed. */
function packageFolder(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', ...name.split('/'));
    if (factsOf(join(candidate, 'package.json'))?.kind === 'file') return realPath(candidate);
    if (dirname(folder) === folder) return undefined;
  }
}

/** Returns all files in a folder, except packages inside it, which are found through whoever needs them. */
function filesBelow(folder: string): string[] {
  return listFolder(folder).flatMap((name) => {
    const path = join(folder, name);
    const kind = factsOf(path)?.kind;
    if (kind === 'file') return [path];
    return kind === 'folder' && name !== 'node_modules' && realPath(path) === path ? filesBelow(path) : [];
  });
}
