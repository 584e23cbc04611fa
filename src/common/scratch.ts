/** A folder for throw-away files, outside of every authority, and gone at the end. Nothing secret goes there. */
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attempt } from './files.js';

export interface Scratch {
  /** Absolute path. */
  readonly dir: string;
  readonly remove: () => void;
}

/** A new folder that only this user can look into. */
export function makeScratch(): Scratch {
  const dir = attempt(tmpdir(), () => fs.mkdtempSync(join(tmpdir(), 'as-ceremony-')));
  return {
    dir,
    remove: () => {
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Copies the files of a folder whose names pass (the folder may be missing); nothing is synced, because nothing of it is to last. */
export function copyToScratch(from: string, to: string, passes: (name: string) => boolean): void {
  attempt(from, () => {
    fs.mkdirSync(to, { recursive: true });
    if (!fs.existsSync(from)) return;
    for (const entry of fs.readdirSync(from, { withFileTypes: true }))
      if (entry.isFile() && passes(entry.name)) fs.copyFileSync(join(from, entry.name), join(to, entry.name));
  });
}
