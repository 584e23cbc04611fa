/**
 * kill -9 before and in the middle of changes on the disk and in the token's store, in a ceremony with a token: resume
 * comes to the same result.
 */
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { mustSucceed, newAuthority } from '../../support/cli/cli-authority.js';
import { eachState, expectResult, goOn } from '../../support/cli/killed-ceremony.js';
import { newStore, shimTest, SOFTHSM } from '../../support/keys/softhsm.js';
import { statesOf } from '../../support/machine/snapshots.js';

const ARGS = ['run', 'root-generation'];

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
