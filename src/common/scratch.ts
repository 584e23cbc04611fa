/** A folder for throw-away files, outside of every authority, and gone at the end. Nothing secret goes there. */
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { attempt } from './files.js';

export interface Scratch {
  /** Absolute path. */
  readonly dir: string;
  readonly remove: () => void;
}

/** Those of this process. */
const folders = new Set<string>();

/**
 * Whether a path, as it is named from the scratch folder on, lies in one: then nobody looks for it after a power cut.
 */
export function isInScratch(path: string): boolean {
  return [...folders].some((dir) => path === dir || path.startsWith(`${dir}/`));
}

/** A new folder that only this user can look into. */
export function makeScratch(): Scratch {
  const dir = attempt(tmpdir(), () => fs.mkdtempSync(join(tmpdir(), 'as-ceremony-')));
  folders.add(dir);
  return {
    dir,
    remove: () => {
      folders.delete(dir);
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Writes a file below a scratch folder; nothing is synced, because nothing of it is to last. */
export function writeScratch(dir: string, path: string, bytes: Uint8Array): void {
  const target = join(dir, path);
  attempt(target, () => {
    fs.mkdirSync(dirname(target), { recursive: true });
    fs.writeFileSync(target, bytes, { flag: 'wx' });
  });
}
