/**
 * kill -9 before and in the middle of changes on the disk, in a ceremony with key files: resume comes to the same
 * result.
 */
import { mustSucceed, newAuthority } from '../../support/cli/cli-authority.js';
import { eachState, expectResult, goOn } from '../../support/cli/killed-ceremony.js';
import { statesOf } from '../../support/machine/snapshots.js';
import { toolTest } from '../../support/machine/tools.js';

const ARGS = ['run', 'root-generation'];

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
