/**
 * Files that a person names, or that are beside one. Those in an authority are opened on its ground, by whatever path
 * they are named; others are opened as usual.
 */
import { basename, dirname, resolve } from 'node:path';
import { exists, listFolder, readFile } from '../../common/files.js';
import { checkCreatable, createFile } from '../../common/new-files.js';
import { checkCreatableInside, createInside, existsInside, listInside, readInside } from './inside.js';
import { FOLDERS, isTopName, SETTINGS_FILE } from './layout.js';

interface Inside {
  readonly dir: string;
  /** Relative to the authority. */
  readonly path: string;
}

/** Returns where in an authority a path leads, or undefined if it leads to none. */
function insideOf(named: string): Inside | undefined {
  const path = resolve(named);
  const [folder, name] = [dirname(path), basename(path)];
  const isAuthority = (dir: string): boolean => existsInside(dir, SETTINGS_FILE);
  const inFolder = (FOLDERS as readonly string[]).includes(basename(folder));
  if (inFolder && isAuthority(dirname(folder))) return { dir: dirname(folder), path: `${basename(folder)}/${name}` };
  return isTopName(name) && isAuthority(folder) ? { dir: folder, path: name } : undefined;
}

/** Reads a file; `-` is standard input. Errors: those of `readFile`, and `authority-damaged`. */
export function readAnywhere(path: string, limit: number): Uint8Array {
  const inside = path === '-' ? undefined : insideOf(path);
  return inside === undefined ? readFile(path, limit) : readInside(inside.dir, inside.path, limit);
}

export function existsAnywhere(path: string): boolean {
  const inside = insideOf(path);
  return inside === undefined ? exists(path) : existsInside(inside.dir, inside.path);
}

/** Returns the names in a file's folder, including its own, sorted. */
export function namesBeside(path: string): readonly string[] {
  const inside = insideOf(path);
  if (inside === undefined) return listFolder(dirname(path));
  return listInside(inside.dir, inside.path.includes('/') ? dirname(inside.path) : '');
}

/** Creates a file. Errors: those of `createFile`, and `authority-damaged`. */
export function createAnywhere(path: string, bytes: Uint8Array): void {
  const inside = insideOf(path);
  if (inside === undefined) createFile(path, bytes);
  else createInside(inside.dir, inside.path, bytes);
}

/** Checks that a file can be created. Errors: those of `checkCreatable`, and `authority-damaged`. */
export function checkCreatableAnywhere(path: string): void {
  const inside = insideOf(path);
  if (inside === undefined) checkCreatable(path);
  else checkCreatableInside(inside.dir, inside.path);
}
