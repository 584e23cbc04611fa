/** The file system that holds a path, as statfs(2) describes it. */
import * as fs from 'node:fs';

/** File systems, by their type in statfs(2), that hold their contents in memory alone. */
export const IN_MEMORY: ReadonlyMap<number, string> = new Map([
  [0x0102_1994, 'tmpfs'],
  [0x8584_58f6, 'ramfs'],
]);

/** The name of a disk that is memory. */
export const MEMORY_DISK = /^(?:\/dev\/)?z?ram\d+$/;

/**
 * Returns the type, as in statfs(2), of the file system that holds `path`, and how many bytes this user may still
 * write. Returns undefined if the system does not tell.
 */
export function fileSystemOf(path: string): { readonly type: number; readonly freeBytes: number } | undefined {
  try {
    const { type, bavail, bsize } = fs.statfsSync(path);
    return { type: type >>> 0, freeBytes: bavail * bsize };
  } catch {
    return undefined;
  }
}
