/**
 * Single operations on files of an authority, each on its ground (ground.ts). Paths are relative to it; that of a key
 * file may be absolute.
 */
import { isFolder } from '../../common/files.js';
import type { NameFacts } from '../../common/name-facts.js';
import type { Stay } from '../../common/new-files.js';
import * as fresh from '../../common/new-files.js';
import { type Reading, readUncached } from '../../common/uncached.js';
import { Ground } from './ground.js';
import { isElsewhere } from './layout.js';

/** Runs `action` on the ground of one authority, and closes it. */
export function onGround<T>(dir: string, action: (ground: Ground) => T): T {
  const ground = Ground.open(dir);
  try {
    return action(ground);
  } finally {
    ground.close();
  }
}

/** Returns the names in a folder of the authority (or at its top, ''), sorted; empty if either does not exist. */
export function listInside(dir: string, folder: string): string[] {
  return isFolder(dir) ? onGround(dir, (ground) => ground.list(folder)) : [];
}

export function existsInside(dir: string, path: string): boolean {
  return isFolder(dir) && onGround(dir, (ground) => ground.exists(path));
}

/** Returns whether both are names of one file. */
export function sameInside(dir: string, a: string, b: string): boolean {
  return onGround(dir, (ground) => ground.same(a, b));
}

/** Returns the facts about a name, or undefined if nothing has it. */
export function factsInside(dir: string, path: string): NameFacts | undefined {
  return onGround(dir, (ground) => ground.facts(path));
}

/** As `Ground.faultOf`. */
export function faultInside(dir: string, path: string): string | undefined {
  return onGround(dir, (ground) => ground.faultOf(path));
}

/** Reads a file. Errors: those of `Ground.read`. */
export function readInside(dir: string, path: string, limit: number): Uint8Array {
  return onGround(dir, (ground) => ground.read(path, limit));
}

/** As `readInside`, but bypasses the page cache if possible. */
export function readUncachedInside(dir: string, path: string, limit: number): Reading {
  if (isElsewhere(path)) return readUncached(path, limit);
  return onGround(dir, (ground) => ground.at(path, (at) => readUncached(at, limit)));
}

/**
 * Makes one of the folders if it does not exist. Errors, here and in the functions below: those of `Ground.at` and
 * `makeFolder`.
 */
export function makeFolderInside(dir: string, folder: string): void {
  onGround(dir, (ground) => ground.at(folder, (at, shown) => fresh.makeFolder(at, undefined, shown)));
}

export function createInside(dir: string, path: string, bytes: Uint8Array, mode?: number): void {
  onGround(dir, (ground) => ground.at(path, (at, shown) => fresh.createFile(at, bytes, mode, shown)));
}

export function checkCreatableInside(dir: string, path: string): void {
  onGround(dir, (ground) => ground.at(path, (at, shown) => fresh.checkCreatable(at, shown)));
}

export function writeNewInside(dir: string, path: string, bytes: Uint8Array, mode?: number, stay?: Stay): void {
  onGround(dir, (ground) => ground.at(path, (at, shown) => fresh.writeNewFile(at, bytes, mode, shown, stay)));
}

export function appendInside(dir: string, path: string, bytes: Uint8Array, length: number): void {
  onGround(dir, (ground) => ground.at(path, (at, shown) => fresh.appendFile(at, bytes, length, shown)));
}

export function truncateInside(dir: string, path: string, length: number): void {
  onGround(dir, (ground) => ground.at(path, (at, shown) => fresh.truncateFile(at, length, shown)));
}

export function removeInside(dir: string, path: string, stay?: Stay): void {
  onGround(dir, (ground) => ground.at(path, (at, shown) => fresh.removeFile(at, shown, stay)));
}

export function destroyInside(dir: string, path: string): void {
  onGround(dir, (ground) => ground.at(path, (at, shown) => fresh.destroyFile(at, shown)));
}

/**
 * Renames a file within its folder without replacing anything; returns false if the name is taken. Nothing is synced.
 */
export function claimInside(dir: string, from: string, to: string): boolean {
  return onGround(dir, (ground) =>
    ground.at(from, (old) =>
      ground.at(to, (at, shown) => {
        const given = fresh.addName(old, at, shown);
        fresh.removeFile(old, shown, 'passing');
        return given;
      }),
    ),
  );
}

/** As `addName` within one folder; returns false if `to` is taken. */
export function addNameInside(dir: string, from: string, to: string): boolean {
  return onGround(dir, (ground) =>
    ground.at(from, (old) => ground.at(to, (at, shown) => fresh.addName(old, at, shown))),
  );
}

/** As `renameFile` within one folder. */
export function renameInside(dir: string, from: string, to: string): void {
  onGround(dir, (ground) => ground.at(from, (old) => ground.at(to, (at, shown) => fresh.renameFile(old, at, shown))));
}

/** Calls fsync on a folder, or on the top ('.'). */
export function syncInside(dir: string, folder: string): void {
  onGround(dir, (ground) => ground.sync(folder));
}
