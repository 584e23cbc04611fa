/**
 * Bundles over the years, from the command line: signed ahead, after rotations, with commitments and thresholds, and
 * what clients take.
 */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { cli } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, readTree, type Scene, writeSecret } from '../../support/cli/cli-authority.js';
import { expectRefusal } from '../../support/cli/cli-errors.js';
import { Terminal } from '../../support/cli/cli-terminal.js';

const DAY = 86_400;
const bundle = (n: number): string => `authority/bundles/bundle-${String(n).padStart(6, '0')}.cose`;

/** `valid`, or the code of the refusal. */
function verdict(scene: Scene, ...args: string[]): string {
  const { stdout } = cli(['bundle', 'verify', ...args, '--json'], { cwd: scene.folder });
  return (JSON.parse(stdout) as { code?: string }).code ?? 'valid';
}

const exported = (scene: Scene, ...more: string[]) => mustSucceed(scene.json(['bundle', 'export', ...more])).json;

function fingerprintOf(scene: Scene, file: string): string {
  const { json } = mustSucceed(scene.json(['fingerprint', `authority/credentials/${file}`]));
  return (json.credentials as { fingerprint: string }[])[0]?.fingerprint ?? '';
}

describe('a series signed ahead', () => {
  test('each is taken in its time, in any order of steps, and none too early', () => {
    const scene = authorityWith('intermediate');
    const json = exported(scene, '--series', '4');
    expect(json.files).toHaveLength(4);
    const now = Math.floor(Date.now() / 1000);
    const root = 'authority/credentials/root-1.pem';
    for (let n = 1; n <= 4; n++) {
      const begin = now + (n - 1) * 90 * DAY;
      expect(verdict(scene, bundle(n), '--trust', root, '--at', String(begin + 60))).toBe('valid');
      if (n > 1) {
        expect(verdict(scene, bundle(n), '--last', bundle(n - 1), '--at', String(begin - 60))).toBe('not-yet-valid');
        expect(verdict(scene, bundle(n), '--last', bundle(1), '--at', String(begin + 60))).toBe('valid');
        expect(verdict(scene, bundle(n - 1), '--last', bundle(n), '--at', String(begin + 60))).toBe('rollback');
      }
    }
  });

  test('an emergency bundle is numbered above it, and follows what clients hold now', () => {
    const scene = authorityWith('intermediate');
    exported(scene, '--series', '3');
    mustSucceed(scene.cli(['intermediate', 'rotate']));
    mustSucceed(scene.cli(['revoke', 'intermediate-1', '--reason', 'key-compromise']));
    expect(exported(scene).sequence).toBe(4);
    expect(verdict(scene, bundle(4), '--last', bundle(1))).toBe('valid');
    const later = String(Math.floor(Date.now() / 1000) + 91 * DAY);
    expect(verdict(scene, bundle(2), '--last', bundle(4), '--at', later)).toBe('rollback');
    // The authority goes on from there.
    expect(exported(scene).sequence).toBe(5);
  });

  test('wrong options', () => {
    const scene = authorityWith('intermediate');
    const before = readTree(scene.dir);
    for (const args of [
      ['--series', '0'],
      ['--series', '49'],
      ['--series', '2', '--out', 'x.cose'],
      ['--threshold', '2'],
      ['--next-root', 'nobody'],
      ['--retire', 'intermediate-1'],
    ]) {
      expectRefusal(scene.cli(['bundle', 'export', ...args]), { status: 2, code: 'usage' });
    }
    expect(readTree(scene.dir)).toEqual(before);
  });
});

describe('published and withdrawn', () => {
  test('a published bundle counts, and one that never was is ignored', async () => {
    const scene = authorityWith('bundle');
    copyFileSync(scene.path(bundle(1)), scene.path('copy.cose'));
    mustSucceed(scene.cli(['bundle', 'published', 'copy.cose']));
    expectRefusal(scene.cli(['bundle', 'withdraw', bundle(1)]), { status: 1, code: 'bundle-marked' });
    exported(scene, '--next-root', 'ab'.repeat(32));
    mustSucceed(scene.cli(['bundle', 'withdraw', bundle(2)]));
    expectRefusal(scene.cli(['bundle', 'published', bundle(2)]), { status: 1, code: 'bundle-marked', says: 'never' });
    // The commitment was never made to anybody, which a person says; the number stays taken.
    const args = ['-C', scene.dir, '--passphrase-file', scene.passphraseFile, 'bundle', 'export'];
    const terminal = new Terminal(args, { cwd: scene.folder });
    await terminal.answer(/type: as withdrawn/, 'as withdrawn: the commitments change');
    expect(await terminal.end()).toBe(0);
    const { stdout } = cli(['inspect', bundle(3)], { cwd: scene.folder });
    expect(stdout).not.toContain('abababab');
    expect(verdict(scene, bundle(3), '--last', bundle(1))).toBe('valid');
    writeFileSync(scene.path('other.cose'), Buffer.concat([readFileSync(scene.path('copy.cose')), Buffer.of(0)]));
    expectRefusal(scene.cli(['bundle', 'published', 'other.cose']), { status: 1, code: 'unknown-bundle' });
  });

  test('what a withdrawal does to those who wait for the rest of a series is said', () => {
    const scene = authorityWith('bundle');
    mustSucceed(scene.cli(['root', 'rotate']));
    exported(scene, '--retire', 'root-1', '--series', '3');
    const withdraw = (n: number): string =>
      mustSucceed(scene.cli(['bundle', 'withdraw', bundle(n)])).stderr.replace(/\s+/g, ' ');
    // Bundle 3 begins before bundle 1 is over, and leads on from it too.
    expect(withdraw(2)).not.toContain('Without it');
    const said = withdraw(3);
    expect(said).toContain('Without it, a client that holds bundle 1 refuses bundle 4:');
    expect(said).toMatch(/Without it, clients have no bundle that is valid from \S+Z until \S+Z\./);
    expect(verdict(scene, bundle(4), '--last', bundle(1))).toBe('untrusted');
  });

  test('a mark that is about another bundle, or about none, is damage', () => {
    const scene = authorityWith('bundle');
    mustSucceed(scene.cli(['bundle', 'published', bundle(1)]));
    exported(scene);
    const mark = scene.path('authority/bundles/bundle-000001.published.json');
    copyFileSync(mark, scene.path('authority/bundles/bundle-000002.published.json'));
    copyFileSync(mark, scene.path('authority/bundles/bundle-000009.withdrawn.json'));
    const { stderr } = scene.cli(['status']);
    expect(stderr).toContain(
      'bundle-000002.published.json: no transcript says that it was made: it is a copy of bundles/bundle-000001.published.json',
    );
    expect(stderr).toContain(
      'bundle-000009.withdrawn.json: no transcript says that it was made: it is a copy of bundles/bundle-000001.published.json',
    );
  });
});

describe('bundle diff', () => {
  test('says in words what changed', () => {
    const scene = authorityWith('bundle');
    mustSucceed(scene.cli(['intermediate', 'rotate']));
    mustSucceed(scene.cli(['root', 'rotate']));
    mustSucceed(scene.cli(['revoke', 'intermediate-1', '--reason', 'superseded']));
    exported(scene, '--threshold', '2', '--next-root', 'cd'.repeat(32));
    const { stdout } = cli(['bundle', 'diff', bundle(1), bundle(2)], { cwd: scene.folder });
    for (const line of [
      'sequence: 1, now 2',
      `root added: ${fingerprintOf(scene, 'root-2.pem')}`,
      `intermediate added: ${fingerprintOf(scene, 'intermediate-2.pem')}`,
      `intermediate removed: ${fingerprintOf(scene, 'intermediate-1.pem')} (revoked)`,
      `revoked: ${fingerprintOf(scene, 'intermediate-1.pem')} (superseded`,
      'threshold: 2 roots must sign the next bundle; it was 1',
      `commitment to a next root added: ${'cd'.repeat(32)}`,
      `signer added: ${fingerprintOf(scene, 'root-2.pem')}`,
    ]) {
      expect(stdout).toContain(line);
    }
    const same = cli(['bundle', 'diff', bundle(1), bundle(1)], { cwd: scene.folder });
    expect(same.stdout).toBe('The two have the same contents.\n');
  });
});

describe('when a root goes', () => {
  test('stolen, its successor published before: it signs its own end, and nothing after that', () => {
    const scene = authorityWith('bundle');
    mustSucceed(scene.cli(['root', 'rotate']));
    exported(scene);
    mustSucceed(scene.cli(['revoke', 'root-1', '--reason', 'key-compromise']));
    const json = exported(scene);
    // Holders of bundle 1 trust root 1 alone: it signs its own end for them.
    expect(json.signers).toHaveLength(2);
    for (const last of [1, 2]) expect(verdict(scene, bundle(3), '--last', bundle(last))).toBe('valid');
    expect(verdict(scene, bundle(4 - 2), '--last', bundle(3))).toBe('rollback');
  });

  test('the last root, revoked with no successor: no bundle can say so', () => {
    const scene = authorityWith('bundle');
    mustSucceed(scene.cli(['revoke', 'root-1', '--reason', 'key-compromise']));
    expectRefusal(scene.cli(['bundle', 'export']), { status: 1, code: 'no-root' });
  });

  test('lost before a successor was published: refused, unless clients pin again', () => {
    const scene = authorityWith('bundle');
    mustSucceed(scene.cli(['root', 'rotate']));
    const before = readTree(scene.dir);
    const refused = scene.cli(['bundle', 'export', '--lost', 'root-1']);
    expectRefusal(refused, { status: 1, code: 'clients-would-refuse', says: 'a client that holds bundle 1' });
    expect(readTree(scene.dir)).toEqual(before);
    exported(scene, '--lost', 'root-1', '--repin');
    expect(verdict(scene, bundle(2), '--last', bundle(1))).toBe('untrusted');
    expect(verdict(scene, bundle(2), '--trust', 'authority/credentials/root-2.pem')).toBe('valid');
  });

  test('lost after its successor was published: clients go on', () => {
    const scene = authorityWith('bundle');
    mustSucceed(scene.cli(['root', 'rotate']));
    exported(scene);
    mustSucceed(scene.cli(['bundle', 'withdraw', bundle(2)]));
    // Withdrawn: nobody knows root 2, and the same refusal comes again.
    expectRefusal(scene.cli(['bundle', 'export', '--lost', 'root-1']), { status: 1, code: 'clients-would-refuse' });
    exported(scene);
    const other = authorityWith('bundle');
    mustSucceed(other.cli(['root', 'rotate']));
    exported(other);
    const signers = exported(other, '--retire', 'root-1').signers;
    expect(signers).toHaveLength(2);
    for (const last of [1, 2]) expect(verdict(other, bundle(3), '--last', bundle(last))).toBe('valid');
  });
});

describe('commitments', () => {
  test('a stolen root cannot change the roots without the committed key', () => {
    const scene = authorityWith('intermediate');
    exported(scene, '--next-root', 'ab'.repeat(32));
    mustSucceed(scene.cli(['root', 'rotate']));
    const refused = scene.cli(['bundle', 'export']);
    expectRefusal(refused, { status: 1, code: 'clients-would-refuse', says: 'committed' });
  });

  test('a threshold demands both roots from then on', () => {
    const scene = authorityWith('bundle');
    mustSucceed(scene.cli(['root', 'rotate']));
    exported(scene, '--threshold', '2');
    const next = exported(scene);
    expect(next.signers).toHaveLength(2);
    expect(verdict(scene, bundle(3), '--last', bundle(2))).toBe('valid');
    expectRefusal(scene.cli(['bundle', 'export', '--lost', 'root-2']), {
      status: 1,
      code: 'clients-would-refuse',
      says: 'a client that holds bundle',
    });
  });
});

test('a passphrase is asked for once a key, however many bundles a series has', () => {
  const scene = authorityWith('intermediate');
  const { stderr } = mustSucceed(
    cli(
      [
        '-C',
        scene.dir,
        'bundle',
        'export',
        '--series',
        '3',
        '--yes',
        '--passphrase-file',
        `root-1=${writeSecret(scene.path('once'), readFileSync(scene.passphraseFile, 'utf8'))}`,
      ],
      {
        cwd: scene.folder,
      },
    ),
  );
  expect(stderr).toContain('3 bundles of example.org, signed ahead');
});
