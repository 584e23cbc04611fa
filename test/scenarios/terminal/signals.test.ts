/** A signal that comes in the very moment in which the lock is taken: it is given back. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { cli } from '../../support/cli/cli.js';
import { authorityWith, type Scene } from '../../support/cli/cli-authority.js';
import { toolTest } from '../../support/machine/tools.js';

/** The first name that is given by a link is the lock's. */
const under = (signal: string): string[] => {
  const inject = `inject=link,linkat:signal=${signal}:when=1`;
  return ['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=link,linkat', '-e', inject];
};

describe.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('%s while the lock is taken', (signal) => {
  toolTest('strace', 'ends a command, and leaves no lock', () => {
    for (const args of [['bundle', 'export'], ['run', 'bundle-series'], ['resume']]) {
      const scene: Scene = authorityWith('bundle');
      const ended = scene.cli(args, { under: under(signal) });
      expect([args, ended.status, existsSync(join(scene.dir, 'lock'))]).toEqual([args, 130, false]);
    }
  });

  toolTest('strace', 'lets init end', () => {
    const dir = join(authorityWith('root').folder, 'another');
    mkdirSync(dir);
    const ended = cli(['init', 'example.org', dir], { under: under(signal) });
    expect([ended.status, existsSync(join(dir, 'lock'))]).toEqual([0, false]);
  });
});
