/** kill -9 before and in the middle of every change on the disk, in a ceremony with software keys and in one with a token: resume comes to the same result. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { cli } from '../../support/cli/cli.js';
import { mustSucceed, newAuthority, type Scene } from '../../support/cli/cli-authority.js';
import { newStore, SOFTHSM, shimTest } from '../../support/keys/softhsm.js';
import { statesOf, type State } from '../../support/machine/snapshots.js';
import { toolTest } from '../../support/machine/tools.js';

const ARGS = ['run', 'root-generation'];

/** Goes on from a state as a person would. */
function goOn(
  scene: Scene,
  args: readonly string[],
  secrets: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): void {
  const resumed = scene.json(['resume', ...secrets], { env });
  if (resumed.status !== 0 && resumed.json.code !== 'no-ceremony') throw new Error(resumed.stdout + resumed.stderr);
  // Killed before its plan was on the disk, or before the first line: nothing had begun.
  if (!existsSync(join(scene.dir, 'credentials/root-1.pem'))) mustSucceed(scene.json(args, { env }));
}

/** One root, one key on record, one bundle that a client accepts, and an unbroken ledger. */
function expectResult(scene: Scene, keys: readonly string[]): void {
  const root = join(scene.dir, 'credentials/root-1.pem');
  const bundle = join(scene.dir, 'bundles/bundle-000001.cose');
  mustSucceed(cli(['bundle', 'verify', bundle, '--trust', root, '--domain', 'example.org']));
  mustSucceed(scene.cli(['ledger', 'verify']));
  const list = (folder: string): readonly string[] => readdirSync(join(scene.dir, folder)).sort();
  expect([list('keys'), list('credentials'), list('bundles')]).toEqual([keys, ['root-1.pem'], ['bundle-000001.cose']]);
  expect(list('.').filter((name) => /pending|lock|tmp/.test(name))).toEqual([]);
}

/** Some of the changes alone, for whoever looks for a fault: CHANGES=60-70. */
const [FROM = 0, TO = Infinity] = (process.env.CHANGES ?? '0-').split('-').map((text) => Number(text || Infinity));

function eachState(states: readonly State[], check: () => void): void {
  expect(states.length).toBeGreaterThan(40);
  for (const { at, restore } of states.filter((state) => FROM <= state.at && state.at <= TO)) {
    restore();
    try {
      check();
    } catch (error) {
      throw new Error(`killed at change ${String(at)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

toolTest(
  'gcc',
  'with software keys',
  () => {
    const scene = newAuthority();
    const states = statesOf([scene.dir], (env) => mustSucceed(scene.cli(ARGS, { env })));
    eachState(states, () => {
      goOn(scene, ARGS);
      expectResult(scene, ['root-1.age', 'root-1.json']);
    });
  },
  1_800_000,
);

shimTest(
  'with a token: the key that was made in it is found again, and no second one is made',
  () => {
    const scene = newAuthority();
    const { env: tokens, folder, pinFile } = newStore('AS Root');
    const key = `pkcs11:token=AS%20Root;object=root-1?module-path=${SOFTHSM}`;
    const args = [...ARGS, '--set', `key=${key}`, '--pin-file', pinFile];
    const store = join(folder, 'tokens');
    const states = statesOf([scene.dir, store], (env) => mustSucceed(scene.cli(args, { env: { ...tokens, ...env } })));
    eachState(states, () => {
      goOn(scene, args, ['--pin-file', pinFile], tokens);
      expectResult(scene, ['root-1.json']);
      const { json } = scene.json(['hsm', 'keys', key, '--pin-file', pinFile], { env: tokens });
      expect(json.keys).toMatchObject([{ label: 'root-1', record: 'keys/root-1.json' }]);
    });
  },
  1_800_000,
);
