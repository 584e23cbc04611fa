/** An authority that somebody or something has changed: every file that is wrong is named, and nothing is signed. */
import { appendFileSync, copyFileSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cli } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newAuthority, readTree, type Scene } from '../../support/cli/cli-authority.js';
import { errorOf, expectJsonRefusal, expectRefusal, type Refusal } from '../../support/cli/cli-errors.js';
import { now } from '../../support/cli/planted.js';
import { addCeremony } from '../../support/cli/transcripts.js';
import { toolTest } from '../../support/machine/tools.js';

const DAMAGED = { status: 3, code: 'authority-damaged' } as const;
const NEWEST = 'transcripts/0005-bundle-export.jsonl';
const EXPORT = ['bundle', 'export'];
const at = ({ dir }: Scene, name: string): string => join(dir, name);
const swap = (scene: Scene, a: string, b: string): void => {
  renameSync(at(scene, a), scene.path('aside'));
  renameSync(at(scene, b), at(scene, a));
  renameSync(scene.path('aside'), at(scene, b));
};
const write = (name: string, text: string) => (scene: Scene) => writeFileSync(at(scene, name), text);
const cut = (name: string) => (scene: Scene) => truncateSync(at(scene, name), 100);
const INTERMEDIATE = 'credentials/intermediate-1.pem';
const ROOT = 'credentials/root-1.pem';

type Damage = readonly [name: string, damage: (scene: Scene) => void, refusal: Refusal];

const DAMAGES: readonly Damage[] = [
  ['a credential cut short', cut(INTERMEDIATE), { ...DAMAGED, says: INTERMEDIATE }],
  ['an empty credential', write(ROOT, ''), { ...DAMAGED, says: ROOT }],
  ['credentials in each other’s place', (scene) => swap(scene, ROOT, INTERMEDIATE), { ...DAMAGED, says: 'damaged' }],
  [
    'one credential under two names',
    (scene) => copyFileSync(at(scene, INTERMEDIATE), at(scene, 'credentials/intermediate-2.pem')),
    {
      ...DAMAGED,
      says: 'intermediate-2.pem: no transcript says that it was made: it is a copy of credentials/intermediate-1.pem',
    },
  ],
  ['an unknown file', write('credentials/notes.txt', 'hello'), { ...DAMAGED, says: 'credentials/notes.txt' }],
  ['an unknown bundle', write('bundles/bundle-1.cose', 'x'), { ...DAMAGED, says: 'bundles/bundle-1.cose' }],
  ['a key record cut short', cut('keys/root-1.json'), { ...DAMAGED, says: 'keys/root-1.json' }],
  ...[' ', '{}', '\0'].map((text): Damage => [
    `${JSON.stringify(text)} behind the end of a ceremony`,
    (scene) => appendFileSync(addCeremony(scene, { atSeconds: now() }), text),
    { ...DAMAGED, says: '0006-run.jsonl' },
  ]),
  ['a transcript that was changed', changeTranscript, { ...DAMAGED, says: '0005-bundle-export.jsonl' }],
  [
    'a transcript with another command in its name',
    (scene) => renameSync(at(scene, NEWEST), at(scene, 'transcripts/0005-revoke.jsonl')),
    {
      ...DAMAGED,
      says: '0005-revoke.jsonl: it is the transcript of "bundle export", whose name is 0005-bundle-export.jsonl',
    },
  ],
  [
    'a transcript with more digits in its name',
    (scene) => renameSync(at(scene, NEWEST), at(scene, 'transcripts/00005-bundle-export.jsonl')),
    { ...DAMAGED, says: /00005-bundle-export\.jsonl: .* whose name is 0005-bundle-export\.jsonl/ },
  ],
  [
    'a first transcript with another number',
    (scene) => renameSync(at(scene, 'transcripts/0001-init.jsonl'), at(scene, 'transcripts/0000-init.jsonl')),
    { ...DAMAGED, says: '0000-init.jsonl: ' },
  ],
  ['a bundle cut short', cut('bundles/bundle-000001.cose'), { ...DAMAGED, says: 'bundle-000001.cose' }],
  [
    'a bundle under another number',
    (scene) => renameSync(at(scene, 'bundles/bundle-000001.cose'), at(scene, 'bundles/bundle-000009.cose')),
    { ...DAMAGED, says: 'bundle-000001.cose: it is missing' },
  ],
  [
    'a journal that is none',
    write('pending.json', '{"version":1}'),
    { ...DAMAGED, says: 'pending.json', hint: 'copy' },
  ],
  ['a lock that is none', write('lock', 'mine'), { status: 3, code: 'authority-locked', hint: 'rm ' }],
];

function changeTranscript(scene: Scene): void {
  const file = at(scene, 'transcripts/0005-bundle-export.jsonl');
  writeFileSync(file, readFileSync(file, 'utf8').replace('"what":"bundle"', '"what":"bungle"'));
}

describe('damage', () => {
  test.each(DAMAGES)('%s', (_name, damage, refusal) => {
    const scene = authorityWith('bundle');
    damage(scene);
    const before = readTree(scene.dir);
    expectRefusal(scene.cli(EXPORT), refusal);
    expectJsonRefusal(scene.json(EXPORT), refusal);
    if (refusal.code !== 'authority-locked') {
      expectRefusal(scene.cli(['status']), refusal);
      expect(cli(['-C', scene.dir, 'ledger', 'verify']).stdout).not.toMatch('The record is whole');
    }
    expect(readTree(scene.dir)).toEqual(before);
  });

  test('every damaged file is listed at once', () => {
    const scene = authorityWith('bundle');
    write('credentials/notes.txt', '')(scene);
    cut(INTERMEDIATE)(scene);
    const { json } = scene.json(['status']);
    expect(json.message).toMatch('2 files');
    const messages = (json.findings as readonly { message: string }[]).map(({ message }) => message);
    expect(messages.join('\n')).toMatch(
      /credentials\/notes\.txt[^]*credentials\/intermediate-1\.pem|credentials\/intermediate-1\.pem[^]*credentials\/notes\.txt/,
    );
  });

  test.each([
    ['the root', ROOT, 'authority-damaged'],
    ['the key record', 'keys/root-1.json', 'authority-damaged'],
    ['the key file', 'keys/root-1.age', 'file-not-found'],
  ])('without %s: an error that says so, and nothing changed', (_name, file, code) => {
    const scene = authorityWith('intermediate');
    rmSync(at(scene, file));
    const before = readTree(scene.dir);
    const ended = scene.cli(EXPORT);
    expect(errorOf(ended).code).toBe(code);
    expect(ended.status).toBe(3);
    expect(readTree(scene.dir)).toEqual(before);
  });
});

test('key files in each other’s place: key-mismatch before anything is signed', () => {
  const scene = authorityWith('intermediate');
  swap(scene, 'keys/root-1.age', 'keys/intermediate-1.age');
  const before = readTree(scene.dir);
  const refusal = { status: 1, code: 'key-mismatch', says: 'holds another key' } as const;
  expectRefusal(scene.cli(EXPORT), refusal);
  expectRefusal(scene.cli(['key', 'verify', 'root-1']), refusal);
  expectRefusal(
    scene.cli(['key', 'change-passphrase', 'root-1', '--new-passphrase-file', scene.passphraseFile]),
    refusal,
  );
  expect(readTree(scene.dir)).toEqual(before);
});

test.each([
  ['cut short', (file: string) => truncateSync(file, 200), 'bad-key-file'],
  ['empty', (file: string) => truncateSync(file, 0), 'bad-key-file'],
  ['something else', (file: string) => writeFileSync(file, 'hello\n'), 'bad-key-file'],
  ['large', (file: string) => truncateSync(file, 1024 * 1024), 'file-too-large'],
  ['larger than anything there', (file: string) => truncateSync(file, 100 * 1024 * 1024), 'authority-damaged'],
])('a key file that is %s', (_name, damage, code) => {
  const scene = authorityWith('root');
  damage(at(scene, 'keys/root-1.age'));
  const before = readTree(scene.dir);
  expectRefusal(scene.cli(EXPORT), { status: 3, code, says: 'root-1.age' });
  expect(readTree(scene.dir)).toEqual(before);
});

describe('authority.yaml', () => {
  const SETTINGS: readonly [string, (yaml: string) => string, string | RegExp][] = [
    [
      'a wrong value',
      (yaml) => yaml.replace(/key_work_factor: .*/, 'key_work_factor: 99'),
      /authority\.yaml:\d+: key_work_factor: /,
    ],
    ['an unknown field', (yaml) => `${yaml}colour: blue\n`, /authority\.yaml:\d+: colour: is not a setting/],
    [
      'a nested one',
      (yaml) => yaml.replace('  root: P10Y', '  root: ten years'),
      /authority\.yaml:\d+: lifetimes\.root: /,
    ],
    ['a missing domain', (yaml) => yaml.replace(/^domain: .*$/m, ''), /authority\.yaml:\d+: domain: is missing/],
    ['no YAML', (yaml) => `${yaml}{{{`, /authority\.yaml:\d+: /],
    ['nothing', () => '', /authority\.yaml/],
    ['binary', () => '\u0000\u0001\u001b[2J', /authority\.yaml/],
  ];
  test.each(SETTINGS)('%s: line, field and what', (_name, change, says) => {
    const scene = newAuthority('example.org', change);
    const before = readTree(scene.dir);
    for (const args of [['status'], ['root', 'generate']]) {
      const ended = scene.cli(args);
      expectRefusal(ended, { status: 3, code: 'bad-settings', says, hint: 'authority.yaml' });
      expect(ended.stderr).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    }
    expect(readTree(scene.dir)).toEqual(before);
  });

  test('the line is the right one', () => {
    const scene = newAuthority('example.org', (yaml) => yaml.replace('  root: P10Y', '  root: P-1Y'));
    const lines = readFileSync(at(scene, 'authority.yaml'), 'utf8').split('\n');
    const line = lines.indexOf('  root: P-1Y') + 1;
    expect(errorOf(scene.cli(['status'])).error).toContain(`authority.yaml:${String(line)}: lifetimes.root`);
  });

  test('another domain than the root’s is refused before signing', () => {
    const scene = authorityWith('intermediate');
    const yaml = readFileSync(at(scene, 'authority.yaml'), 'utf8').replace('example.org', 'example.net');
    writeFileSync(at(scene, 'authority.yaml'), yaml);
    const ended = scene.cli(EXPORT);
    expect(ended.status).not.toBe(0);
    expect(errorOf(ended).error).toMatch(/example\.(org|net)/);
  });
});

describe('a wrong clock', () => {
  for (const [name, time, says] of [
    ['before the newest thing on disk', '-5 minutes', 'before the newest thing'],
    ['years back', '2001-01-01 00:00:00', 'clock'],
  ] as const) {
    toolTest('faketime', `${name}: nothing is signed, and the clock is named`, () => {
      // Made just now, unlike those that test files share.
      const scene = newAuthority();
      mustSucceed(scene.cli(['root', 'generate']));
      const before = readTree(scene.dir);
      for (const args of [EXPORT, ['intermediate', 'request', '--key', 'file:keys/intermediate-2.age']]) {
        const ended = scene.cli(args, { under: ['faketime', time] });
        const { error, hint } = errorOf(ended);
        expect([ended.status, (error + hint).includes(says)]).toEqual([1, true]);
      }
      expect(readTree(scene.dir)).toEqual(before);
    });
  }

  toolTest('faketime', 'in eleven years the root has expired, and status says so', () => {
    const scene = authorityWith('bundle');
    const status = mustSucceed(scene.json(['status'], { under: ['faketime', '+11 years'] })).json;
    expect((status.credentials as readonly { state: string }[]).map(({ state }) => state)).toEqual([
      'expired',
      'expired',
    ]);
    const ended = scene.cli(EXPORT, { under: ['faketime', '+11 years'] });
    expectRefusal(ended, { status: 1, code: 'no-root' });
  });
});
