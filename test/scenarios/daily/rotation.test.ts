/** Successors of intermediates and roots, and revocations, from the command line; what clients see of them. */
import { readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { cli } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newAuthority, readTree, type Scene } from '../../support/cli/cli-authority.js';
import { expectRefusal } from '../../support/cli/cli-errors.js';

const DAY = 86_400;

function fingerprintIn(scene: Scene, file: string): string {
  const { json } = mustSucceed(scene.json(['fingerprint', `authority/credentials/${file}`]));
  return (json.credentials as { fingerprint: string }[])[0]?.fingerprint ?? '';
}

function statesIn(scene: Scene): Record<string, string> {
  const { json } = mustSucceed(scene.json(['status']));
  const credentials = json.credentials as { fingerprint: string; state: string }[];
  return Object.fromEntries(credentials.map(({ fingerprint, state }) => [fingerprint, state]));
}

function verify(scene: Scene, ...args: string[]): { readonly code: unknown; readonly lists: unknown } {
  const { stdout } = cli(['bundle', 'verify', ...args, '--json'], { cwd: scene.folder });
  const {
    code,
    as_credentials: roots,
    as_intermediate_credentials: intermediates,
  } = JSON.parse(stdout) as Record<string, string[]>;
  return { code: code ?? 'valid', lists: { roots: roots?.length, intermediates: intermediates?.length } };
}

describe('intermediate rotate', () => {
  test('a successor by a key made here overlaps, and both are published', () => {
    const scene = authorityWith('bundle');
    const { json } = mustSucceed(scene.json(['intermediate', 'rotate']));
    expect(json).toMatchObject({ ok: true, predecessor: fingerprintIn(scene, 'intermediate-1.pem') });
    expect(readdirSync(scene.path('authority/keys'))).toContain('intermediate-2.age');
    mustSucceed(scene.cli(['bundle', 'export', '--out', '2.cose']));
    expect(verify(scene, '2.cose', '--last', 'authority/bundles/bundle-000001.cose')).toEqual({
      code: 'valid',
      lists: { roots: 1, intermediates: 2 },
    });
  });

  test('a request that was made elsewhere will do, and is answered once', () => {
    const scene = authorityWith('bundle');
    mustSucceed(scene.cli(['intermediate', 'request', '--key', 'file:keys/elsewhere.age', '--lifetime', '380d']));
    const rotate = ['intermediate', 'rotate', '--request', 'authority/requests/elsewhere.pem'];
    mustSucceed(scene.cli(rotate));
    expectRefusal(scene.cli(rotate), { status: 1, code: 'policy' });
    expectRefusal(scene.cli([...rotate, '--key', 'file:keys/other.age']), { status: 2, code: 'usage' });
  });

  test('a gap is refused with the dates that would do, before anybody is asked for anything', () => {
    const scene = authorityWith('bundle');
    const before = readTree(scene.dir);
    const late = new Date(Date.now() + 300 * DAY * 1000).toISOString().slice(0, 10);
    const ended = scene.cli(['intermediate', 'rotate', '--not-before', late]);
    expectRefusal(ended, { status: 1, code: 'policy', says: 'there would be a gap' });
    expect(ended.stderr).toMatch(/hint: Let it begin between \S+Z and \S+Z \(--not-before\)\./);
    expect(readTree(scene.dir)).toEqual(before);
  });

  test('one that ends with its predecessor is no successor', () => {
    const scene = authorityWith('bundle');
    const ended = scene.cli(['intermediate', 'rotate', '--lifetime', '100d']);
    expectRefusal(ended, { status: 1, code: 'policy', says: 'that is not a successor' });
  });

  test('if nothing is in use, there is nothing to succeed', () => {
    const scene = authorityWith('root');
    expectRefusal(scene.cli(['intermediate', 'rotate']), { status: 1, code: 'no-predecessor' });
    const empty = newAuthority();
    expectRefusal(empty.cli(['root', 'rotate']), { status: 1, code: 'no-predecessor' });
  });
});

describe('root rotate', () => {
  test('both roots sign the bundle that brings the new one, and it issues from then on', () => {
    const scene = authorityWith('bundle');
    const first = fingerprintIn(scene, 'root-1.pem');
    expectRefusal(scene.cli(['root', 'generate']), { status: 1, code: 'root-exists', says: 'root-1.pem' });
    const { json } = mustSucceed(scene.json(['root', 'rotate']));
    const second = String(json.fingerprint);
    const exported = mustSucceed(scene.json(['bundle', 'export', '--out', '2.cose']));
    expect([...(exported.json.signers as string[])].sort()).toEqual([first, second].sort());
    expect(verify(scene, '2.cose', '--last', 'authority/bundles/bundle-000001.cose').code).toBe('valid');
    for (const root of [first, second]) expect(verify(scene, '2.cose', '--trust', root).code).toBe('valid');
    mustSucceed(scene.cli(['intermediate', 'rotate']));
    const inspected = mustSucceed(scene.json(['inspect', 'authority/credentials/intermediate-2.pem']));
    expect(inspected.json.signer_fingerprint).toBe(second);
  });

  test('a retired root issues no more, not even what was requested of it before', () => {
    const scene = authorityWith('bundle');
    mustSucceed(scene.cli(['root', 'rotate']));
    mustSucceed(scene.cli(['intermediate', 'request', '--key', 'file:keys/i.age', '--signer', 'root-1']));
    mustSucceed(scene.cli(['bundle', 'export']));
    mustSucceed(scene.cli(['bundle', 'export', '--retire', 'root-1']));
    const retired = { status: 1, code: 'policy', says: 'is retired' } as const;
    for (const words of [
      ['request', 'check'],
      ['intermediate', 'issue'],
    ])
      expectRefusal(scene.cli([...words, 'authority/requests/i.pem']), retired);
    expectRefusal(scene.cli(['intermediate', 'request', '--key', 'file:keys/j.age', '--signer', 'root-1']), retired);
  });

  test('a root that ends with its predecessor is no successor', () => {
    const scene = authorityWith('root');
    expectRefusal(scene.cli(['root', 'rotate', '--lifetime', '9y']), { status: 1, code: 'policy', says: 'successor' });
  });
});

describe('revoke', () => {
  test('what is revoked leaves the next bundle and is refused from then on', () => {
    const scene = authorityWith('bundle');
    mustSucceed(scene.cli(['intermediate', 'rotate']));
    const old = fingerprintIn(scene, 'intermediate-1.pem');
    const { json } = mustSucceed(scene.json(['revoke', old.slice(0, 8), '--reason', 'superseded']));
    expect(json).toMatchObject({ ok: true, revoked: [{ fingerprint: old, reason: 'superseded' }] });
    expect(statesIn(scene)[old]).toBe('revoked');
    mustSucceed(scene.cli(['bundle', 'export', '--out', '2.cose']));
    expect(verify(scene, '2.cose', '--trust', 'authority/credentials/root-1.pem').lists).toEqual({
      roots: 1,
      intermediates: 1,
    });
    const args = ['verify', 'authority/credentials/intermediate-1.pem', '--bundle', '2.cose', '--trust'];
    expectRefusal(cli([...args, 'authority/credentials/root-1.pem'], { cwd: scene.folder }), {
      status: 1,
      code: 'revoked',
    });
    expectRefusal(scene.cli(['revoke', old, '--reason', 'key-compromise']), {
      status: 1,
      code: 'already-revoked',
      says: 'reason superseded',
    });
  });

  test('a credential that the authority does not hold, by its whole fingerprint alone', () => {
    const scene = authorityWith('root');
    const revoke = (name: string, ...more: string[]) =>
      scene.cli(['revoke', name, '--reason', 'key-compromise', ...more]);
    const unknown = 'ab'.repeat(32);
    expectRefusal(revoke(unknown), { status: 1, code: 'unknown-credential' });
    expectRefusal(revoke(unknown.slice(0, 16), '--unknown'), { status: 2, code: 'usage' });
    expectRefusal(revoke(fingerprintIn(scene, 'root-1.pem'), '--unknown'), {
      status: 2,
      code: 'usage',
      says: 'does hold it',
    });
    mustSucceed(revoke(unknown, '--unknown'));
    expectRefusal(revoke(unknown, '--unknown'), { status: 1, code: 'already-revoked' });
    const { json } = mustSucceed(scene.json(['bundle', 'export']));
    const shown = verify(scene, String(json.file), '--trust', 'authority/credentials/root-1.pem');
    expect(shown.code).toBe('valid');
    expectRefusal(scene.cli(['revoke', 'root-1']), { status: 2, code: 'usage', says: '--reason' });
  });

  test('the last usable one: what it means is said', () => {
    const scene = authorityWith('bundle');
    const { stderr } = mustSucceed(scene.cli(['revoke', 'intermediate-1', '--reason', 'key-compromise']));
    expect(stderr).toContain('No usable intermediate is left');
    const ended = mustSucceed(scene.cli(['revoke', 'root-1', '--reason', 'cessation-of-operation']));
    expect(ended.stderr).toContain('It is the last usable root');
  });
});
