/** What is synced: all that must last, and nothing else, since each sync is a wait, and wear of a stick. */
import { readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import { cli } from '../../support/cli/cli.js';
import { mustSucceed, newAuthority } from '../../support/cli/cli-authority.js';
import { toolTest } from '../../support/machine/tools.js';

toolTest('strace', 'a ceremony syncs its authority, and no copy that it tries things out in', () => {
  const scene = newAuthority();
  const log = scene.path('log');
  const under = ['strace', '-f', '-qq', '-y', '-o', log, '-e', 'trace=fsync,fdatasync,sync,syncfs'];
  mustSucceed(
    cli(['-C', scene.dir, 'run', 'root-generation', '--yes', '--passphrase-file', scene.passphraseFile], { under }),
  );
  const synced = readFileSync(log, 'utf8')
    .split('\n')
    .flatMap((line) => /sync\(\d+<(.*)>\)/.exec(line)?.[1] ?? []);
  expect(synced.filter((path) => !path.startsWith(scene.dir))).toEqual([]);
  // Each line of the transcript once, and some for each file and its name.
  expect(synced.length).toBeGreaterThan(40);
  expect(synced.length).toBeLessThan(90);
  for (const path of ['keys', 'credentials', 'bundles', 'transcripts'])
    expect(synced).toContain(`${scene.dir}/${path}`);
});
