/** Temporary folders, and modules of the project run in processes of their own. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from '@jest/globals';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const folders: string[] = [];
const MEMORY = '/dev/shm';

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/**
 * A new folder, removed when the tests of the file are over; in memory for those that would wait for a disk's fsync
 * thousands of times.
 */
export function temporaryFolder(inMemory = false): string {
  const folder = mkdtempSync(join(inMemory && existsSync(MEMORY) ? MEMORY : tmpdir(), 'as-ceremony-test-'));
  folders.push(folder);
  return folder;
}

/** Bundles a program (TypeScript that imports from `src/…`) to one CommonJS file and gives its path. */
export function bundleProgram(source: string): string {
  const file = join(temporaryFolder(), 'program.cjs');
  const code = execFileSync(
    join(PROJECT, 'node_modules/.bin/esbuild'),
    ['--bundle', '--platform=node', '--format=cjs', '--loader=ts', '--log-level=error'],
    { cwd: PROJECT, input: source },
  );
  writeFileSync(file, code);
  return file;
}

/** What is thrown, as its `code`. */
export function codeOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return undefined;
}
