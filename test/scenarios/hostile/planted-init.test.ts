/**
 * A journal of `init` in a folder that is no authority yet: left by a crash, or put there by somebody who can write the
 * folder.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { initAuthority } from '../../../src/authority/init-authority.js';
import { parseCiphersuite } from '../../../src/crypto/ciphersuite.js';
import { cli, shell } from '../../support/cli/cli.js';
import { mustSucceed, newAuthority, newFolder, readTree } from '../../support/cli/cli-authority.js';
import { errorOf, expectRefusal } from '../../support/cli/cli-errors.js';
import { ENTER, Terminal } from '../../support/cli/cli-terminal.js';
import { toolTest } from '../../support/machine/tools.js';

const WORDS = 'complete it';

/** A folder in which an init of example.org has its journal, and no file its name. */
function interrupted(operation = 'init', change = (yaml: string): string => yaml): string {
  const made = newAuthority('example.org', change).dir;
  const dir = join(newFolder(), 'authority');
  mkdirSync(join(dir, 'transcripts'), { recursive: true });
  const files = ['authority.yaml', 'transcripts/0001-init.jsonl'].map((path) => {
    const temporary = join(dirname(path), `.${basename(path)}.0123456789ab.tmp`);
    const bytes = readFileSync(join(made, path));
    writeFileSync(join(dir, temporary), bytes);
    return { temporary, path, sha256: createHash('sha256').update(bytes).digest('hex'), mode: 0o644 };
  });
  const journal = { version: 1, operation, files: operation === 'init' ? files : [] };
  writeFileSync(join(dir, 'pending.json'), JSON.stringify(journal));
  return dir;
}

describe('is completed for nobody who has not seen it', () => {
  test.each([
    ['without a terminal', ['example.org']],
    ['by --yes', ['example.org', '--yes']],
    ['under another domain', ['example.net']],
  ])('%s, and what is said works', (_what, args) => {
    const dir = interrupted();
    const before = readTree(dir);
    const ended = cli(['init', ...args, dir]);
    expectRefusal(ended, {
      status: 3,
      code: 'authority-unfinished',
      says: /an init of example\.org was interrupted in .*, by you or by whoever can write there/,
      hint: 'run: rm ',
    });
    expect(readTree(dir)).toEqual(before);
    const remove = /run: (rm [^;]*);/.exec(errorOf(ended).hint)?.[1] ?? '';
    mustSucceed(shell(remove, { cwd: '/' }));
    mustSucceed(cli(['init', ...args, dir]));
    mustSucceed(cli(['-C', dir, 'ledger', 'verify']));
  });

  test('who agreed to another journal, or to none', () => {
    const dir = interrupted();
    const ciphersuite = parseCiphersuite('ed25519-sha256');
    if (ciphersuite === undefined) throw new Error('not a ciphersuite');
    const writer = { toolVersion: '1.2.3', hostName: 'vault' };
    const made = { domain: 'example.org', ciphersuite, files: [], events: [], atSeconds: 1_900_000_000, writer };
    const identity = { hostName: 'vault', atSeconds: 1_900_000_000, random: (n: number) => new Uint8Array(n) };
    for (const journal of ['', '0'.repeat(64)])
      expect(() => initAuthority(dir, { ...made, journal }, identity)).toThrow(
        /an init of example\.org was interrupted/,
      );
  });

  test('from another command', () => {
    const dir = interrupted('revoke');
    const before = readTree(dir);
    expectRefusal(cli(['init', 'example.org', dir]), {
      status: 3,
      code: 'authority-damaged',
      says: /pending\.json is not the journal of an init: it is of "revoke"/,
    });
    expect(readTree(dir)).toEqual(before);
  });
});

describe('at a terminal', () => {
  toolTest('script', 'it is shown, and completed in typed words', async () => {
    const dir = interrupted();
    const terminal = new Terminal(['init', 'example.org', dir, '--yes']);
    await terminal.see(`(type: ${WORDS})`);
    expect(terminal.text).toMatch(/domain +example\.org[^]*begun +20.* on [^]*authority\.yaml +NOT as init writes it/);
    terminal.type(`${WORDS}${ENTER}`);
    expect(await terminal.end()).toBe(0);
    mustSucceed(cli(['-C', dir, 'ledger', 'verify']));
  });

  toolTest('script', 'it stays as it is if the answer is different', async () => {
    const dir = interrupted();
    const before = readTree(dir);
    const terminal = new Terminal(['init', 'example.org', dir]);
    await terminal.see(`(type: ${WORDS})`);
    terminal.type(`yes${ENTER}`);
    expect(await terminal.end()).toBe(1);
    expect(readTree(dir)).toEqual(before);
  });
});
