/** A disk that is full when a root's files are written, after its key was made in the token. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { JsonRecord } from '../../support/cli/cli.js';
import { mustSucceed, newAuthority, readTree, type Scene } from '../../support/cli/cli-authority.js';
import { expectJsonRefusal, expectRefusal } from '../../support/cli/cli-errors.js';
import { hasSoftHsm, keyUri, newStore, type TokenStore } from '../../support/keys/softhsm.js';
import { canMount, fullDisk, inNamespaceOf, keep } from '../../support/machine/mounts.js';
import { testWhere } from '../../support/machine/tools.js';

/** There is room for the lock, and for nothing more. */
const PAGE = 4096;

interface Filled {
  readonly scene: Scene;
  readonly generate: readonly string[];
  readonly env: TokenStore['env'];
  readonly keysInToken: () => JsonRecord[];
}

function afterAFullDisk(): Filled {
  const scene = newAuthority();
  const { env, pinFile } = newStore();
  const pin = ['--pin-file', pinFile];
  const generate = ['root', 'generate', '--key', keyUri('root-1'), ...pin];
  const before = readTree(scene.dir);
  const ended = scene.json(generate, { env, under: inNamespaceOf(scene, fullDisk(PAGE), keep) });
  expectJsonRefusal(ended, {
    status: 3,
    code: 'file',
    says: 'the disk is full',
    hint: /Free some space.*The key pkcs11:\S*object=root-1\S* is in its token already: take it, .*--adopt, --destroy-orphan/,
  });
  expect(readTree(scene.path('after'))).toEqual(before);
  expect(readTree(scene.dir)).toEqual(before);
  return {
    scene,
    generate,
    env,
    keysInToken: () =>
      mustSucceed(scene.json(['hsm', 'keys', keyUri('root-1'), ...pin], { env })).json.keys as JsonRecord[],
  };
}

function fullDiskTest(name: string, run: () => void): void {
  testWhere(hasSoftHsm && canMount, 'softhsm2, or right to mount (root and unshare)', name, run);
}

fullDiskTest('leaves the key in the token; the next run finds it by its label, and can adopt it', () => {
  const { scene, generate, env, keysInToken } = afterAFullDisk();
  const [left, ...others] = keysInToken();
  expect([left, others]).toMatchObject([{ label: 'root-1', record: null, can_sign: true }, []]);
  expectRefusal(scene.cli(generate, { env }), {
    status: 1,
    code: 'hsm-key-exists',
    says: 'no record of this authority has it',
    hint: /--adopt.*--destroy-orphan/,
  });
  mustSucceed(scene.cli([...generate, '--adopt'], { env }));
  const record = JSON.parse(readFileSync(join(scene.dir, 'keys/root-1.json'), 'utf8')) as JsonRecord;
  expect(record.public_key).toBe(left?.public_key);
});

fullDiskTest('or destroy it, and make another', () => {
  const { scene, generate, env, keysInToken } = afterAFullDisk();
  const [left] = keysInToken();
  mustSucceed(scene.cli([...generate, '--destroy-orphan'], { env }));
  const [made, ...others] = keysInToken();
  expect([made, others]).toMatchObject([{ record: 'keys/root-1.json' }, []]);
  expect(made?.public_key).not.toBe(left?.public_key);
});
