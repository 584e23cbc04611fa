/**
 * What is called a backup is one: on a medium of its own, read from it, and not the thing itself under another name.
 */
import {
  closeSync,
  copyFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { People } from '../../support/cli/ceremony-people.js';
import { cli, type Ended, type JsonRecord } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, type Scene } from '../../support/cli/cli-authority.js';
import { expectJsonRefusal } from '../../support/cli/cli-errors.js';
import { linesOf, newestTranscript } from '../../support/cli/transcripts.js';
import { canMount, inNamespaceOf, mountTest } from '../../support/machine/mounts.js';
import { hasTool, testWhere } from '../../support/machine/tools.js';

const prove = (scene: Scene, from: string): Ended & { readonly json: JsonRecord } =>
  scene.json(['key', 'verify', 'root-1', '--from', from]);

describe('key verify --from', () => {
  test('takes a copy, and says what it lies on', () => {
    const scene = authorityWith('root');
    const copy = scene.path('copy.age');
    copyFileSync(join(scene.dir, 'keys/root-1.age'), copy);
    const { json } = mustSucceed(prove(scene, `file:${copy}`));
    const medium = expect.objectContaining({ same_disk: true }) as unknown;
    expect(json).toMatchObject({ ok: true, from: `file:${copy}`, medium });
    const proven = linesOf(newestTranscript(scene)).find(({ event }) => event === 'key');
    expect(proven).toMatchObject({ what: 'proven from a backup', medium });
    const { stdout } = mustSucceed(scene.cli(['key', 'verify', 'root-1', '--from', `file:${copy}`]));
    expect(stdout).toMatch(/it is on +\S+ on .*\(\d+:\d+\)[^]*WARNING: the authority is on that same disk/);
  });

  test('takes no key for its own backup, under whatever name', () => {
    const scene = authorityWith('root');
    const own = join(scene.dir, 'keys/root-1.age');
    symlinkSync(own, scene.path('link.age'));
    symlinkSync(scene.dir, scene.path('folder'));
    symlinkSync(join(scene.dir, 'keys'), scene.path('keys'));
    copyFileSync(own, join(scene.dir, 'keys/backup.age'));
    const itself = /is the key file:keys\/root-1\.age itself, and proves no backup/;
    for (const [from, says] of [
      ['file:keys/root-1.age', itself],
      [`file:${own}`, itself],
      [`file:${scene.path('link.age')}`, itself],
      [`file:${scene.path('folder/keys/root-1.age')}`, itself],
      ['file:keys/backup.age', /is inside the authority/],
      [`file:${scene.path('keys/backup.age')}`, /is inside the authority/],
      [`file:${scene.path('folder/none.age')}`, /is inside the authority/],
    ] as const) {
      expectJsonRefusal(prove(scene, from), { status: 1, code: 'not-a-backup', says, hint: 'another medium' });
    }
    // A second name of the key is damage of the authority, whatever it is named for.
    linkSync(own, scene.path('hard.age'));
    const says = /keys\/root-1\.age: the same file has another name/;
    expectJsonRefusal(prove(scene, `file:${scene.path('hard.age')}`), { status: 3, code: 'authority-damaged', says });
  });

  test('is the same in a restore drill', () => {
    const scene = authorityWith('root');
    symlinkSync(join(scene.dir, 'keys/root-1.age'), scene.path('link.age'));
    const drill = scene.json(['run', 'restore-drill', '--set', `backup=file:${scene.path('link.age')}`]);
    expect(drill.json).toMatchObject({ ok: false, code: 'held' });
    const refusal = linesOf(newestTranscript(scene)).find(({ event }) => event === 'refusal');
    expect(refusal).toMatchObject({ code: 'not-a-backup' });
  });

  mountTest('looks through bind mounts', () => {
    const scene = authorityWith('root');
    mkdirSync(scene.path('bound'));
    copyFileSync(join(scene.dir, 'keys/root-1.age'), join(scene.dir, 'keys/backup.age'));
    const under = inNamespaceOf(scene, 'mount --bind "$folder/authority/keys" "$folder/bound"');
    for (const name of ['root-1', 'backup']) {
      const from = `file:${scene.path(`bound/${name}.age`)}`;
      expectJsonRefusal(scene.json(['key', 'verify', 'root-1', '--from', from], { under }), {
        status: 1,
        code: 'not-a-backup',
      });
    }
  });
});

describe("a restore drill's look at the copy", () => {
  /** Spoils a copy of the authority, and says why the drill takes it for none. */
  const SPOILED: readonly (readonly [string, (copy: string, scene: Scene) => void, RegExp])[] = [
    [
      'has the key and the settings alone',
      (copy) => drop(copy, ['transcripts', 'credentials', 'bundles'], ''),
      /not a whole authority/,
    ],
    ['lacks a credential', (copy) => drop(copy, ['credentials'], 'root-1.pem'), /credentials\/root-1\.pem/],
    ['lacks the settings', (copy) => rmSync(join(copy, 'authority.yaml')), /not a whole authority/],
    ['ends before the key was made', (copy) => keepOnly(copy, '0001'), /no record of the key/],
    [
      'was changed, and the change is on record in it',
      (copy) =>
        mustSucceed(cli(['-C', copy, 'bundle', 'published', '--yes', join(copy, 'bundles/bundle-000001.cose')])),
      /not as they are in this authority/,
    ],
    ['lacks another key', (copy) => rmSync(join(copy, OTHER)), /keys\/intermediate-1\.age is not in/],
    ['has another key cut short', (copy) => truncateSync(join(copy, OTHER), 200), /keys\/intermediate-1\.age/],
    ['has another key empty', (copy) => writeFileSync(join(copy, OTHER), ''), /keys\/intermediate-1\.age/],
    ['lacks a request', (copy) => drop(copy, ['requests'], 'intermediate-1.pem'), /requests\/intermediate-1\.pem/],
    ['lacks who signs', (_, scene) => signersIn(scene.dir), /allowed_signers is not in/],
    [
      'has half of who signs',
      (copy, scene) => [scene.dir, copy].forEach((dir, i) => signersIn(dir, i === 0 ? undefined : 40)),
      /allowed_signers line 1/,
    ],
  ];
  const OTHER = 'keys/intermediate-1.age';
  const signersIn = (dir: string, length?: number): void => {
    // The first public key of RFC 8032, section 7.1.
    const key = 'AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea';
    const line = `anna ssh-ed25519 ${key}`;
    writeFileSync(join(dir, 'allowed_signers'), `${line.slice(0, length)}\n`);
  };
  const drop = (copy: string, folders: readonly string[], name: string): void => {
    for (const folder of folders) rmSync(join(copy, folder, name), { recursive: true });
  };
  const keepOnly = (copy: string, number: string): void => {
    for (const name of readdirSync(join(copy, 'transcripts')))
      if (!name.startsWith(number)) rmSync(join(copy, 'transcripts', name));
    for (const folder of ['credentials', 'bundles', 'revocations', 'requests'])
      for (const name of readdirSync(join(copy, folder))) rmSync(join(copy, folder, name));
    for (const name of readdirSync(join(copy, 'keys')).filter((one) => one !== 'root-1.age'))
      rmSync(join(copy, 'keys', name));
  };
  const drillOf = (scene: Scene, copy: string) =>
    scene.json([
      ...['run', 'restore-drill', '--set', `medium=${scene.path('medium')}`],
      ...['--set', `backup=file:${copy}/keys/root-1.age`],
    ]);

  test.each(SPOILED)('says No where it %s', (_, spoil, why) => {
    const scene = authorityWith('bundle');
    const copy = scene.path('medium/example.org-0003');
    cpSync(scene.dir, copy, { recursive: true });
    spoil(copy, scene);
    const drill = drillOf(scene, copy);
    expect(drill.json).toMatchObject({ ok: false, code: 'held', message: expect.stringMatching(why) as unknown });
    expect(linesOf(newestTranscript(scene)).filter(({ event }) => event === 'key')).toEqual([]);
  });

  test('asks for no key that never was here, or was destroyed', () => {
    const scene = authorityWith('bundle');
    for (const args of [
      ['revoke', 'intermediate-1', '--reason', 'superseded'],
      ['bundle', 'export'],
      ['key', 'destroy', 'intermediate-1'],
    ])
      mustSucceed(scene.json(args));
    const copy = scene.path('medium/example.org-0003');
    cpSync(scene.dir, copy, { recursive: true });
    expect(mustSucceed(drillOf(scene, copy)).json.ok).toBe(true);
    // Nor does a ceremony miss it.
    writeFileSync(
      scene.path('look.yaml'),
      'version: 1\ntitle: A\npurpose: B\nroles: { operator: { people: 1 } }\nsteps:\n  - { id: a, check: [authority, key-files], by: operator, no: [hold] }\n',
    );
    mustSucceed(scene.json(['run', scene.path('look.yaml')]));
    expect(linesOf(newestTranscript(scene)).find(({ id }) => id === 'key-files')).toMatchObject({
      saw: expect.stringMatching(/^1 key file is there/) as unknown,
    });
  });

  test('is at the copy whose key is proven, and shows how far it goes', () => {
    const scene = authorityWith('bundle');
    const copy = scene.path('medium/older');
    cpSync(scene.dir, copy, { recursive: true });
    mustSucceed(scene.cli(['revoke', 'credentials/intermediate-1.pem', '--reason', 'key-compromise', '--yes']));
    // The newest by name is another one, and no authority at all.
    mkdirSync(scene.path('medium/example.org-0009'));
    const ended = scene.cli([
      ...['run', 'restore-drill', '--yes', '--set', `medium=${scene.path('medium')}`],
      ...['--set', `backup=file:${copy}/keys/root-1.age`],
    ]);
    expect(mustSucceed(ended).stderr).toMatch(
      /medium\/older is this authority as it was after \d of its \d transcripts/,
    );
    expect(mediaOf(scene).at(-1)).toMatchObject({ action: 'hash', path: copy });
  });
});

const canLoop = canMount && ['losetup', 'mkfs.ext2'].every(hasTool);

/** The folder of a stick that is none: nothing is mounted there, and on a live system it lies in memory. */
const IN_MEMORY: readonly (readonly [string, string])[] = [
  ['a tmpfs', 'mount -t tmpfs tmpfs "$folder/stick"'],
  [
    'an overlay that writes to memory, as live systems have it',
    'mkdir -p "$folder/ram" "$folder/low"; mount -t tmpfs tmpfs "$folder/ram"; mkdir "$folder/ram/up" "$folder/ram/work"; mount -t overlay overlay -o "lowerdir=$folder/low,upperdir=$folder/ram/up,workdir=$folder/ram/work" "$folder/stick"',
  ],
  ...(canLoop
    ? ([
        [
          'an image in memory',
          'mkdir -p "$folder/ram"; mount -t tmpfs tmpfs "$folder/ram"; truncate -s 4M "$folder/ram/image"; mkfs.ext2 -q "$folder/ram/image"; mount -o loop "$folder/ram/image" "$folder/stick"',
        ],
      ] as const)
    : []),
];

describe('a backup in memory', () => {
  for (const [what, mount] of IN_MEMORY) {
    mountTest(`on ${what} is said to be gone with the power, and its re-read does not count`, () => {
      const scene = authorityWith('root');
      mkdirSync(scene.path('stick'));
      const under = inNamespaceOf(scene, mount);
      const ended = scene.cli(['run', scriptFor(scene, scene.path('stick'), 'copy', 're-read')], { under });
      expect(ended.stdout + ended.stderr).toMatch(/WARNING: that is in memory, and lost when the machine/);
      expect(ended).toMatchObject({ status: 1, stderr: expect.stringMatching(/held at step \d/) as unknown });
      expect(mediaOf(scene)[0]).toMatchObject({ action: 'copy', in_memory: true });
      const copied = inNamespaceOf(scene, `${mount}; cp "$folder/authority/keys/root-1.age" "$folder/stick"`);
      expect(scene.cli(['resume', '--abort'], { under: copied }).status).toBe(0);
      const from = `file:${scene.path('stick/root-1.age')}`;
      expect(scene.cli(['key', 'verify', 'root-1', '--from', from], { under: copied })).toMatchObject({
        status: 0,
        stdout: expect.stringMatching(/WARNING: that is in memory/) as unknown,
      });
    });
  }
});

describe('a backup in a file system on top of another', () => {
  mountTest('is the key itself, where an overlay shows it', () => {
    const scene = authorityWith('root');
    for (const name of ['up', 'work', 'shown']) mkdirSync(scene.path(name));
    const options = 'lowerdir=authority/keys,upperdir=up,workdir=work';
    const under = inNamespaceOf(scene, `cd "$folder"; mount -t overlay overlay -o ${options} shown`);
    const from = `file:${scene.path('shown/root-1.age')}`;
    expectJsonRefusal(scene.json(['key', 'verify', 'root-1', '--from', from], { under }), {
      status: 1,
      code: 'not-a-backup',
      says: /is the key file:keys\/root-1\.age itself/,
    });
    // The same with a name and times of its own, and no bytes: they are the key's.
    const copiedUp = `lowerdir=$folder/authority/keys,upperdir=$folder/up,workdir=$folder/work,metacopy=on,redirect_dir=on`;
    for (const change of [
      'chmod 400 shown/root-1.age',
      'touch shown/root-1.age',
      'mv shown/root-1.age shown/moved.age',
    ]) {
      const shown = inNamespaceOf(
        scene,
        `cd "$folder"; rm -rf up work; mkdir up work; mount -t overlay overlay -o ${copiedUp} shown; ${change}`,
      );
      const name = change.split('/').at(-1) ?? '';
      expectJsonRefusal(
        scene.json(['key', 'verify', 'root-1', '--from', `file:${scene.path(`shown/${name}`)}`], { under: shown }),
        {
          status: 1,
          code: 'not-a-backup',
        },
      );
    }
    // A mount whose name is no text hides none of the others.
    const hidden = `mkdir "$(printf '%s/\\377' "$folder")"; mount -t tmpfs tmpfs "$(printf '%s/\\377' "$folder")"`;
    const shown = inNamespaceOf(
      scene,
      `cd "$folder"; rm -rf up work; mkdir up work; mount -t overlay overlay -o ${copiedUp} shown; touch shown/root-1.age; ${hidden}`,
    );
    expectJsonRefusal(
      scene.json(['key', 'verify', 'root-1', '--from', `file:${scene.path('shown/root-1.age')}`], { under: shown }),
      { status: 1, code: 'not-a-backup' },
    );
    // A copy that an overlay over something else holds is one, but nobody sees where.
    mkdirSync(scene.path('low'));
    const copied = inNamespaceOf(
      scene,
      'cd "$folder"; rm -rf up work; mkdir up work; mount -t overlay overlay -o "lowerdir=$folder/low,upperdir=$folder/up,workdir=$folder/work" shown; cp authority/keys/root-1.age shown/copy.age',
    );
    const taken = scene.cli(['key', 'verify', 'root-1', '--from', `file:${scene.path('shown/copy.age')}`], {
      under: copied,
    });
    expect(taken).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/WARNING: the system does not show/) as unknown,
    });
    expect(linesOf(newestTranscript(scene)).find(({ event }) => event === 'key')?.medium).not.toHaveProperty(
      'same_disk',
    );
  });

  testWhere(
    canLoop,
    'right to mount, and loop devices',
    "is on the authority's disk, where an image on it holds it",
    () => {
      const scene = authorityWith('root');
      mkdirSync(scene.path('stick'));
      const under = inNamespaceOf(
        scene,
        'truncate -s 4M "$folder/image"; mkfs.ext2 -q "$folder/image"; mount -o loop "$folder/image" "$folder/stick"; cp "$folder/authority/keys/root-1.age" "$folder/stick"',
      );
      const { json } = scene.json(['key', 'verify', 'root-1', '--from', `file:${scene.path('stick/root-1.age')}`], {
        under,
      });
      expect(json).toMatchObject({ ok: true, medium: { file_system: 'ext2', same_disk: true } });
    },
  );
});

const SCRIPT = (medium: string, ...actions: readonly string[]): string => `version: 1
title: Copies
purpose: A copy is made.
roles: { operator: { people: 1 } }
steps:
${actions.map((action, i) => `  - { id: s${String(i)}, media: ${action}, medium: a stick, path: '${medium}', by: operator, no: [hold] }`).join('\n')}
`;

function scriptFor(scene: Scene, medium: string, ...actions: readonly string[]): string {
  const file = scene.path('script.yaml');
  writeFileSync(file, SCRIPT(medium, ...actions));
  return file;
}

const mediaOf = (scene: Scene): readonly JsonRecord[] =>
  linesOf(newestTranscript(scene)).filter(({ event }) => event === 'media');

describe('media', () => {
  test('say where they are, and warn if that is the disk of the authority', () => {
    const scene = authorityWith('root');
    const stick = scene.path('stick');
    mkdirSync(stick);
    mustSucceed(scene.cli(['run', scriptFor(scene, stick, 'identify', 'copy', 're-read')]));
    const facts = { device: expect.stringMatching(/\(\d+:\d+\)$/) as unknown, same_disk: true };
    expect(mediaOf(scene)).toMatchObject([
      { action: 'identify', ...facts },
      { action: 'copy', ...facts },
      { action: 're-read', ...facts, uncached: true, differing: [] },
    ]);
  });

  test('inside the authority are none', () => {
    const scene = authorityWith('root');
    symlinkSync(join(scene.dir, 'keys'), scene.path('stick'));
    for (const path of [scene.dir, scene.path('stick')]) {
      const { json } = scene.json(['run', scriptFor(scene, path, 'copy')]);
      expect(json).toMatchObject({ ok: false, code: 'held' });
      expect(JSON.stringify(linesOf(newestTranscript(scene)))).toContain('is inside the authority');
      mustSucceed(scene.cli(['resume', '--abort']));
    }
  });

  test.each([
    ['the authority itself', (scene: Scene) => scene.dir],
    ['a copy that lies elsewhere', (scene: Scene) => scene.path('elsewhere')],
  ])('are no place for a link to %s', (_what, target) => {
    const scene = authorityWith('root');
    const stick = scene.path('stick');
    mkdirSync(stick);
    cpSync(scene.dir, scene.path('elsewhere'), { recursive: true });
    for (const [action, number] of [
      ['re-read', '0003'],
      ['hash', '0004'],
    ] as const) {
      symlinkSync(target(scene), join(stick, `example.org-${number}`));
      const { json } = scene.json(['run', scriptFor(scene, stick, action)]);
      expect(json).toMatchObject({ ok: false, code: 'held' });
      expect(json.message).toContain(`example.org-${number} is not a folder of its own on the medium`);
      mustSucceed(scene.cli(['resume', '--abort']));
    }
  });

  mountTest('are no place for the authority in a bind mount', () => {
    const scene = authorityWith('root');
    const copy = scene.path('stick/example.org-0003');
    mkdirSync(copy, { recursive: true });
    cpSync(scene.dir, copy, { recursive: true });
    const under = inNamespaceOf(scene, 'mount --bind "$folder/authority/keys" "$folder/stick/example.org-0003/keys"');
    const { json } = scene.json(['run', scriptFor(scene, scene.path('stick'), 'hash')], { under });
    expect(json).toMatchObject({ ok: false, code: 'held' });
    expect(json.message).toContain(`${copy}/keys is the authority itself`);
  });

  const loops = canLoop && hasTool('script');
  mountTest('are no place for a file of the authority in a bind mount', () => {
    for (const action of ['hash', 're-read']) {
      const scene = authorityWith('root');
      const copy = scene.path('stick/example.org-0003');
      mkdirSync(copy, { recursive: true });
      cpSync(scene.dir, copy, { recursive: true });
      const bind = 'mount --bind "$folder/authority/keys/root-1.age" "$folder/stick/example.org-0003/keys/root-1.age"';
      const { json } = scene.json(['run', scriptFor(scene, scene.path('stick'), action)], {
        under: inNamespaceOf(scene, bind),
      });
      expect(json).toMatchObject({ ok: false, code: 'held' });
      expect(json.message).toContain(`${copy}/keys/root-1.age is the authority's own file`);
    }
  });

  mountTest('say so if they are hashed from memory', () => {
    const scene = authorityWith('root');
    mkdirSync(scene.path('stick'));
    const mount = 'mount -t tmpfs tmpfs "$folder/stick"; cp -r "$folder/authority" "$folder/stick/example.org-0003"';
    const ended = scene.cli(['run', scriptFor(scene, scene.path('stick'), 'hash')], {
      under: inNamespaceOf(scene, mount),
    });
    expect(ended).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("from the system's cache") as unknown,
    });
    expect(mediaOf(scene)).toMatchObject([{ action: 'hash', uncached: false }]);
  });

  testWhere(loops, 'right to mount, and loop devices', 'are read again past what the system remembers', async () => {
    const scene = authorityWith('root');
    const [stick, image] = [scene.path('stick'), scene.path('image')];
    mkdirSync(stick);
    const mounted =
      'truncate -s 4M "$folder/image"; mkfs.ext2 -q "$folder/image"; mount -o loop "$folder/image" "$folder/stick"';
    const file = scriptFor(scene, stick, 'copy', 're-read');
    const pause = '  - { id: now, say: Now, by: operator, no: [hold] }\n  - { id: s1,';
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace('  - { id: s1,', pause).replaceAll('[hold]', '[retry, hold]'),
    );
    const all = new People(['-C', scene.dir, 'run', file, '--person', 'operator=Olga'], {
      cwd: scene.folder,
      under: inNamespaceOf(scene, mounted),
    });
    await all.answer('Roll-call', 'Olga');
    await all.terminal.see(/is\s+on\s+ext2\s+on\s+\/dev\/loop\d+ \(7:\d+\)/);
    await all.terminal.see('files are copied');
    const key = readFileSync(join(scene.dir, 'keys/root-1.age'));
    const at = readFileSync(image).indexOf(key.subarray(0, 1024));
    expect(at).toBeGreaterThan(0);
    const overwrite = (bytes: Uint8Array): void => {
      const fd = openSync(image, 'r+');
      writeSync(fd, bytes, 0, bytes.length, at);
      closeSync(fd);
    };
    overwrite(new Uint8Array(64));
    await all.answer('Read aloud', '');
    await all.terminal.see(/NO: keys\/root-1\.age\s+differ/);
    overwrite(key.subarray(0, 64));
    await all.answer('What next', 'retry');
    await all.terminal.see(/0\s+differ\s+or\s+are\s+missing/);
    await all.ends(0);
    expect(mediaOf(scene)).toMatchObject([
      { action: 'copy', device: expect.stringMatching(/^\/dev\/loop\d+ \(7:\d+\)$/) as unknown, same_disk: true },
      { action: 're-read', file_system: 'ext2', uncached: true, differing: ['keys/root-1.age'] },
      { action: 're-read', file_system: 'ext2', uncached: true, differing: [] },
    ]);
  });
});
