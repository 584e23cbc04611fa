/** Commitments that no root could keep, and such as only a thief could. */
import { describe, expect, test } from '@jest/globals';
import { commitmentOf } from '../../../src/bundle/commitment.js';
import { toHex } from '../../../src/common/bytes.js';
import { parseCiphersuite } from '../../../src/crypto/ciphersuite.js';
import type { JsonRecord } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newAuthority, type Scene } from '../../support/cli/cli-authority.js';
import { expectJsonRefusal, expectRefusal } from '../../support/cli/cli-errors.js';

const NO_ROOT_KEY = { status: 1, code: 'not-a-root-key', hint: 'root in reserve' } as const;

describe('a commitment to a key that no root can have', () => {
  test('is refused: that of an intermediate, by whichever name, revoked or not, signed here or prepared', () => {
    const scene = authorityWith('bundle');
    const { public_key: publicKey } = mustSucceed(scene.json(['key', 'verify', 'intermediate-1'])).json;
    const scheme = parseCiphersuite('ed25519-sha256')?.scheme;
    if (scheme === undefined) throw new Error('no ed25519');
    const commitment = toHex(commitmentOf(scheme, Buffer.from(String(publicKey), 'hex')));
    const names = ['intermediate-1', 'file:keys/intermediate-1.age', commitment];
    const refuse = (): void => {
      for (const name of names) expectJsonRefusal(scene.json(['bundle', 'export', '--next-root', name]), NO_ROOT_KEY);
      const prepare = ['bundle', 'prepare', '--next-root', commitment, '--out', scene.path('2.prepared')];
      expectJsonRefusal(scene.json(prepare), NO_ROOT_KEY);
    };
    refuse();
    mustSucceed(scene.json(['revoke', 'credentials/intermediate-1.pem', '--reason', 'key-compromise']));
    refuse();
  });

  test('is refused if the key is meant for another credential, or is lost', () => {
    const scene = withReserve();
    mustSucceed(scene.json(['intermediate', 'request', '--key', 'file:keys/next.age']));
    expectJsonRefusal(scene.json(['bundle', 'export', '--next-root', 'next']), NO_ROOT_KEY);
    expectJsonRefusal(scene.json(['bundle', 'export', '--lost', 'root-2', '--next-root', 'root-2']), NO_ROOT_KEY);
    mustSucceed(scene.json(['bundle', 'export', '--next-root', 'root-2']));
  });

  test('is refused if the key was destroyed', () => {
    const scene = withReserve();
    mustSucceed(scene.json(['key', 'destroy', 'root-2', '--end-of-service']));
    expectJsonRefusal(scene.json(['bundle', 'export', '--next-root', 'root-2']), NO_ROOT_KEY);
  });
});

test('if every key that is committed to is revoked, status says what to do', () => {
  const scene = withReserve();
  mustSucceed(scene.json(['bundle', 'export', '--next-root', 'root-2']));
  expect(commitmentsDue(scene)).toEqual([]);
  mustSucceed(scene.json(['revoke', 'credentials/root-2.pem', '--reason', 'key-compromise']));
  mustSucceed(scene.json(['bundle', 'export']));
  expect(commitmentsDue(scene)).toEqual([
    expect.stringMatching(/make a root in reserve, .* credentials\/root-2\.pem, which is revoked/),
  ]);
});

test('a bundle that still commits to a key which is called lost says so', () => {
  const scene = withReserve();
  mustSucceed(scene.cli(['bundle', 'export', '--next-root', 'root-2']));
  const says = /still commits to the key of\s+credentials\/root-2\.pem, which is lost/;
  expect(mustSucceed(scene.cli(['bundle', 'export'])).stderr).not.toMatch(says);
  expect(mustSucceed(scene.cli(['bundle', 'export', '--lost', 'root-2'])).stderr).toMatch(says);
});

test('what is asked of a root, and has no effect, is said', () => {
  const scene = withReserve();
  mustSucceed(scene.cli(['bundle', 'export', '--next-root', 'root-2']));
  const says = /does not list\s+credentials\/root-2\.pem, (although that was asked|so nothing is retired)/;
  const [, retiring] = says.exec(mustSucceed(scene.cli(['bundle', 'export', '--retire', 'root-2'])).stderr) ?? [];
  expect(retiring).toBe('so nothing is retired');
  mustSucceed(scene.cli(['revoke', 'root-2', '--reason', 'superseded']));
  const [, listing] = says.exec(mustSucceed(scene.cli(['bundle', 'export', '--list', 'root-2'])).stderr) ?? [];
  expect(listing).toBe('although that was asked');
});

test('where the roots change by the key in reserve alone, a refusal says to list it', () => {
  const scene = newAuthority();
  mustSucceed(scene.cli(['root', 'generate', '--twin', 'file:keys/root-2.age', '--twin-listed']));
  mustSucceed(scene.cli(['root', 'rotate', '--reserve', '--key', 'file:keys/root-3.age']));
  mustSucceed(scene.cli(['bundle', 'export']));
  mustSucceed(scene.cli(['revoke', 'root-2', '--reason', 'key-compromise']));
  const hint = /credentials\/root-3\.pem, which is in reserve.*--list root-3/s;
  expectRefusal(scene.cli(['bundle', 'export']), { status: 1, code: 'clients-would-refuse', hint });
  const both = scene.cli(['bundle', 'export', '--list', 'root-3', '--retire', 'root-3']);
  expectRefusal(both, { status: 2, code: 'usage', says: '--list and the end of one root' });
  mustSucceed(scene.cli(['bundle', 'export', '--list', 'root-3']));
});

function withReserve(): Scene {
  const scene = authorityWith('bundle');
  mustSucceed(scene.json(['root', 'rotate', '--reserve', '--key', 'file:keys/root-2.age']));
  return scene;
}

function commitmentsDue(scene: Scene): readonly unknown[] {
  const { next } = mustSucceed(scene.json(['status'])).json as { readonly next: readonly JsonRecord[] };
  return next.map(({ action }) => action).filter((action) => String(action).includes('which is revoked'));
}
