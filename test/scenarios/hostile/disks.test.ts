/** Full disks, read-only folders and other people's rights: an error, and everything as it was. */
import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cli, cliJson, run } from '../../support/cli/cli.js';
import {
  authorityWith,
  makeFolder,
  mustSucceed,
  newFolder,
  readTree,
  type Scene,
} from '../../support/cli/cli-authority.js';
import { expectJsonRefusal, expectRefusal } from '../../support/cli/cli-errors.js';
import { fullDisk, inNamespace, isRoot, keep, mountTest } from '../../support/machine/mounts.js';
import { hasTool, testWhere } from '../../support/machine/tools.js';

const ordinaryTest = (name: string, action: () => void): void =>
  testWhere(!isRoot || hasTool('setpriv'), 'setpriv, or an ordinary user', name, action);

/** Gives the scene to an ordinary user, and says how to run as that one. */
function ordinaryUser(scene: Scene): string[] {
  if (!isRoot) return [];
  mustSucceed(run(['chown', '-R', '65534:65534', scene.folder]));
  return ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
}

const REQUEST = ['intermediate', 'request', '--key', 'file:keys/intermediate-7.age'];
describe('a full disk', () => {
  for (const pages of [0, 1, 2, 3, 5]) {
    mountTest(`with ${String(pages)} pages left: an error, and the authority as it was`, () => {
      const scene = authorityWith('root');
      const before = readTree(scene.dir);
      const ended = inNamespace(scene, fullDisk(pages * 4096), REQUEST, keep);
      expectRefusal(ended, { status: 3, code: 'file', says: 'the disk is full', hint: 'Free some space' });
      expect(readTree(scene.path('after'))).toEqual(before);
    });
  }

  mountTest('with enough left it works', () => {
    const scene = authorityWith('root');
    mustSucceed(inNamespace(scene, fullDisk(200_000), REQUEST, keep));
    expect(existsSync(scene.path('after/keys/intermediate-7.age'))).toBe(true);
  });

  mountTest('under --out: said before anything is signed', () => {
    const scene = authorityWith('root');
    makeFolder(scene.path('out'));
    const before = readTree(scene.dir);
    const tmpfs = 'mount -t tmpfs -o size=4k,nr_inodes=1 tmpfs "$folder/out"';
    const ended = inNamespace(scene, tmpfs, ['bundle', 'export', '--out', 'out/bundle.cose']);
    expectRefusal(ended, { status: 3, code: 'file', says: 'the disk is full' });
    expect(readTree(scene.dir)).toEqual(before);
  });

  mountTest('under --out, too small for the bundle alone: said where the bundle lies', () => {
    const scene = authorityWith('root');
    makeFolder(scene.path('out'));
    const tmpfs = 'mount -t tmpfs -o size=4k tmpfs "$folder/out"; head -c 4096 /dev/zero >"$folder/out/ballast"';
    const ended = inNamespace(
      scene,
      tmpfs,
      ['bundle', 'export', '--out', 'out/bundle.cose'],
      'ls -A "$folder/out" >&2;',
    );
    const kept = join(scene.dir, 'bundles/bundle-000001.cose');
    expect(ended.stderr).toMatch(`it was made at ${kept}`);
    expect(ended.stderr).toMatch(/hint: Copy .* yourself; do not run the command again\.\nballast\n$/);
    expect([ended.status, existsSync(kept)]).toEqual([3, true]);
  });
});

describe('a read-only disk', () => {
  const readOnly = 'mount --bind "$folder/authority" "$folder/authority"; mount -o remount,bind,ro "$folder/authority"';

  mountTest('refuses to write, and status still reads', () => {
    const scene = authorityWith('bundle');
    const before = readTree(scene.dir);
    expectRefusal(inNamespace(scene, readOnly, REQUEST), { status: 3, code: 'file', says: 'read-only' });
    const status = mustSucceed(inNamespace(scene, readOnly, ['status']));
    expect(status.stdout).toMatch('newest bundle');
    expect(readTree(scene.dir)).toEqual(before);
  });

  mountTest('under --out: said before anything is signed', () => {
    const scene = authorityWith('root');
    makeFolder(scene.path('out'));
    const before = readTree(scene.dir);
    const mount = 'mount --bind "$folder/out" "$folder/out"; mount -o remount,bind,ro "$folder/out"';
    const ended = inNamespace(scene, mount, ['bundle', 'export', '--out', 'out/bundle.cose']);
    expectRefusal(ended, { status: 3, code: 'file', says: 'read-only' });
    expect(readTree(scene.dir)).toEqual(before);
  });
});

describe('rights of an ordinary user', () => {
  ordinaryTest('a folder of the authority that may not be written', () => {
    for (const folder of ['', 'keys', 'requests', 'transcripts']) {
      const scene = authorityWith('root');
      const under = ordinaryUser(scene);
      chmodSync(join(scene.dir, folder), 0o555);
      const before = readTree(scene.dir);
      expectRefusal(scene.cli(REQUEST, { under }), { status: 3, code: 'file', says: 'may not be accessed' });
      chmodSync(join(scene.dir, folder), 0o755);
      expect({ ...readTree(scene.dir), [folder]: '' }).toEqual({ ...before, [folder]: '' });
    }
  });

  ordinaryTest('a key file, a credential or the settings that may not be read', () => {
    for (const file of ['keys/root-1.age', 'credentials/root-1.pem', 'authority.yaml', 'bundles']) {
      const scene = authorityWith('bundle');
      const under = ordinaryUser(scene);
      chmodSync(join(scene.dir, file), 0o000);
      const before = readTree(scene.dir);
      const ended = scene.cli(['bundle', 'export'], { under });
      expect([ended.status, ended.stderr.includes('may not be accessed')]).toEqual([3, true]);
      expect(ended.stderr).toMatch(/\ncode: .*\nhint: .*\n$/);
      expect(readTree(scene.dir)).toEqual(before);
    }
  });

  ordinaryTest('init in a folder that may not be written leaves nothing', () => {
    const scene = authorityWith('root');
    const under = ordinaryUser(scene);
    chmodSync(scene.folder, 0o555);
    const ended = cli(['init', 'example.net', scene.path('new')], { under });
    expectRefusal(ended, { status: 3, code: 'file', says: 'may not be accessed' });
    chmodSync(scene.folder, 0o755);
    expect(existsSync(scene.path('new'))).toBe(false);
  });
});

describe('init', () => {
  test('keeps away from a folder with other things in it, or says what it made', () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'authority.yaml'), 'mine: true\n');
    const before = readTree(folder);
    expectRefusal(cli(['init', 'example.org', folder]), { status: 3, code: 'authority-exists' });
    expect(readTree(folder)).toEqual(before);
  });

  test('a file in the place of the folder', () => {
    const folder = newFolder();
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expectRefusal(cli(['init', 'example.org', file]), { status: 3, code: 'file-exists', says: 'exists already' });
    expectJsonRefusal(cliJson(['init', 'example.org', join(file, 'x')]), { status: 3, code: 'file-exists' });
    expect(readdirSync(folder)).toEqual(['file']);
  });

  test.each([
    'Example.org',
    'example.org.',
    '192.0.2.1',
    'a-.org',
    'a..b',
    '',
    'x.rehearsal.invalid',
    'bücher.example',
  ])('%j is no domain for an authority', (domain) => {
    const folder = newFolder();
    const ended = cliJson(['init', domain, 'a'], { cwd: folder });
    expect([ended.status, ended.json.ok, readdirSync(folder)]).toEqual([1, false, []]);
    expect(['bad-domain', 'domain-mismatch']).toContain(ended.json.code);
  });
});

test('too few open files are no damage of the authority', () => {
  const scene = authorityWith('bundle');
  for (const most of [19, 22, 24]) {
    const under = ['sh', '-c', `ulimit -n ${String(most)}; exec "$@"`, 'sh'];
    const ended = scene.cli(['status'], { under });
    expect([most, ended.status, ended.stderr.includes('authority-damaged')]).toEqual([most, expect.any(Number), false]);
    if (ended.status !== 0) expect(ended.stderr).toMatch(/too many files open/);
  }
});
