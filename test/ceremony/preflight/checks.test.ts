/** Each check, both ways: a machine that it has nothing to say about, and one that it objects to. */
import { describe, expect, test } from '@jest/globals';
import { authorityPermissions } from '../../../src/ceremony/preflight/authority-permissions.js';
import { clock } from '../../../src/ceremony/preflight/clock-not-behind.js';
import { coreDumps } from '../../../src/ceremony/preflight/core-dumps.js';
import { entropy } from '../../../src/ceremony/preflight/entropy.js';
import { environment } from '../../../src/ceremony/preflight/environment.js';
import { freeSpace } from '../../../src/ceremony/preflight/free-space.js';
import { hsm } from '../../../src/ceremony/preflight/hsm.js';
import type { Machine } from '../../../src/ceremony/preflight/machine.js';
import { memoryFileSystem } from '../../../src/ceremony/preflight/memory-file-system.js';
import { networkInterfaces } from '../../../src/ceremony/preflight/network-interfaces.js';
import { networkRoutes } from '../../../src/ceremony/preflight/network-routes.js';
import { CHECKS } from '../../../src/ceremony/preflight/preflight.js';
import { radios } from '../../../src/ceremony/preflight/radios.js';
import { rootUser } from '../../../src/ceremony/preflight/root-user.js';
import { swap } from '../../../src/ceremony/preflight/swap.js';
import { parseTypedClock, typedClock } from '../../../src/ceremony/preflight/typed-clock.js';
import { writableMedia } from '../../../src/ceremony/preflight/writable-media.js';
import { couldNot } from '../../../src/common/errors.js';
import type { NameFacts } from '../../../src/common/name-facts.js';
import { anAuthority, look, lookAt, NOW, recorded } from './support.js';

const DEV = (...names: readonly string[]): string =>
  ['Inter-|   Receive', ' face |bytes', ...names.map((name) => `${name.padStart(6)}:       0       0    0`), ''].join(
    '\n',
  );
const INTERFACE = (name: string, flags: string, state: string) => ({
  [`/sys/class/net/${name}/flags`]: `${flags}\n`,
  [`/sys/class/net/${name}/operstate`]: `${state}\n`,
});
const ROUTE_HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';
const ZERO = '0'.repeat(32);
const route6 = (to: string, length: string, flags: string, name: string): string =>
  `${to} ${length} ${ZERO} 00 ${ZERO} 00000100 00000001 00000000 ${flags} ${name.padStart(8)}\n`;

describe('clock', () => {
  test.each([
    [0, 0, undefined, 'fine'],
    [0, 1, undefined, 'bad'],
    [0, -10, 0, 'fine'],
    [0, -10, 1, 'bad'],
  ])('%i against a build at %i and a record at %s: %s', async (at, build, newest, state) => {
    const newestSeconds = newest === undefined ? undefined : NOW + newest;
    const fields = { atSeconds: NOW + at, buildSeconds: NOW + build, authority: anAuthority({ newestSeconds }) };
    expect((await look(clock, fields)).state).toBe(state);
  });

  test('says both if both are later', async () => {
    const seen = await look(clock, { buildSeconds: NOW + 1, authority: anAuthority({ newestSeconds: NOW + 2 }) });
    expect(seen.saw).toMatch(/newest thing in the authority .*; .*before this program was built/);
  });
});

describe('clock-typed', () => {
  test.each([
    ['2026-11-24T05:40:00Z', 'fine'],
    ['2026-11-24 05:45:00', 'fine'],
    ['2026-11-24 05:45:01', 'bad'],
    ['2026-11-24 05:35:00', 'fine'],
    ['2026-11-24 05:34:59', 'bad'],
    ['2026-11-24 05:34', 'bad'],
    ['2026-11-24 05:45', 'fine'],
    ['2026-11-24 05:46', 'bad'],
    ['2026-11-24t05:40z', 'fine'],
    ['2026-11-24T06:40:00+01:00', 'fine'],
    [String(NOW), 'fine'],
    ['2025-11-24 05:40', 'bad'],
  ])('%s: %s', async (text, state) => {
    expect((await look(typedClock, { typedClock: parseTypedClock(text, NOW) })).state).toBe(state);
  });

  test.each(['2026-11-24', '05:40', '', 'now', '2026-13-01 00:00', '2026-11-24 25:00'])('%j is no time', (text) => {
    expect(() => parseTypedClock(text, NOW)).toThrow(expect.objectContaining({ code: 'usage' }));
  });

  test('a minute has sixty seconds: its last one counts for a clock that is ahead', async () => {
    for (const [later, state] of [
      [59, 'fine'],
      [60, 'bad'],
    ] as const) {
      const typed = parseTypedClock('2026-11-24 05:35', NOW + later);
      expect((await look(typedClock, { typedClock: typed })).state).toBe(state);
    }
  });

  test('nobody was asked', async () => {
    expect((await look(typedClock)).state).toBe('unseen');
  });
});

describe('memory-file-system', () => {
  const DISK = 0xef53;
  const MOUNTS = [
    '22 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
    '23 22 0:50 / /live rw - overlay overlay rw,lowerdir=/lower,upperdir=/upper\\040one,workdir=/work',
    '24 22 1:0 / /ram rw - ext2 /dev/ram0 rw',
    '25 22 1:0 / /authority/inside rw - tmpfs tmpfs rw',
    '',
  ].join('\n');
  const types =
    (all: Readonly<Record<string, number>>) =>
    (path: string): { type: number; freeBytes: number } | undefined => {
      const type = all[path];
      return type === undefined ? undefined : { type, freeBytes: 0 };
    };
  const on = (dir: string, all: Readonly<Record<string, number>>, rehearsal = false, authority = anAuthority()) =>
    look(memoryFileSystem, {
      machine: recorded({ '/proc/self/mountinfo': MOUNTS }, { fileSystem: types(all), realPath: (path) => path }),
      dir,
      rehearsal,
      authority,
    });

  test.each([
    ['/authority', { '/authority': DISK }, 'fine', /ext4 \(\/dev\/vda\)/],
    ['/authority', { '/authority': 0x01021994 }, 'bad', /tmpfs/],
    ['/authority', { '/authority': 0x858458f6 }, 'bad', /ramfs/],
    ['/ram/authority', { '/ram/authority': DISK }, 'bad', /\/dev\/ram0/],
    ['/ramp', { '/ramp': DISK }, 'fine', /\/dev\/vda/],
    ['/live/a', { '/live/a': 0x794c7630, '/upper one': 0x01021994 }, 'bad', /overlay that writes to memory/],
    ['/live/a', { '/live/a': 0x794c7630, '/upper one': DISK }, 'fine', /overlay that writes to \/upper one/],
    ['/live/a', { '/live/a': 0x794c7630 }, 'unseen', /overlay/],
    ['/authority', {}, 'unseen', /\/authority/],
    ['/authority', { '/authority': DISK, '/authority/keys': 0x01021994 }, 'bad', /\/authority\/keys is in memory/],
    ['/ram/authority', { '/ram/authority': DISK, '/ram/authority/keys': DISK }, 'bad', /\/ram\/authority is/],
    ['/authority', { '/authority': DISK, '/authority/bundles': DISK }, 'fine', /\/authority is on ext4/],
  ] as const)('%s on %j: %s', async (dir, all, state, saw) => {
    expect(await on(dir, all)).toMatchObject({ state, saw: expect.stringMatching(saw) as unknown });
  });

  test('a rehearsal may be in memory', async () => {
    expect(await on('/authority', { '/authority': 0x01021994 }, true)).toMatchObject({
      state: 'fine',
      saw: '/authority is in memory (tmpfs), as a rehearsal may be',
    });
  });

  test('without an authority there is nothing to look at', async () => {
    expect((await look(memoryFileSystem, { authority: undefined })).state).toBe('unseen');
  });
});

test.each([
  ['the loopback alone', { '/proc/net/dev': DEV('lo'), ...INTERFACE('lo', '0x9', 'unknown') }, /^fine: there is no/],
  // Another namespace's /sys, as `unshare -n` leaves it.
  ['others in /sys', { '/proc/net/dev': DEV('lo'), ...INTERFACE('eth0', '0x1003', 'up') }, /^fine/],
  [
    'one that is down',
    { '/proc/net/dev': DEV('lo', 'eth0'), ...INTERFACE('eth0', '0x1002', 'down') },
    /^fine: all are down: eth0/,
  ],
  [
    'one that is up',
    { '/proc/net/dev': DEV('lo', 'eth0'), ...INTERFACE('eth0', '0x1003', 'up') },
    /^bad: up: eth0 \(connected\)$/,
  ],
  [
    'up without a cable, beside one that is down',
    {
      '/proc/net/dev': DEV('wlan0', 'eth0'),
      ...INTERFACE('eth0', '0x1003', 'down'),
      ...INTERFACE('wlan0', '0x1002', 'down'),
    },
    /^bad: up: eth0 \(down\)$/,
  ],
  ['one that nothing is known of', { '/proc/net/dev': DEV('lo', 'eth0') }, /^unseen: .*eth0/],
  ['no /proc', {}, /^unseen/],
] as const)('network-interfaces: %s', async (_name, files, seen) => {
  expect(await lookAt(networkInterfaces, files)).toMatch(seen);
});

test.each([
  ['none', { '/proc/net/route': ROUTE_HEAD }, /^fine: there is no route$/],
  [
    'one',
    { '/proc/net/route': `${ROUTE_HEAD}eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n` },
    /^bad: 1 route through eth0$/,
  ],
  [
    'to everywhere',
    { '/proc/net/route': `${ROUTE_HEAD}eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n` },
    /^bad: 1 route through eth0, one to everywhere among them$/,
  ],
  [
    'one that is not up',
    { '/proc/net/route': `${ROUTE_HEAD}eth0\t000200C0\t0\t0000\t0\t0\t0\t00FFFFFF\t0\t0\t0\n` },
    /^fine/,
  ],
  [
    'the loopback and refusals of IPv6',
    {
      '/proc/net/route': ROUTE_HEAD,
      '/proc/net/ipv6_route': route6(ZERO, '00', '00200200', 'lo') + route6(ZERO, '00', '00000201', 'eth0'),
    },
    /^fine/,
  ],
  [
    'IPv6 alone',
    {
      '/proc/net/route': ROUTE_HEAD,
      '/proc/net/ipv6_route':
        route6(`fe80${ZERO.slice(4)}`, '40', '00000001', 'wlan0') + route6(ZERO, '00', '00000003', 'wlan0'),
    },
    /^bad: 2 routes through wlan0, one to everywhere/,
  ],
  ['no /proc', {}, /^unseen/],
] as const)('network-routes: %s', async (_name, files, seen) => {
  expect(await lookAt(networkRoutes, files)).toMatch(seen);
});

const RADIO = (number: number, type: string, soft: string, hard: string) => ({
  [`/sys/class/rfkill/rfkill${String(number)}/type`]: `${type}\n`,
  [`/sys/class/rfkill/rfkill${String(number)}/name`]: `phy${String(number)}\n`,
  [`/sys/class/rfkill/rfkill${String(number)}/soft`]: `${soft}\n`,
  [`/sys/class/rfkill/rfkill${String(number)}/hard`]: `${hard}\n`,
});
test.each([
  [{ '/sys/class/net/lo/flags': '0x9\n' }, /^fine: the system knows of none$/],
  [
    { ...RADIO(0, 'wlan', '1', '0'), ...RADIO(1, 'bluetooth', '0', '1') },
    /^fine: all are off: wlan \(phy0\), bluetooth \(phy1\)$/,
  ],
  [{ ...RADIO(0, 'wlan', '1', '0'), ...RADIO(1, 'bluetooth', '0', '0') }, /^bad: on: bluetooth \(phy1\)$/],
  [{}, /^unseen/],
] as const)('radios: %#', async (files, seen) => {
  expect(await lookAt(radios, files)).toMatch(seen);
});

const SWAP_HEAD = 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n';
test.each([
  [{ '/proc/swaps': SWAP_HEAD }, /^fine/],
  [{ '/proc/swaps': '' }, /^fine/],
  [
    { '/proc/swaps': `${SWAP_HEAD}/dev/dm-1    partition\t8388604\t0\t-2\n/swapfile  file\t1\t0\t-3\n` },
    /^bad: on: \/dev\/dm-1, \/swapfile$/,
  ],
  [{}, /^unseen/],
] as const)('swap: %#', async (files, seen) => {
  expect(await lookAt(swap, files)).toMatch(seen);
});

const LIMIT = (soft: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units     \nMax core file size        ${soft.padEnd(20)} unlimited            bytes     \n`;
test.each([
  ['0', 'core', /^fine/],
  ['1', 'core', /^bad: one of up to 1 bytes/],
  ['unlimited', 'core.%p', /^bad: one of any size/],
  ['0', '|/usr/share/apport/apport -p%p', /^bad: a program gets each dump/],
  ['unlimited', '|/bin/false', /^fine: whoever gets a dump throws it away/],
  ['unlimited', '|/usr/bin/falsehood', /^bad/],
  [undefined, 'core', /^unseen/],
  ['0', undefined, /^unseen/],
] as const)('core-dumps: limit %s, pattern %s', async (limit, pattern, seen) => {
  const files = {
    ...(limit === undefined ? {} : { '/proc/self/limits': LIMIT(limit) }),
    ...(pattern === undefined ? {} : { '/proc/sys/kernel/core_pattern': `${pattern}\n` }),
  };
  expect(await lookAt(coreDumps, files)).toMatch(seen);
});

describe('entropy', () => {
  const AVAILABLE = '/proc/sys/kernel/random/entropy_avail';
  test.each([
    ['127', /^bad: 127 bits, no hardware source; 128 are needed$/],
    ['128', /^fine: 128 bits, no hardware source$/],
    ['many', /^unseen/],
  ])('%s', async (bits, seen) => {
    expect(await lookAt(entropy, { [AVAILABLE]: `${bits}\n` })).toMatch(seen);
  });

  test('names the hardware source', async () => {
    const source = { '/sys/class/misc/hw_random/rng_current': 'tpm-rng-0\n' };
    expect(await lookAt(entropy, { [AVAILABLE]: '256\n', ...source })).toBe(
      'fine: 256 bits, hardware source tpm-rng-0',
    );
  });

  test.each([
    ['the same twice', () => new Uint8Array(32).map((_, i) => i)],
    [
      'nothing but zeros',
      (() => {
        let n = 0;
        return () => new Uint8Array(32).fill(n++);
      })(),
    ],
    ['too little', () => crypto.getRandomValues(new Uint8Array(31))],
  ])('a generator that gives %s', async (_name, random) => {
    const machine = recorded({ [AVAILABLE]: '256\n' });
    expect((await look(entropy, { machine, random })).state).toBe('bad');
  });
});

test.each([
  [99_999_999, 'bad'],
  [100_000_000, 'fine'],
])('free-space: %i bytes are %s', async (freeBytes, state) => {
  expect((await look(freeSpace, { machine: recorded({}, { fileSystem: () => ({ type: 1, freeBytes }) }) })).state).toBe(
    state,
  );
});

describe('writable-media', () => {
  const devices = (all: Readonly<Record<string, number>>) => (path: string) => {
    const device = all[path];
    return device === undefined
      ? undefined
      : { kind: path.endsWith('.img') ? ('file' as const) : ('folder' as const), mode: 0o755, device };
  };
  const facts = devices({ '/': 1, '/authority': 2, '/usb': 3, '/home': 1, '/authority/copy': 2, '/usb/disk.img': 3 });
  const files = {
    '/proc/self/mountinfo': '1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:17 / /usb rw - vfat /dev/sdb1 rw\n',
    '/sys/block/sda/removable': '0\n',
    '/sys/block/sdb/removable': '1\n',
  };
  const on = (media: readonly string[], fault?: string) =>
    look(writableMedia, {
      media,
      machine: recorded(files, {
        facts,
        realPath: (path) => path,
        fileSystem: () => ({ type: 1, freeBytes: 7_000_000 }),
        tryWriting: () => {
          if (fault !== undefined) throw couldNot('file', fault);
        },
      }),
    });

  test('none is named', async () => {
    expect(await on([])).toMatchObject({
      state: 'unseen',
      saw: expect.stringMatching(/that are mounted: \/usb$/) as unknown,
    });
  });
  test('one that takes files', async () => {
    expect(await on(['/usb'])).toEqual({
      state: 'fine',
      saw: 'written, read back and removed: /usb (vfat on /dev/sdb1, 7 MB free)',
    });
  });
  test.each([
    ['/usb', 'is on a read-only file system', /read-only/],
    ['/mnt', undefined, /is not there/],
    ['/usb/disk.img', undefined, /is not a folder/],
    ['/home', undefined, /on the disk of \/$/],
    ['/authority/copy', undefined, /on the disk of \/authority/],
  ])('%s: bad', async (path, fault, saw) => {
    expect(await on([path], fault)).toMatchObject({ state: 'bad', saw: expect.stringMatching(saw) as unknown });
  });
});

test.each([
  [0o755, 'fine'],
  [0o775, 'bad'],
  [0o757, 'bad'],
])('authority-permissions: keys with mode %i are %s', async (mode, state) => {
  const seen = await look(authorityPermissions, { machine: owned({ '/authority/keys': { mode } }) });
  expect(seen.state).toBe(state);
  if (state === 'bad') expect(seen.saw).toContain(`keys (mode ${mode.toString(8)})`);
});

/** A machine of user 1000, all of whose folders are in order but for these. */
function owned(others: Readonly<Record<string, Partial<NameFacts>>>, userId = 1000): Machine {
  const named = (path: string): NameFacts => ({
    kind: 'folder',
    names: 1,
    owner: path.startsWith('/authority') ? 1000 : 0,
    mode: 0o755,
    identity: path,
    size: 0,
    changedSeconds: 0,
    ...others[path],
  });
  return recorded({}, { named, userId, realPath: (path) => path });
}

test.each([
  ["another's all", '/authority', {}, 0, '/authority belongs to user 1000, and you are user 0'],
  ["another's folder", '/authority/keys', { owner: 5 }, 1000, 'keys belongs to user 5, and you are user 1000'],
  ['a folder that is a link', '/authority/keys', { kind: 'link', mode: 0o777 }, 1000, 'keys is a symbolic link'],
  [
    'a link to other signers',
    '/authority/allowed_signers',
    { kind: 'link' },
    1000,
    'allowed_signers is a symbolic link',
  ],
  ['a folder above, open', '/', { mode: 0o777 }, 1000, 'users other than its owner may write / above it (mode 777)'],
  ["a folder above, another's", '/', { owner: 5 }, 1000, '/ above it belongs to user 5'],
] as const)('authority-permissions: %s', async (_what, path, facts, userId, says) => {
  const seen = await look(authorityPermissions, { machine: owned({ [path]: facts }, userId) });
  expect([seen.state, seen.saw]).toEqual(['bad', expect.stringContaining(says)]);
});

test.each([
  [
    'keys/root-1.json',
    { kind: 'file', mode: 0o666 },
    'users other than the owner may write keys/root-1.json (mode 666)',
  ],
  ['transcripts/0001-init.jsonl', { kind: 'file', owner: 5 }, '0001-init.jsonl belongs to user 5'],
  ['keys/root-1.age', { kind: 'link' }, 'keys/root-1.age is a symbolic link'],
  ['keys/root-1.age', { kind: 'file', mode: 0o640 }, 'users other than the owner may read keys/root-1.age (mode 640)'],
  ['keys/root-1.age', { kind: 'file', mode: 0o600 }, 'nobody but the owner'],
] as const)('authority-permissions: in a folder, %s as %j', async (path, facts, says) => {
  const [folder = '', name = ''] = path.split('/');
  const names = (at: string): readonly string[] => (at === `/authority/${folder}` ? [name] : []);
  const seen = await look(authorityPermissions, { machine: { ...owned({ [`/authority/${path}`]: facts }), names } });
  expect(seen.saw).toContain(says);
});

test('authority-permissions: an open folder above that is sticky lets nobody change what is not theirs', async () => {
  const machine = owned({ '/': { mode: 0o1777 } });
  expect((await look(authorityPermissions, { machine })).state).toBe('fine');
});

test.each([
  [0, 'bad'],
  [1000, 'fine'],
  [undefined, 'unseen'],
])('root-user: user %s is %s', async (userId, state) => {
  expect((await look(rootUser, { machine: recorded({}, { userId }) })).state).toBe(state);
});

test.each([
  [{}, [], 'fine: no variable and no option of Node changes what runs'],
  [
    { PATH: '/bin', NODE_OPTIONS: '', SOFTHSM2_CONF: '/x' },
    [],
    'fine: no variable and no option of Node changes what runs',
  ],
  [{ NODE_OPTIONS: '--require /tmp/x.js' }, [], 'bad: what runs is changed by NODE_OPTIONS=--require /tmp/x.js'],
  [
    { LD_PRELOAD: 'x.so', NODE_PATH: 'y' },
    ['--import=z'],
    'bad: what runs is changed by LD_PRELOAD=x.so, NODE_PATH=y, --import=z',
  ],
  ...[
    ...['NODE_DEBUG', 'NODE_REDIRECT_WARNINGS', 'NODE_ICU_DATA', 'LD_PROFILE', 'LD_DEBUG_OUTPUT', 'GLIBC_TUNABLES'],
    ...[
      'MALLOC_CHECK_',
      'OPENSSL_ia32cap',
      'LOCPATH',
      'SSH_SK_PROVIDER',
      'SSH_SK_HELPER',
      'SSH_PKCS11_HELPER',
      'SSH_ASKPASS',
    ],
  ].map((name) => [{ [name]: '1' }, [], `bad: what runs is changed by ${name}=1`] as const),
  [
    { NODE_ENV: 'production', SSH_AUTH_SOCK: '/x', TZ: 'UTC', EDITOR: 'vi' },
    [],
    'fine: no variable and no option of Node changes what runs',
  ],
])('environment: with %j and %j', async (variables, nodeOptions, seen) => {
  expect(await lookAt(environment, {}, { variables, nodeOptions })).toBe(seen);
});

test.each([
  ['a folder that others may write comes first', '/open:/bin', 'bad', 'others may write /open (mode 777)'],
  ['others may write it', '/mine:/bin', 'bad', '/mine/ssh-keygen belongs to user 1000'],
  ['it comes later', '/bin:/open:/mine', 'fine', 'no variable'],
  ['relative folders are not looked in', 'open::/bin', 'fine', 'no variable'],
])('environment: ssh-keygen in PATH, where %s', async (_what, PATH, state, says) => {
  const folder = { kind: 'folder', device: 1 } as const;
  const facts: Machine['facts'] = (path) =>
    path === '/bin/ssh-keygen' || path === '/mine/ssh-keygen'
      ? { kind: 'file', mode: 0o755, device: 1 }
      : path === '/open' || path === '/mine'
        ? { ...folder, mode: path === '/open' ? 0o777 : 0o755 }
        : undefined;
  const othersThanRoot = (path: string): readonly string[] =>
    path.startsWith('/mine/') ? [`${path} belongs to user 1000`] : [];
  const seen = await lookAt(environment, {}, { variables: { PATH }, nodeOptions: [], facts, othersThanRoot });
  expect(seen).toMatch(new RegExp(`^${state}: `));
  expect(seen).toContain(says);
});

test('hsm: nothing is asked if no key is in one', async () => {
  expect(await look(hsm)).toMatchObject({ state: 'fine' });
});

test('on another system, what only Linux shows could not be looked at', async () => {
  const machine = recorded({}, { platform: 'darwin' });
  for (const check of CHECKS.filter(({ source }) => /\/proc|\/sys/.test(source) && !source.startsWith('each medium'))) {
    expect([check.id, await look(check, { machine })]).toMatchObject([
      check.id,
      { state: 'unseen', saw: expect.stringContaining('darwin') as unknown },
    ]);
  }
});
