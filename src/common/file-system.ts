/** What holds a path: statfs(2). */
import * as fs from 'node:fs';

/** By statfs(2)'s type: what they hold is nowhere but in memory, however it is read. */
export const IN_MEMORY: ReadonlyMap<number, string> = new Map([
  [0x0102_1994, 'tmpfs'],
  [0x8584_58f6, 'ramfs'],
]);

/** A disk that is memory, by its name. */
export const MEMORY_DISK = /^(?:\/dev\/)?z?ram\d+$/;

/**
 * The file system that holds `path`: statfs(2)'s type, and the bytes that this user may still write. Undefined where it
 * can't be seen.
 */
export function fileSystemOf(path: string): { readonly type: number; readonly freeBytes: number } | undefined {
  try {
    const { type, bavail, bsize } = fs.statfsSync(path);
    return { type: type >>> 0, freeBytes: bavail * bsize };
  } catch {
    return undefined;
  }
}
