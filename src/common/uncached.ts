/**
 * Reads what a medium holds rather than what the system's page cache remembers, which includes everything that was
 * written a moment ago.
 */
import * as fs from 'node:fs';
import { wipe } from './bytes.js';
import { systemCode } from './errors.js';
import { fileSystemOf, IN_MEMORY } from './file-system.js';
import { fileError, readFile } from './files.js';

export interface Reading {
  readonly bytes: Uint8Array;
  /** Whether the bytes came from the medium itself; otherwise they may have come from the cache. */
  readonly uncached: boolean;
}

const CHUNK = 1024 * 1024;
const WASM_PAGE = 64 * 1024;
/** From open(2); only Linux has O_DIRECT. */
const { O_RDONLY, O_NONBLOCK, O_DIRECT } = fs.constants as Readonly<Record<string, number | undefined>>;

/**
 * Direct reading needs a buffer that begins at a block boundary. WebAssembly memory does; no other memory in JavaScript
 * is known to.
 */
const { WebAssembly: wasm } = globalThis as unknown as {
  readonly WebAssembly?: {
    readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
  };
};
let aligned: Uint8Array | undefined;

/** As `readFile`, but bypasses the page cache if the system and the file system can. */
export function readUncached(path: string, limit: number): Reading {
  // tmpfs accepts the flag, but has nothing but memory.
  const isMemory = IN_MEMORY.has(fileSystemOf(path)?.type ?? 0);
  const bytes = O_DIRECT === undefined || isMemory ? undefined : readDirectly(path, limit, O_DIRECT);
  return bytes === undefined ? { bytes: readFile(path, limit), uncached: false } : { bytes, uncached: true };
}

/** Returns undefined if it is not possible, or if the file is one for which `readFile` has an error. */
function readDirectly(path: string, limit: number, direct: number): Uint8Array | undefined {
  let fd: number | undefined;
  try {
    fd = fs.openSync(path, (O_RDONLY ?? 0) | (O_NONBLOCK ?? 0) | direct);
    const stat = fs.fstatSync(fd);
    return stat.isFile() && stat.size <= limit && wasm !== undefined ? readAll(fd, stat.size, wasm) : undefined;
  } catch (error) {
    if (['EINVAL', 'ENOENT', 'EOPNOTSUPP'].includes(systemCode(error) ?? '')) return undefined;
    throw fileError(path, error);
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

function readAll(fd: number, size: number, { Memory }: NonNullable<typeof wasm>): Uint8Array {
  aligned ??= new Uint8Array(new Memory({ initial: CHUNK / WASM_PAGE }).buffer);
  const content = new Uint8Array(size);
  let length = 0;
  while (length < size) {
    const read = fs.readSync(fd, aligned, 0, CHUNK, length);
    if (read === 0) break;
    content.set(aligned.subarray(0, Math.min(read, size - length)), length);
    length += read;
  }
  wipe(aligned);
  return content.subarray(0, Math.min(length, size));
}
