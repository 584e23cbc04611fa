/**
 * Every state that a kill -9 could leave of some folders: copies of them from before and from the middle of each
 * change, made in one run.
 */
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newFolder, readTree } from '../cli/cli-authority.js';
import { must } from '../keys/softhsm.js';

let library: string | undefined;

function preload(): string {
  if (library !== undefined) return library;
  const made = join(newFolder(), 'snapshots.so');
  const source = fileURLToPath(new URL('snapshots.c', import.meta.url));
  must('gcc', '-shared', '-fPIC', '-O1', '-o', made, source, '-ldl');
  library = made;
  return made;
}

export interface State {
  /** Where in the run: changes of files so far. */
  readonly at: number;
  /** Puts the folders back as they were then. */
  readonly restore: () => void;
}

/** Runs something whose changes in `folders` (absolute) are watched; the states that differ, in their order. */
export function statesOf(folders: readonly string[], run: (env: Readonly<Record<string, string>>) => void): State[] {
  const into = newFolder();
  run({ LD_PRELOAD: preload(), SNAPSHOT_OF: folders.join(':'), SNAPSHOT_INTO: into });
  const states: State[] = [];
  let last = '';
  for (const [at, name] of readdirSync(into).sort().entries()) {
    const copy = join(into, name);
    const tree = JSON.stringify(readTree(copy));
    if (tree === last) continue;
    last = tree;
    states.push({
      at,
      restore: () => {
        for (const [i, folder] of folders.entries()) {
          rmSync(folder, { recursive: true, force: true });
          cpSync(join(copy, String(i)), folder, { recursive: true, preserveTimestamps: true });
        }
      },
    });
  }
  return states;
}
