/** A folder for throw-away files, outside every authority and removed at the end. Nothing secret is written there. */
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { attempt } from './files.js';

export interface Scratch {
  /** The absolute path. */
  readonly dir: string;
  readonly remove: () => void;
}

/** The scratch folders of this process. */
const folders = new Set<string>();

/** Returns whether a path lies in a scratch folder, whose files need not survive a power cut. */
export function isInScratch(path: string): boolean {
  return [...folders].some((dir) => path === dir || path.startsWith(`${dir}/`));
}

/** Makes a folder that only this user can open. */
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

/** Writes a file in a scratch folder. It is not synced, because nothing there is meant to last. */
export function writeScratch(dir: string, path: string, bytes: Uint8Array): void {
  const target = join(dir, path);
  attempt(target, () => {
    fs.mkdirSync(dirname(target), { recursive: true });
    fs.writeFileSync(target, bytes, { flag: 'wx' });
  });
}
