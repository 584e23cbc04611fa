/**
 * Roots, key records and revocations planted where a user's state folder remembers how the record was: the next command
 * doesn't use them unasked.
 */
import { copyFileSync, cpSync, mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../../src/codec/strict-json.js';
import { cliJson, type Ended } from '../../support/cli/cli.js';
import { mustSucceed, newAuthority, newFolder, readTree, type Scene } from '../../support/cli/cli-authority.js';
import { errorOf, expectRefusal } from '../../support/cli/cli-errors.js';
import { Terminal } from '../../support/cli/cli-terminal.js';
import { files, plant, type PlantedEvent } from '../../support/cli/planted.js';
import { linesOf, named, newestTranscript } from '../../support/cli/transcripts.js';

const WORDS = 'these are ours';

/** An authority with a root and a bundle, and the state folder that remembers it. */
interface Remembered {
  readonly scene: Scene;
  readonly env: Readonly<Record<string, string>>;
  readonly run: (...args: readonly string[]) => Ended;
}

function remembered(): Remembered {
  const scene = newAuthority();
  const env = { XDG_STATE_HOME: join(newFolder(), 'state') };
  const run = (...args: readonly string[]): Ended => scene.cli(args, { env });
  mustSucceed(run('root', 'generate'));
  mustSucceed(run('bundle', 'export'));
  return { scene, env, run };
}

/** The last event `sign` in the newest transcript of an authority. */
function signIn(scene: Scene): PlantedEvent {
  const { what, public_key_sha256, signed_sha256 } = linesOf(newestTranscript(scene)).find(
    ({ event }) => event === 'sign',
  ) as unknown as JsonObject;
  return ['sign', { what, public_key_sha256, signed_sha256 } as JsonObject];
}

/** Somebody else's root as root 2, with its key and all; the transcript. */
function plantRoot(scene: Scene, more: readonly string[]): string {
  const theirs = newAuthority();
  mustSucceed(theirs.cli(['root', 'generate', '--lifetime', '5y']));
  mustSucceed(theirs.cli(['root', 'rotate', ...more]));
  const paths = ['credentials/root-2.pem', 'keys/root-2.json', 'keys/root-2.age'];
  const all = more.length === 0 ? paths : [...paths, 'credentials/root-2.reserve.json'];
  for (const path of all) copyFileSync(join(theirs.dir, path), join(scene.dir, path));
  const recorded = all.filter((path) => !path.endsWith('.age')).map((path) => named(scene, path));
  return plant(scene, 'root rotate', [signIn(theirs), files(...recorded)]);
}

/** A revocation of root 1, as `revoke` writes it. */
function plantRevocation(scene: Scene): string {
  const copy: Scene = { ...scene, dir: `${scene.dir}-copy` };
  cpSync(scene.dir, copy.dir, { recursive: true });
  mustSucceed(scene.cli(['-C', copy.dir, 'revoke', 'root-1', '--reason', 'superseded']));
  const { fingerprints, reason } = linesOf(newestTranscript(copy)).find(
    ({ event }) => event === 'revoke',
  ) as unknown as { fingerprints: string[]; reason: string };
  const path = `revocations/${fingerprints[0] ?? ''}.json`;
  mkdirSync(join(scene.dir, 'revocations'), { recursive: true });
  copyFileSync(join(copy.dir, path), join(scene.dir, path));
  return plant(scene, 'revoke', [['revoke', { fingerprints, reason }], files(named(scene, path))]);
}

/** The end of root 1's key, as `key destroy` records it, while the key file stays; the newest transcript. */
function plantEnd(scene: Scene): string {
  const copy: Scene = { ...scene, dir: `${scene.dir}-copy` };
  cpSync(scene.dir, copy.dir, { recursive: true });
  mustSucceed(scene.cli(['-C', copy.dir, 'key', 'destroy', 'root-1', '--end-of-service']));
  for (const name of ['destroying', 'destroyed'])
    copyFileSync(join(copy.dir, `keys/root-1.${name}.json`), join(scene.dir, `keys/root-1.${name}.json`));
  cpSync(join(copy.dir, 'transcripts'), join(scene.dir, 'transcripts'), { recursive: true });
  return relative(copy.dir, newestTranscript(copy));
}

describe('is used by nobody who was not asked', () => {
  const cases: readonly [string, (scene: Scene) => string][] = [
    ['a root in reserve, which the next bundle would commit to', (scene) => plantRoot(scene, ['--reserve'])],
    ['a root, which the next bundle would list', (scene) => plantRoot(scene, [])],
    ['a revocation, which would be for good', plantRevocation],
    ['marks that a key was destroyed, which end it', plantEnd],
  ];
  test.each(cases)('%s', (_what, attack) => {
    const { scene, run } = remembered();
    const transcript = attack(scene);
    const before = readTree(scene.dir);
    for (const args of [
      ['bundle', 'export'],
      ['bundle', 'prepare', '--out', 'prepared'],
      // Nor does a command that signs nothing remember it as seen.
      ['bundle', 'published', join(scene.dir, 'bundles/bundle-000001.cose')],
    ]) {
      const ended = run(...args);
      expectRefusal(ended, {
        status: 1,
        code: 'record-unvouched',
        says: /nothing but the folder vouches for (credentials\/root-2\.pem|keys\/root-2\.json|keys\/root-1\.destroy|revocations\/)/,
        hint: 'move these files and their transcripts away',
      });
      expect(errorOf(ended).error).toContain(transcript);
    }
    expect(readTree(scene.dir)).toEqual(before);
  });

  test('a ceremony neither', () => {
    const { scene, run } = remembered();
    plantRoot(scene, ['--reserve']);
    const before = readTree(scene.dir);
    expectRefusal(run('run', 'bundle-series'), { status: 1, code: 'record-unvouched' });
    expect(readTree(scene.dir)).toEqual(before);
  });

  test('a key record', () => {
    const { scene, run } = remembered();
    mustSucceed(scene.cli(['intermediate', 'request', '--key', 'file:keys/intermediate-1.age']));
    expectRefusal(run('intermediate', 'issue', join(scene.dir, 'requests/intermediate-1.pem')), {
      status: 1,
      code: 'record-unvouched',
      says: /keys\/intermediate-1\.json/,
      hint: '--head',
    });
  });
});

describe('whoever knows that it is theirs goes on', () => {
  test('by the head from paper', () => {
    const { scene, run } = remembered();
    mustSucceed(scene.cli(['root', 'rotate', '--reserve']));
    expect(run('bundle', 'export').status).toBe(1);
    const head = String(cliJson(['-C', scene.dir, 'ledger', 'verify']).json.head);
    mustSucceed(run('bundle', 'export', '--head', head));
    mustSucceed(run('bundle', 'export'));
  });

  test('in words, on record, and once', async () => {
    const { scene, env, run } = remembered();
    mustSucceed(scene.cli(['root', 'rotate', '--reserve']));
    const args = ['-C', scene.dir, '--yes', '--passphrase-file', scene.passphraseFile, 'bundle', 'export'];
    const otherwise = new Terminal(args, { env });
    await otherwise.answer(/type: these are ours/, 'yes');
    expect(await otherwise.end()).toBe(1);
    const terminal = new Terminal(args, { env });
    await terminal.see(/nothing but the folder vouches for/);
    await terminal.answer(/type: these are ours/, WORDS);
    expect(await terminal.end()).toBe(0);
    expect(linesOf(newestTranscript(scene))[1]).toMatchObject({ event: 'memory', answer: WORDS });
    expect(cliJson(['-C', scene.dir, 'ledger', 'verify'], { env }).status).toBe(0);
    mustSucceed(run('bundle', 'export'));
  });

  test('and what a command of one’s own put on record asks for nothing', () => {
    const { scene, run } = remembered();
    mustSucceed(run('root', 'rotate', '--reserve'));
    mustSucceed(run('bundle', 'export'));
    mustSucceed(scene.cli(['bundle', 'published', join(scene.dir, 'bundles/bundle-000002.cose')]));
    expect(mustSucceed(run('bundle', 'export')).stderr).toMatch(/1 transcript was added, or went on/);
  });
});
