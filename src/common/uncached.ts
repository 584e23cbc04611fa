/**
 * Reading what a medium holds, and not what the system remembers of it: its page cache knows everything that was
 * written a moment ago.
 */
import * as fs from 'node:fs';
import { wipe } from './bytes.js';
import { systemCode } from './errors.js';
import { fileSystemOf, IN_MEMORY } from './file-system.js';
import { fileError, readFile } from './files.js';

export interface Reading {
  readonly bytes: Uint8Array;
  /** Whether they came from the medium itself; else the system may have remembered them. */
  readonly uncached: boolean;
}

const CHUNK = 1024 * 1024;
const WASM_PAGE = 64 * 1024;
/** Of open(2); only Linux has it. */
const { O_RDONLY, O_NONBLOCK, O_DIRECT } = fs.constants as Readonly<Record<string, number | undefined>>;

/** Its memory begins where a block does, which direct reading wants; no other memory in JavaScript is known to. */
const { WebAssembly: wasm } = globalThis as unknown as {
  readonly WebAssembly?: {
    readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
  };
};
let aligned: Uint8Array | undefined;

/** As `readFile`, past the page cache where the system and the file system can. */
export function readUncached(path: string, limit: number): Reading {
  // tmpfs takes the flag, and has nothing but memory.
  const isMemory = IN_MEMORY.has(fileSystemOf(path)?.type ?? 0);
  const bytes = O_DIRECT === undefined || isMemory ? undefined : readDirectly(path, limit, O_DIRECT);
  return bytes === undefined ? { bytes: readFile(path, limit), uncached: false } : { bytes, uncached: true };
}

/** Undefined where it can't be done, or where `readFile` has something to say of such a file. */
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
