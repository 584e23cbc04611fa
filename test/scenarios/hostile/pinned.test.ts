/**
 * Wherever a bundle is judged by pins, it is said how many of two or more must have signed; what is held already needs
 * none.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { cli, type JsonRecord } from '../../support/cli/cli.js';
import { mustSucceed, newAuthority, type Scene } from '../../support/cli/cli-authority.js';
import { expectRefusal } from '../../support/cli/cli-errors.js';
import { makeLeafChain } from '../../support/documents/leaf-chain.js';

const INTERMEDIATE = 'authority/credentials/intermediate-1.pem';
const ROOTS = ['--trust', 'authority/credentials/root-1.pem', '--trust', 'authority/credentials/root-2.pem'];
const MESSAGE = [
  ...['verify-message', '--leaf', 'leaf.pem', '--with', 'client.pem'],
  ...['--label', 'Hello', '--message', 'hello.bin', '--signature', 'hello.sig'],
];
const NEEDED = { status: 2, code: 'usage', says: 'it is not said how many', hint: '--threshold' } as const;

/** Two roots are listed; 1.cose is signed by both, and 2.cose revokes the first, signed by both once more. */
let scene: Scene;
beforeAll(async () => {
  scene = newAuthority();
  mustSucceed(scene.cli(['root', 'generate', '--twin', 'file:keys/root-2.age', '--twin-listed']));
  mustSucceed(scene.cli(['intermediate', 'request', '--key', 'file:keys/intermediate-1.age', '--signer', 'root-2']));
  mustSucceed(scene.cli(['intermediate', 'issue', 'authority/requests/intermediate-1.pem']));
  mustSucceed(scene.cli(['bundle', 'export', '--threshold', '2', '--out', '1.cose', '--out-dir', 'web']));
  await makeLeafChain(scene.folder, scene.dir, scene.passphraseFile);
  mustSucceed(scene.cli(['revoke', 'root-1', '--reason', 'key-compromise']));
  mustSucceed(scene.cli(['bundle', 'export', '--out', '2.cose']));
}, 120_000);

const run = (...args: string[]) => cli(args, { cwd: scene.folder });
const code = (...args: string[]): unknown => (JSON.parse(run(...args, '--json').stdout) as JsonRecord).code;

describe('of two pins', () => {
  test('bundle verify, verify, verify-message and init want to know how many must have signed', () => {
    expectRefusal(run('bundle', 'verify', '1.cose', ...ROOTS), NEEDED);
    expectRefusal(run('verify', INTERMEDIATE, ...ROOTS, '--bundle', '1.cose'), NEEDED);
    expectRefusal(run('init', 'example.org', 'rebuilt', '--from-bundle', '1.cose', ...ROOTS, '--yes'), NEEDED);
    expect(existsSync(scene.path('rebuilt'))).toBe(false);
    expectRefusal(run(...MESSAGE, ...ROOTS, '--bundle', '1.cose'), NEEDED);
  });

  test('as many as are said count, and no fewer', () => {
    expect(code('bundle', 'verify', '1.cose', ...ROOTS, '--threshold', '2')).toBe('valid');
    expect(code('verify', INTERMEDIATE, ...ROOTS, '--bundle', '1.cose', '--threshold', '2')).toBe('valid');
    expect(code('verify', INTERMEDIATE, ...ROOTS, '--bundle', '1.cose', '--threshold', '3')).toBe('untrusted');
    expect(code('init', 'example.org', 'x', '--from-bundle', '1.cose', ...ROOTS, '--threshold', '3', '--yes')).toBe(
      'untrusted',
    );
    expect(code(...MESSAGE, ...ROOTS, '--bundle', '1.cose', '--threshold', '2')).toBe('valid');
    mustSucceed(
      run(
        'init',
        'example.org',
        'y',
        '--from-bundle',
        '1.cose',
        ...ROOTS,
        '--threshold',
        '2',
        '--sequence-floor',
        '1',
        '--yes',
      ),
    );
  });

  test('that are one, one is enough', () => {
    const [, root = ''] = ROOTS;
    expect(code('bundle', 'verify', '1.cose', '--trust', root, '--trust', root)).toBe('valid');
  });

  test('without a bundle they are the published ones, and any of them will do', () => {
    expect(code('verify', INTERMEDIATE, ...ROOTS)).toBe('valid');
    for (const option of ['--threshold', '--last', '--via']) {
      expectRefusal(run('verify', INTERMEDIATE, ...ROOTS, option, '1'), {
        status: 2,
        code: 'usage',
        says: `${option} goes with --bundle`,
      });
    }
  });
});

describe('verify --bundle --last', () => {
  test('takes what follows from the bundle that is held, pins or not', () => {
    expect(code('verify', INTERMEDIATE, '--bundle', '2.cose', '--last', '1.cose')).toBe('valid');
    expect(code('verify', INTERMEDIATE, '--bundle', '1.cose', '--last', '2.cose')).toBe('rollback');
    expect(code(...MESSAGE, '--bundle', '2.cose', '--last', '1.cose')).toBe('valid');
    const pinned = run('verify', INTERMEDIATE, '--trust', 'ab'.repeat(32), '--bundle', '2.cose', '--last', '1.cose');
    expect(mustSucceed(pinned).stderr).toContain('--trust does not count for the bundle');
  });

  test('steps through what was missed', () => {
    mustSucceed(scene.cli(['bundle', 'export', '--out', '3.cose']));
    // The first root signed its own end, and is listed no more.
    const steps = [
      '--with',
      'authority/credentials/root-1.pem',
      '--bundle',
      '3.cose',
      '--last',
      '1.cose',
      '--via',
      '2.cose',
    ];
    expect(code('verify', INTERMEDIATE, ...steps.slice(2))).toBe('unknown-signer');
    expect(code('verify', INTERMEDIATE, ...steps)).toBe('valid');
    const wrong = ['--bundle', '3.cose', '--last', '2.cose', '--via', '1.cose'];
    expect(code('verify', INTERMEDIATE, ...wrong)).toBe('rollback');
  });

  test('goes without pins and threshold', () => {
    const held = ['--bundle', '2.cose', '--last', '1.cose'];
    expectRefusal(run('verify', INTERMEDIATE, ...held, '--threshold', '2'), {
      status: 2,
      code: 'usage',
      says: '--threshold goes with --trust',
    });
    expectRefusal(run('verify', INTERMEDIATE, '--bundle', '2.cose', '--trust', 'ab'.repeat(32), '--via', '1.cose'), {
      status: 2,
      code: 'usage',
      says: '--via goes with --last',
    });
    expectRefusal(run('verify', INTERMEDIATE, '--bundle', '2.cose'), { status: 2, code: 'usage', says: '--trust' });
    writeFileSync(scene.path('none.cose'), '');
    expect(code('verify', INTERMEDIATE, '--bundle', '2.cose', '--last', 'none.cose')).toBe('bundle-malformed');
  });
});

test('the folder for the web server says it as it must be said', () => {
  const lines = readFileSync(scene.path('web/README.txt'), 'utf8').split('\n');
  const at = lines.indexOf('To verify the bundle, with 2 root fingerprints learnt from another source:');
  const recipe = lines[at + 1]?.trim().split(' ').slice(1) ?? [];
  const { json } = mustSucceed(scene.json(['fingerprint', ...ROOTS.filter((one) => one !== '--trust')]));
  const prints = (json.credentials as { fingerprint: string }[]).map(({ fingerprint }) => fingerprint);
  const filled = recipe.map((word) => (word === 'FINGERPRINT' ? (prints.pop() ?? '') : word));
  expect(prints).toEqual([]);
  mustSucceed(cli(filled, { cwd: scene.path('web') }));
  expect(readFileSync(scene.path('web/index.html'), 'utf8').match(/--threshold 2/g)).toHaveLength(2);
});

test('init takes no threshold without a bundle', () => {
  expectRefusal(run('init', 'example.org', 'z', '--threshold', '1'), {
    status: 2,
    code: 'usage',
    says: '--threshold is for --from-bundle',
  });
  expect(existsSync(join(scene.folder, 'z'))).toBe(false);
});
