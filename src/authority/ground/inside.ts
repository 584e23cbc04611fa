/**
 * Single things done with files of an authority, each on its ground (ground.ts). Paths are relative to it; a key file's
 * may be absolute.
 */
import { isFolder } from '../../common/files.js';
import type { NameFacts } from '../../common/name-facts.js';
import type { Stay } from '../../common/new-files.js';
import * as fresh from '../../common/new-files.js';
import { type Reading, readUncached } from '../../common/uncached.js';
import { Ground } from './ground.js';
import { isElsewhere } from './layout.js';

/** Does something with the ground of one authority, and lets go of it. */
export function onGround<T>(dir: string, action: (ground: Ground) => T): T {
  const ground = Ground.open(dir);
  try {
    return action(ground);
  } finally {
    ground.close();
  }
}

/** Names in a folder of the authority (or at its top, ''), sorted; none where one of them isn't there. */
export function listInside(dir: string, folder: string): string[] {
  return isFolder(dir) ? onGround(dir, (ground) => ground.list(folder)) : [];
}

export function existsInside(dir: string, path: string): boolean {
  return isFolder(dir) && onGround(dir, (ground) => ground.exists(path));
}

/** Whether both are names of one file. */
export function sameInside(dir: string, a: string, b: string): boolean {
  return onGround(dir, (ground) => ground.same(a, b));
}

/** Undefined where nothing is there. */
export function factsInside(dir: string, path: string): NameFacts | undefined {
  return onGround(dir, (ground) => ground.facts(path));
}

/** As `Ground.faultOf`. */
export function faultInside(dir: string, path: string): string | undefined {
  return onGround(dir, (ground) => ground.faultOf(path));
}

/** Errors: those of `Ground.read`. */
export function readInside(dir: string, path: string, limit: number): Uint8Array {
  return onGround(dir, (ground) => ground.read(path, limit));
}

/** As `readInside`, past the page cache where that can be. */
export function readUncachedInside(dir: string, path: string, limit: number): Reading {
  if (isElsewhere(path)) return readUncached(path, limit);
  return onGround(dir, (ground) => ground.at(path, (at) => readUncached(at, limit)));
}

/**
 * Makes one of the folders, where it isn't there. Errors: those of `Ground.at` and `makeFolder`; so with the others
 * below.
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
 * Gives a file another name in the same folder, in place of its own; false where that is taken. Nothing of it is
 * synced.
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

/** `addName` in one folder; false where `to` is taken. */
export function addNameInside(dir: string, from: string, to: string): boolean {
  return onGround(dir, (ground) =>
    ground.at(from, (old) => ground.at(to, (at, shown) => fresh.addName(old, at, shown))),
  );
}

/** `renameFile` in one folder. */
export function renameInside(dir: string, from: string, to: string): void {
  onGround(dir, (ground) => ground.at(from, (old) => ground.at(to, (at, shown) => fresh.renameFile(old, at, shown))));
}

/** fsync of a folder, or of the top ('.'). */
export function syncInside(dir: string, folder: string): void {
  onGround(dir, (ground) => ground.sync(folder));
}
