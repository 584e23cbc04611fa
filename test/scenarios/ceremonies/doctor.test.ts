/**
 * `doctor` on real machines: without a network, with a wrong clock, core dumps, memory file systems, media and tokens.
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cli, type CliOptions, type JsonRecord, PROGRAM, run } from '../../support/cli/cli.js';
import {
  authorityWith,
  makeFolder,
  mustSucceed,
  newAuthority,
  newFolder,
  readTree,
} from '../../support/cli/cli-authority.js';
import { expectJsonRefusal, expectRefusal } from '../../support/cli/cli-errors.js';
import { Terminal } from '../../support/cli/cli-terminal.js';
import { newStore, shimModule, shimTest, SOFTHSM, softHsmTest } from '../../support/keys/softhsm.js';
import { hasTool, testWhere, toolTest } from '../../support/machine/tools.js';

const isRoot = process.getuid?.() === 0;
const namespaceTest = (name: string, action: () => void): void =>
  testWhere(
    isRoot && hasTool('unshare') && run(['unshare', '--mount', '--net', 'true']).status === 0,
    'right to make namespaces (root and unshare)',
    name,
    action,
  );

interface Seen {
  readonly id: string;
  readonly verdict: string;
  readonly saw: string;
  readonly hint?: string;
}

function checks(json: JsonRecord): ReadonlyMap<string, Seen> {
  return new Map((json.checks as Seen[]).map((check) => [check.id, check]));
}

/** Runs `doctor --json`, and gives its checks with the exit status. */
function doctor(args: readonly string[], options: CliOptions = {}) {
  const ended = cli([...args, 'doctor', '--json'], options);
  const json = JSON.parse(ended.stdout) as JsonRecord;
  return { ...ended, json, checks: checks(json) };
}

const verdict = (seen: Seen | undefined): string => `${seen?.verdict ?? 'missing'}: ${seen?.saw ?? ''}`;

test('without an authority: the defaults, one line a check, and nothing changed', () => {
  const folder = newFolder();
  const { status, stdout, stderr } = cli(['doctor'], { cwd: folder });
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^ok {4}clock {18}the clock says .*, after the build$/m);
  expect(stdout).toMatch(/^warn {2}clock-typed .*nobody said what a watch says\n +-> Read the time/m);
  expect(stdout).toMatch(/^ {2}dist\/program +[0-9a-f]{64}$/m);
  expect(stdout).toMatch(/^\d+ in order, \d+ to look at, 0 that refuse a ceremony\.\n$/m);
  expect(readdirSync(folder)).toEqual([]);
});

test('with an authority: its settings decide, and it stays as it was', () => {
  const scene = newAuthority('example.org', (yaml) =>
    yaml
      .replace('  root-user: warn', '  root-user: ignore')
      .replace('  writable-media: warn', '  writable-media: refuse'),
  );
  const before = readTree(scene.dir);
  const { status, checks: seen, json } = doctor(['-C', scene.dir, '--yes']);
  expect([status, json.ok]).toEqual([0, true]);
  expect(verdict(seen.get('root-user'))).toBe('ignored: not checked, as authority.yaml says');
  expect(verdict(seen.get('writable-media'))).toMatch(/^warn: could not check/);
  expect(verdict(seen.get('authority-permissions'))).toMatch(/^ok/);
  expect(readTree(scene.dir)).toEqual(before);
  chmodSync(scene.path('authority/keys'), 0o777);
  expect(verdict(doctor(['-C', scene.dir]).checks.get('authority-permissions'))).toMatch(/^warn: .*keys \(mode 777\)/);
  const refusing = cli(['-C', scene.dir, 'doctor', '--media', '/nowhere']);
  expect(refusing.stdout).toMatch(/^refuse +writable-media +\/nowhere is not there/m);
  expectRefusal(
    { ...refusing, stdout: '' },
    { status: 1, code: 'unfit', says: 'writable-media: /nowhere is not there' },
  );
});

test('--strict refuses what is only to be looked at, and lists it all', () => {
  const ended = doctor(['-C', newFolder()], {});
  expect(ended.status).toBe(0);
  const strict = cli(['doctor', '--strict', '--json'], { cwd: newFolder() });
  const json = JSON.parse(strict.stdout) as JsonRecord;
  expectJsonRefusal({ ...strict, json }, { status: 1, code: 'unfit', says: /clock-typed: could not check/ });
  expect(checks(json).get('clock-typed')?.verdict).toBe('refuse');
  expect(Object.keys(json)).toEqual(['ok', 'code', 'message', 'hint', 'findings', 'checks', 'program']);
});

describe('the clock', () => {
  test.each([
    [0, 0, 'ok'],
    [-290, 0, 'ok'],
    [-400, 1, 'refuse'],
    [400, 1, 'refuse'],
  ])('a watch that differs by %i s: exit %i', (difference, status, expected) => {
    const says = String(Math.floor(Date.now() / 1000) + difference);
    const ended = cli(['doctor', '--json', '--clock', says], { cwd: newFolder() });
    expect(ended.status).toBe(status);
    expect(checks(JSON.parse(ended.stdout) as JsonRecord).get('clock-typed')?.verdict).toBe(expected);
  });

  test('a date alone is no answer', () => {
    expectRefusal(cli(['doctor', '--clock', '2026-11-24']), {
      status: 2,
      code: 'usage',
      says: 'a date without a time',
    });
  });

  toolTest('faketime', 'before the build, and before the newest record', () => {
    const under = ['faketime', '2001-01-01 00:00:00'];
    const ended = doctor(['-C', authorityWith('root').dir], { under });
    expect(ended.status).toBe(1);
    expect(verdict(ended.checks.get('clock'))).toMatch(
      /^refuse: .*2001.*newest thing in the authority.*; .*before this program was built/,
    );
  });

  test('is asked for at a terminal, until the answer is a time', async () => {
    const terminal = new Terminal(['doctor'], { cwd: newFolder() });
    await terminal.answer('Your watch says', 'ten to six');
    await terminal.answer(/is not a time[^]*Your watch says/, '2001-01-01 00:00');
    expect(await terminal.end()).toBe(1);
    expect(terminal.text).toMatch(/^refuse {2}clock-typed/m);
    const table = /^ok +clock [^]*(?=^error: )/m.exec(terminal.text)?.[0].split('\n') ?? [];
    expect(table.length).toBeGreaterThan(20);
    expect(table.filter((line) => line.length > 80)).toEqual([]);
  });

  test('an empty answer is nobody looking', async () => {
    const terminal = new Terminal(['doctor', '--no-color'], { cwd: newFolder() });
    await terminal.answer('Your watch says', '');
    expect(await terminal.end()).toBe(0);
    expect(terminal.text).toMatch(/^warn {2}clock-typed +could not check/m);
  });
});

describe('the machine', () => {
  namespaceTest('without a network', () => {
    const { checks: seen } = doctor([], { cwd: newFolder(), under: ['unshare', '--net'] });
    expect(verdict(seen.get('network-interfaces'))).toMatch(/^ok: /);
    expect(verdict(seen.get('network-routes'))).toBe('ok: there is no route');
  });

  namespaceTest('with an interface that is down, then up with an address', () => {
    const setUp = 'ip link add dummy0 type veth && mount -t sysfs sysfs /sys';
    const seenAfter = (more: string): ReadonlyMap<string, Seen> => {
      const under = ['unshare', '--net', '--mount', 'sh', '-c', `${setUp} && ${more} && exec "$@"`, 'sh'];
      return doctor([], { cwd: newFolder(), under }).checks;
    };
    expect(verdict(seenAfter('true').get('network-interfaces'))).toMatch(/^ok: all are down: .*dummy0/);
    const up = seenAfter('ip addr add 192.0.2.1/24 dev dummy0 && ip link set dummy0 up');
    expect(verdict(up.get('network-interfaces'))).toMatch(/^warn: up: dummy0/);
    expect(verdict(up.get('network-routes'))).toMatch(/^warn: .* through dummy0/);
  });

  toolTest('prlimit', 'with core dumps off and on', () => {
    const pattern = readFileSync('/proc/sys/kernel/core_pattern', 'utf8');
    if (pattern.startsWith('|')) return;
    for (const [limit, expected] of [
      ['0:0', /^ok/],
      ['1000:1000', /^warn: one of up to 1000 bytes/],
    ] as const) {
      const { checks: seen } = doctor([], { cwd: newFolder(), under: ['prlimit', `--core=${limit}`] });
      expect(verdict(seen.get('core-dumps'))).toMatch(expected);
    }
  });

  namespaceTest('with an authority in memory, which refuses, and with little space', () => {
    const scene = newAuthority();
    const script = 'mount -t tmpfs -o size=50m tmpfs "$0/m" && cp -a "$0/authority" "$0/m" && exec "$@"';
    makeFolder(scene.path('m'));
    const under = ['unshare', '--mount', 'sh', '-c', script, scene.folder];
    const ended = doctor(['-C', scene.path('m/authority')], { under });
    expect([ended.status, ended.json.code]).toEqual([1, 'unfit']);
    expect(verdict(ended.checks.get('memory-file-system'))).toMatch(/^refuse: .* is in memory \(tmpfs\)$/);
    expect(verdict(ended.checks.get('free-space'))).toMatch(/^warn: \d+ MB free/);
    expect(verdict(doctor(['-C', scene.dir]).checks.get('memory-file-system'))).toMatch(/^(ok|warn: could not check)/);
  });

  namespaceTest('with an overlay over memory, as live systems have it', () => {
    const scene = newAuthority();
    for (const name of ['m', 'l']) makeFolder(scene.path(name));
    const script =
      'mount -t tmpfs tmpfs "$0/m" && mkdir "$0/m/up" "$0/m/work" && mount -t overlay overlay -o "lowerdir=$0/authority,upperdir=$0/m/up,workdir=$0/m/work" "$0/l" && exec "$@"';
    const ended = doctor(['-C', scene.path('l')], { under: ['unshare', '--mount', 'sh', '-c', script, scene.folder] });
    expect(verdict(ended.checks.get('memory-file-system'))).toMatch(
      /^refuse: .*overlay that writes to memory \(tmpfs\)$/,
    );
  });

  namespaceTest('with media that can be written, cannot, or are none', () => {
    const folder = newFolder();
    const [usb, locked] = [makeFolder(join(folder, 'usb')), makeFolder(join(folder, 'locked'))];
    const script =
      'mount -t tmpfs tmpfs "$0/usb" && mount -t tmpfs -o ro tmpfs "$0/locked" && "$@"; status=$?; ls -A "$0/usb"; exit $status';
    const media = (path: string): string => {
      const under = ['unshare', '--mount', 'sh', '-c', script, folder];
      const { stdout } = cli(['doctor', '--json', '--media', path], { cwd: newFolder(), under });
      // Nothing is left on it: only the document was printed.
      return verdict(checks(JSON.parse(stdout) as JsonRecord).get('writable-media'));
    };
    expect(media(usb)).toMatch(/^ok: written, read back and removed: .*usb \(tmpfs on tmpfs, \d+ MB free\)$/);
    expect(media(locked)).toMatch(/^warn: .*read-only/);
    expect(media(folder)).toMatch(/^warn: .* is not a medium of its own/);
  });

  test('as an ordinary user, and as root', () => {
    const under = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
    expect(verdict(doctor([], { cwd: newFolder(), under }).checks.get('root-user'))).toMatch(/^ok: user \d+ runs it/);
    if (isRoot)
      expect(verdict(doctor([], { cwd: newFolder() }).checks.get('root-user'))).toMatch(/^warn: root runs it/);
  });
});

describe("the program's own files", () => {
  /** A copy of the program as it is carried to another machine, with one optional package. */
  function carried(): { folder: string; program: string; sums: string } {
    const folder = newFolder();
    const project = dirname(dirname(PROGRAM));
    for (const part of ['bin', 'dist/program', 'package.json', 'package-lock.json']) {
      cpSync(join(project, part), join(folder, part), { recursive: true });
    }
    const native = 'node_modules/pkcs11js';
    cpSync(join(project, native), join(folder, native), {
      recursive: true,
      filter: (path) => !/[/\\]obj\.target/.test(path),
    });
    const sums = join(newFolder(), 'SHA256SUMS');
    mustSucceed(run(['sh', '-c', 'cd "$0" && find . -type f -exec sha256sum {} + > "$1"', folder, sums]));
    return { folder, program: join(folder, 'bin/as-ceremony.js'), sums };
  }
  function seenOf(program: string, sums: string): string {
    const { stdout } = run([process.execPath, program, 'doctor', '--json', '--manifest', sums], { cwd: newFolder() });
    return verdict(checks(JSON.parse(stdout) as JsonRecord).get('program-files'));
  }

  test('are as a manifest has them, or are changed, missing or new', () => {
    const { folder, program, sums } = carried();
    expect(seenOf(program, sums)).toMatch(/^ok: all \d+ files are as the manifest has them/);
    const file = join(folder, 'dist/program/main.cjs');
    writeFileSync(file, `${readFileSync(file, 'utf8')}\n`);
    writeFileSync(join(folder, 'node_modules/pkcs11js/new.js'), '');
    const kept = readFileSync(sums, 'utf8');
    writeFileSync(sums, `${kept}${'0'.repeat(64)}  ./dist/gone.js\n`);
    expect(seenOf(program, sums)).toBe(
      'warn: changed: dist/program/main.cjs; missing: dist/gone.js; not in the manifest: node_modules/pkcs11js/new.js',
    );
  });

  test('and their hashes are those of sha256sum', () => {
    const { folder, program } = carried();
    symlinkSync(program, join(folder, 'as-ceremony'));
    const { stdout } = run([process.execPath, join(folder, 'as-ceremony'), 'doctor', '--json'], { cwd: newFolder() });
    const { hashes } = (JSON.parse(stdout) as { program: { hashes: { name: string; sha256: string }[] } }).program;
    const sum = (command: string): string =>
      mustSucceed(run(['sh', '-c', command], { cwd: folder })).stdout.slice(0, 64);
    const expected = [
      'bin/as-ceremony.js',
      'bin/package.json',
      'package.json',
      'package-lock.json',
      'node_modules/pkcs11js/build/Release/pkcs11.node',
    ].map((name) => ({ name, sha256: sum(`sha256sum ${name}`) }));
    const all = (folders: string): string =>
      sum(`find ${folders} -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum`);
    expect(hashes).toEqual([
      ...expected,
      { name: 'dist/program', sha256: all('dist/program') },
      { name: 'packages', sha256: all('node_modules') },
      { name: 'node', sha256: sum(`sha256sum '${process.execPath}'`) },
    ]);
  });

  test.each([
    ['', /names no file|not 64 hex/],
    ['abc  bin/as-ceremony.js\n', /:1: it is not 64 hex digits/],
    [`${'a'.repeat(64)}  a\n${'b'.repeat(64)}  ./a\n`, /:2: a is there twice/],
    [`${'a'.repeat(64)}  ../a\n`, /:1: \.\.\/a is not below/],
    [`${'a'.repeat(64)}  /etc/passwd\n`, /:1: \/etc\/passwd is not below/],
  ])('a manifest that says %j', (text, says) => {
    const file = join(newFolder(), 'sums');
    writeFileSync(file, text);
    expectRefusal(cli(['doctor', '--manifest', file]), { status: 3, code: 'bad-manifest', says });
  });
});

describe('tokens', () => {
  softHsmTest('that are there, and those that are not', () => {
    const { env } = newStore();
    const uri = (token: string): string => `pkcs11:token=${token}?module-path=${SOFTHSM}`;
    const seen = (...tokens: readonly string[]): string => {
      const hsm = tokens.flatMap((token) => ['--hsm', uri(token)]);
      const { stdout } = cli(['doctor', '--json', ...hsm], { cwd: newFolder(), env });
      const json = JSON.parse(stdout) as JsonRecord & { program: { hashes: { name: string }[] } };
      expect(json.program.hashes.map(({ name }) => name)).toContain(SOFTHSM);
      return verdict(checks(json).get('hsm'));
    };
    expect(seen('AS%20Root')).toMatch(/^ok: reached without a PIN: "AS Root" \(serial .*firmware/);
    expect(seen('AS%20Root', 'Other')).toMatch(/^warn: no token fits pkcs11:token=Other/);
  });

  softHsmTest('that the authority has its keys in', () => {
    const { env, pinFile, folder } = newStore();
    const scene = newAuthority();
    const key = `pkcs11:token=AS%20Root;object=root-1?module-path=${SOFTHSM}`;
    mustSucceed(scene.cli(['root', 'generate', '--key', key, '--pin-file', pinFile], { env }));
    expect(verdict(doctor(['-C', scene.dir], { env }).checks.get('hsm'))).toMatch(
      /^ok: reached without a PIN: "AS Root"/,
    );
    mkdirSync(join(folder, 'empty'));
    const gone = join(folder, 'gone.conf');
    writeFileSync(gone, `directories.tokendir = ${join(folder, 'empty')}\nobjectstore.backend = file\n`);
    const without = doctor(['-C', scene.dir], { env: { SOFTHSM2_CONF: gone } });
    expect(verdict(without.checks.get('hsm'))).toMatch(/^warn: no token fits/);
  });

  shimTest('that have failed their self-test, are locked, crash or hang', () => {
    const { env } = newStore();
    const uri = `pkcs11:token=AS%20Root?module-path=${shimModule()}`;
    const seen = (shim: string): string => {
      const args = ['doctor', '--json', '--hsm', uri, '--hsm-timeout', '3s', '--module', shimModule()];
      const { stdout } = cli(args, { cwd: newFolder(), env: { ...env, SHIM: shim } });
      return verdict(checks(JSON.parse(stdout) as JsonRecord).get('hsm'));
    };
    expect(seen('none')).toMatch(/^ok/);
    expect(seen('error-state')).toMatch(/^warn: .*it has failed its self-test/);
    expect(seen('pin-locked')).toMatch(/^warn: .*its PIN is locked/);
    expect(seen('crash-init')).toMatch(/^warn: .*crashed/);
    expect(seen('hang-init')).toMatch(/^warn: .*did not answer within 3 s/);
  });

  test('a key file is no token', () => {
    expectRefusal(cli(['doctor', '--hsm', 'file:keys/root-1.age']), {
      status: 2,
      code: 'usage',
      says: 'not in an HSM',
    });
    expect(existsSync('keys')).toBe(false);
  });
});
