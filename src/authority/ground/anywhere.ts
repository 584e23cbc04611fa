/**
 * Files that a person names, or that lie beside one: those in an authority are opened on its ground, whoever leads
 * there; others as they are.
 */
import { basename, dirname, resolve } from 'node:path';
import { exists, listFolder, readFile } from '../../common/files.js';
import { checkCreatable, createFile } from '../../common/new-files.js';
import { checkCreatableInside, createInside, existsInside, listInside, readInside } from './inside.js';
import { FOLDERS, isTopName, SETTINGS_FILE } from './layout.js';

interface Inside {
  readonly dir: string;
  /** Relative to it. */
  readonly path: string;
}

/** The place in an authority that a path spells; undefined where it spells none. */
function insideOf(named: string): Inside | undefined {
  const path = resolve(named);
  const [folder, name] = [dirname(path), basename(path)];
  const isAuthority = (dir: string): boolean => existsInside(dir, SETTINGS_FILE);
  const inFolder = (FOLDERS as readonly string[]).includes(basename(folder));
  if (inFolder && isAuthority(dirname(folder))) return { dir: dirname(folder), path: `${basename(folder)}/${name}` };
  return isTopName(name) && isAuthority(folder) ? { dir: folder, path: name } : undefined;
}

/** `-` is standard input. Errors: those of `readFile`, and `authority-damaged`. */
export function readAnywhere(path: string, limit: number): Uint8Array {
  const inside = path === '-' ? undefined : insideOf(path);
  return inside === undefined ? readFile(path, limit) : readInside(inside.dir, inside.path, limit);
}

export function existsAnywhere(path: string): boolean {
  const inside = insideOf(path);
  return inside === undefined ? exists(path) : existsInside(inside.dir, inside.path);
}

/** The names beside a file, its own among them, sorted. */
export function namesBeside(path: string): readonly string[] {
  const inside = insideOf(path);
  if (inside === undefined) return listFolder(dirname(path));
  return listInside(inside.dir, inside.path.includes('/') ? dirname(inside.path) : '');
}

/** Errors: those of `createFile`, and `authority-damaged`. */
export function createAnywhere(path: string, bytes: Uint8Array): void {
  const inside = insideOf(path);
  if (inside === undefined) createFile(path, bytes);
  else createInside(inside.dir, inside.path, bytes);
}

/** Errors: those of `checkCreatable`, and `authority-damaged`. */
export function checkCreatableAnywhere(path: string): void {
  const inside = insideOf(path);
  if (inside === undefined) checkCreatable(path);
  else checkCreatableInside(inside.dir, inside.path);
}
