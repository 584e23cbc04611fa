/**
 * Somebody who can write the folder adds to the record, or puts another in its place. Old transcripts stay as they
 * were; what is added gives itself away.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { addEvent, encodeTranscript, startTranscript } from '../../../src/authority/formats/transcript.js';
import type { JsonObject } from '../../../src/codec/strict-json.js';
import { cli, cliJson } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newAuthority, readTree, type Scene } from '../../support/cli/cli-authority.js';
import { expectRefusal } from '../../support/cli/cli-errors.js';
import { expectFound, files, kidOf, now, plant, type PlantedEvent } from '../../support/cli/planted.js';
import { addCeremony, type Line, linesOf, named, newestTranscript } from '../../support/cli/transcripts.js';
import { makeSshKey, sshTest, writeAllowedSigners } from '../../support/keys/ssh-keys.js';

const file = (scene: Scene, path: string): string => join(scene.dir, path);
const put = (scene: Scene, path: string, text: string): JsonObject => {
  writeFileSync(file(scene, path), text);
  return named(scene, path);
};

/** Lets intermediates live two years, and gives the event that says the file is the one that was. */
function editedSettings(scene: Scene): PlantedEvent {
  const yaml = readFileSync(file(scene, 'authority.yaml'), 'utf8').replace('intermediate: P1Y', 'intermediate: P2Y');
  writeFileSync(file(scene, 'authority.yaml'), yaml);
  const events = ['0001-init', '0002-root-generate'].flatMap((name) =>
    linesOf(file(scene, `transcripts/${name}.jsonl`)),
  );
  const values = events.filter(({ event }) => event === 'settings').at(-1)?.values;
  const sha256 = createHash('sha256').update(yaml).digest('hex');
  return ['settings', { path: 'authority.yaml', sha256, values: values as JsonObject }];
}

sshTest('three lines with other hashes do not put another root in the place of the witnessed one', () => {
  const scene = authorityWith('root');
  const foreign = newAuthority();
  mustSucceed(foreign.cli(['root', 'generate']));
  const anna = makeSshKey(scene.folder, 'anna');
  writeAllowedSigners(file(scene, 'allowed_signers'), [['anna', anna]]);
  const witnessed = addCeremony(scene, { toSign: ['anna'], atSeconds: now() });
  mustSucceed(cli(['transcript', 'sign', witnessed, '--as', 'anna', '--key', anna.file, '--yes']));
  expect(cliJson(['-C', scene.dir, 'ledger', 'verify']).json.anchor).toBe(witnessed);
  for (const command of ['root generate', 'root rotate', 'ledger receive', 'key attach', 'run']) {
    const paths = ['credentials/root-1.pem', 'keys/root-1.json'];
    const saved = paths.map((path) => readFileSync(file(scene, path)));
    for (const path of paths) writeFileSync(file(scene, path), readFileSync(file(foreign, path)));
    const planted = plant(scene, command, [files(...paths.map((path) => named(scene, path)))]);
    expectFound(scene, /root-1\.pem: it is not the file that a transcript says was made/);
    expectFound(scene, /a file is recorded once, and this is another hash/);
    rmSync(file(scene, planted));
    paths.forEach((path, i) => writeFileSync(file(scene, path), saved[i] ?? ''));
  }
});

describe('a transcript that no command wrote', () => {
  const HUGE = 2 ** 53 - 3;
  const ZERO = '0'.repeat(64);
  const revocation = `revocations/${'07'.repeat(32)}.json`;
  const revoked = (scene: Scene): JsonObject =>
    put(
      scene,
      revocation,
      JSON.stringify({
        version: 1,
        fingerprint: '07'.repeat(32),
        revoked_at: '2026-01-01T00:00:00Z',
        reason: 'superseded',
      }),
    );
  const mark = (scene: Scene, state: string): JsonObject => {
    const sha256 = named(scene, 'bundles/bundle-000001.cose').sha256 as string;
    const text = JSON.stringify({ version: 1, state, at: '2026-11-27T00:00:00Z', sha256 });
    return put(scene, `bundles/bundle-000001.${state}.json`, text);
  };
  const sign = (scene: Scene, sequence: number): PlantedEvent => [
    'sign',
    { what: 'bundle', sequence, kid: kidOf(scene), signed_sha256: ZERO },
  ];

  const cases: readonly [name: string, plant: (scene: Scene) => unknown, what: RegExp][] = [
    [
      'a signature in an export',
      (s) => plant(s, 'bundle export', [sign(s, HUGE), files()]),
      /no file .* has that signature/,
    ],
    [
      'a staged number that no bundle has',
      (s) => plant(s, 'bundle sign', [sign(s, HUGE), ['stage', {}], files()]),
      /no bundle can have that number/,
    ],
    [
      'a staged signature by nobody',
      (s) =>
        plant(s, 'bundle sign', [
          ['sign', { what: 'bundle', sequence: 2000, kid: ZERO, signed_sha256: ZERO }],
          ['stage', { compared: false }],
          files(),
        ]),
      /not a root of this authority/,
    ],
    ['a signature in a revocation', (s) => plant(s, 'revoke', [sign(s, 7), files()]), /revoke writes no event sign/],
    [
      'a signature on what is there, with another number',
      (s) => {
        const old = linesOf(newestTranscript(s)).find(({ event }) => event === 'sign');
        const again = { what: 'bundle', sequence: HUGE, kid: kidOf(s), signed_sha256: String(old?.signed_sha256) };
        plant(s, 'bundle export', [['sign', again], files()]);
      },
      /no file .* has that signature/,
    ],
    [
      'a floor from nowhere',
      (s) => plant(s, 'bundle export', [['rebuild', { sequence_floor: HUGE }], files()]),
      /bundle export writes no event rebuild/,
    ],
    ['a second init', (s) => plant(s, 'init', [['rebuild', { sequence_floor: HUGE }], files()]), /begins once/],
    [
      'an unknown command',
      (s) => plant(s, 'bundle bless', [files()]),
      /no command that writes is called .*bundle bless/,
    ],
    ['an unknown event', (s) => plant(s, 'revoke', [['wish', {}], files()]), /revoke writes no event wish/],
    [
      'settings by themselves',
      (s) => plant(s, 'settings', [editedSettings(s), files()]),
      /no command that writes is called/,
    ],
    [
      'settings out of place',
      (s) => plant(s, 'key verify', [['key', {}], editedSettings(s), files()]),
      /key verify writes the event settings elsewhere/,
    ],
    [
      'settings that are none',
      (s) =>
        plant(s, 'key verify', [
          ['settings', { path: 'authority.yaml', sha256: 'x', values: {} }],
          ['key', {}],
          files(),
        ]),
      /it is not a valid settings event/,
    ],
    [
      'settings of another file',
      (s) => {
        const [, fields] = editedSettings(s);
        plant(s, 'key verify', [['settings', { ...fields, path: 'keys/root-1.json' }], ['key', {}], files()]);
      },
      /it is not a valid settings event/,
    ],
    [
      'a revocation that nothing announces',
      (s) => plant(s, 'revoke', [files(revoked(s))]),
      /nothing in it says why revocations/,
    ],
    [
      'a revocation by an export',
      (s) => plant(s, 'bundle export', [files(revoked(s))]),
      /bundle export does not write revocations/,
    ],
    [
      'a mark that nothing announces',
      (s) => plant(s, 'bundle published', [files(mark(s, 'published'))]),
      /nothing in it says why bundles/,
    ],
    [
      'a withdrawal that nothing announces',
      (s) => plant(s, 'bundle withdraw', [files(mark(s, 'withdrawn'))]),
      /nothing in it says why bundles/,
    ],
    [
      'another mark than the announced',
      (s) =>
        plant(s, 'bundle withdraw', [['bundle', { state: 'published', sequence: 1 }], files(mark(s, 'withdrawn'))]),
      /nothing in it says why bundles/,
    ],
    [
      'a key by a revocation',
      (s) => plant(s, 'revoke', [files(put(s, 'keys/mine.json', readFileSync(file(s, 'keys/root-1.json'), 'utf8')))]),
      /revoke does not write keys/,
    ],
    [
      'a key that changes',
      (s) =>
        plant(s, 'key attach', [
          ['key', { what: 'attached' }],
          files({ ...named(s, 'keys/root-1.json'), final: false }),
        ]),
      /does not change once it is written/,
    ],
    [
      'a root that nobody signed',
      (s) => {
        const other = newAuthority();
        mustSucceed(other.cli(['root', 'generate']));
        const foreign = readFileSync(file(other, 'credentials/root-1.pem'), 'utf8');
        plant(s, 'root rotate', [
          ['sign', { what: 'AsCredential', signed_sha256: ZERO }],
          files(put(s, 'credentials/root-2.pem', foreign)),
        ]);
      },
      /no file .* has that signature|no signature on record is that of credentials\/root-2/,
    ],
    [
      'hashes that are none',
      (s) => plant(s, 'revoke', [files({ path: 'x/y/z', sha256: ZERO })]),
      /files are not paths and hashes/,
    ],
    [
      'a bundle that was put together from nobody’s signatures',
      (s) => {
        const other = newAuthority();
        mustSucceed(other.cli(['root', 'generate']));
        for (let i = 0; i < 2; i++) mustSucceed(other.cli(['bundle', 'export']));
        const foreign = readFileSync(file(other, 'bundles/bundle-000002.cose'));
        writeFileSync(file(s, 'bundles/bundle-000002.cose'), foreign);
        plant(s, 'bundle assemble', [
          ['signature', { what: 'bundle', kid: kidOf(s) }],
          files(named(s, 'bundles/bundle-000002.cose')),
        ]);
      },
      /the signatures that came back are not those of bundles\/bundle-000002/,
    ],
    ['no word of files', (s) => plant(s, 'revoke', []), /does not say which files/],
    ['a number left out', (s) => plant(s, 'key verify', [['key', {}], files()], now(), 2), /its number is not 6/],
    [
      'an earlier time',
      (s) => plant(s, 'key verify', [['key', {}], files()], now() - 86_400),
      /only the recovery from a wrong clock goes back/,
    ],
    [
      'a clock that one person recovers',
      (s) =>
        plant(
          s,
          'clock recover',
          [['clock', { newest_record: 'x', vouched_for_by: ['Anna', 'anna'] }], files()],
          now() - 86_400,
        ),
      /fewer than two people/,
    ],
    [
      'a clock from another time',
      (s) =>
        plant(
          s,
          'clock recover',
          [['clock', { newest_record: '2026-01-01T00:00:00Z', vouched_for_by: ['Anna', 'Bert'] }], files()],
          now() - 86_400,
        ),
      /the clock was not before/,
    ],
    [
      'a ceremony without a plan that signs',
      (s) => plant(s, 'run', [['step', { step: 1 }], sign(s, 2), files()]),
      /no step of the plan changes anything/,
    ],
    ['a ceremony that writes what is no event', (s) => plant(s, 'run', [['wish', {}]]), /no step of the plan/],
    ['another mode', (s) => plant(s, 'key verify', [['key', { mode: 'REHEARSAL' }], files()]), /another mode/],
  ];

  test.each(cases)('%s', (_name, attack, what) => {
    const scene = authorityWith('bundle');
    attack(scene);
    expectFound(scene, what);
  });
});

/**
 * The newest transcript anew, with other lines: whoever writes the folder can do that to whatever nobody has signed.
 */
function rewrite(scene: Scene, change: (lines: Line[]) => Line[]): void {
  const path = newestTranscript(scene);
  const [first, ...others] = change(linesOf(path));
  const at = ({ time }: Line): number => Date.parse(String(time)) / 1000;
  const own = ['seq', 'time', 'prev', 'event'];
  const fields = (line: Line): JsonObject =>
    Object.fromEntries(Object.entries(line).filter(([key]) => !own.includes(key))) as JsonObject;
  if (first === undefined) return;
  const { previous_transcript: previousHead, ...start } = fields(first);
  let transcript = startTranscript({ previousHead: previousHead as string, fields: start, atSeconds: at(first) });
  for (const one of others) transcript = addEvent(transcript, one.event, fields(one), at(one));
  writeFileSync(path, encodeTranscript(transcript));
}

test('a line that no step of a ceremony could write is found, though the chain is whole', () => {
  const scene = authorityWith('bundle');
  mustSucceed(scene.cli(['run', 'bundle-series', '--set', 'count=2']));
  const whole = readFileSync(newestTranscript(scene));
  rewrite(scene, (lines) => lines);
  expect(readFileSync(newestTranscript(scene))).toEqual(whole);
  const time = linesOf(newestTranscript(scene)).at(-1)?.time;
  const sign = {
    event: 'sign',
    time,
    what: 'bundle',
    sequence: 5000,
    kid: kidOf(scene),
    signed_sha256: 'ab'.repeat(32),
  };
  const spot = (lines: Line[], fits: (line: Line) => boolean): number => lines.findIndex(fits);
  const insertions: readonly [before: (line: Line) => boolean, line: Line, what: RegExp][] = [
    [({ event }) => event === 'end', sign, /no step of the plan changes anything/],
    [({ event }) => event === 'sign', sign, /no file .* has that signature/],
    [
      ({ event }) => event === 'sign',
      { event: 'revoke', time, fingerprints: [] },
      /bundle export writes no event revoke/,
    ],
    [
      ({ event }) => event === 'sign',
      { event: 'rebuild', time, sequence_floor: 5000 },
      /bundle export writes no event rebuild/,
    ],
    [({ event }) => event === 'end', { event: 'settings', time, path: 'authority.yaml' }, /no step of the plan/],
  ];
  for (const [before, line, what] of insertions) {
    rewrite(scene, (lines) => {
      const at = spot(lines, before);
      return [...lines.slice(0, at), { ...line, time: lines[at]?.time }, ...lines.slice(at)];
    });
    expectFound(scene, what);
    writeFileSync(newestTranscript(scene), whole);
  }
});

test('a bundle that only looks as if it were signed here: nothing is signed beside it', () => {
  const scene = authorityWith('bundle');
  const bytes = readFileSync(file(scene, 'bundles/bundle-000001.cose'));
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  rmSync(file(scene, 'bundles/bundle-000001.cose'));
  rmSync(newestTranscript(scene));
  writeFileSync(file(scene, 'bundles/bundle-000001.cose'), bytes);
  plant(scene, 'bundle assemble', [
    ['signature', { what: 'bundle', kid: kidOf(scene) }],
    files(named(scene, 'bundles/bundle-000001.cose')),
  ]);
  const before = readTree(scene.dir);
  for (const args of [
    ['bundle', 'export'],
    ['bundle', 'prepare', '--out', scene.path('prepared')],
    ['bundle', 'published', file(scene, 'bundles/bundle-000001.cose')],
    ['bundle', 'folder', scene.path('web')],
    ['root', 'rotate'],
    ['intermediate', 'request', '--key', 'file:keys/intermediate-2.age'],
    ['intermediate', 'rotate'],
    ['intermediate', 'issue', file(scene, 'requests/intermediate-1.pem')],
  ]) {
    const ended = scene.json(args);
    expect([args, ended.status, ended.json.code]).toEqual([args, 3, 'authority-damaged']);
  }
  expect(readTree(scene.dir)).toEqual(before);
});

test('a root in reserve from elsewhere is committed to with a warning', () => {
  const scene = authorityWith('bundle');
  const other = newAuthority();
  mustSucceed(other.cli(['root', 'generate']));
  put(scene, 'credentials/root-2.pem', readFileSync(file(other, 'credentials/root-1.pem'), 'utf8'));
  const fingerprint = kidOf(other);
  const reserve = { version: 1, fingerprint, since: '2026-11-27T00:00:00Z' };
  put(scene, 'credentials/root-2.reserve.json', JSON.stringify(reserve));
  plant(scene, 'ledger receive', [
    ['received', { head: 'ab'.repeat(32), vouched: 'from paper', trusted: [fingerprint] }],
    files(named(scene, 'credentials/root-2.pem'), named(scene, 'credentials/root-2.reserve.json')),
  ]);
  expect(scene.cli(['bundle', 'export']).stderr).toMatch(/begins to commit to the key of credentials\/root-2\.pem/);
});

test('a settings event that says of the new file what the old one held silences nothing', () => {
  const scene = authorityWith('bundle');
  plant(scene, 'key verify', [editedSettings(scene), ['key', {}], files()]);
  const { stderr } = scene.cli(['bundle', 'export']);
  expect(stderr).toMatch(/lifetimes\.intermediate: P1Y -> P2Y/);
});

test('nor does one that says nothing of them', () => {
  const scene = authorityWith('bundle');
  const [, fields] = editedSettings(scene);
  plant(scene, 'key verify', [['settings', { ...fields, values: {} }], ['key', {}], files()]);
  expect(scene.cli(['bundle', 'export']).stderr).toMatch(/lifetimes\.intermediate: new, P2Y/);
});

test('one that a command could have written is reported if nobody vouches for it', () => {
  const scene = authorityWith('bundle');
  const [, fields] = editedSettings(scene);
  const values = fields.values as { lifetimes: JsonObject };
  const lifetimes = { ...values.lifetimes, intermediate: 'P2Y' };
  plant(scene, 'key verify', [['settings', { ...fields, values: { ...values, lifetimes } }], ['key', {}], files()]);
  expect(scene.cli(['bundle', 'export']).stderr).toMatch(
    /changed since the first of them: lifetimes\.intermediate: P1Y -> P2Y/,
  );
});

test('if the clock is before the record, nothing is written that would break it', () => {
  const scene = authorityWith('root');
  plant(scene, 'key verify', [['key', {}], files()], now() + 86_400);
  const asked = scene.json(['revoke', 'root-1', '--reason', 'superseded']);
  expect([asked.status, asked.json.code]).toEqual([1, 'clock']);
  expect(cliJson(['-C', scene.dir, 'ledger', 'verify']).status).toBe(0);
  mustSucceed(scene.cli(['clock', 'recover', '--by', 'Anna', '--by', 'Bert']));
  mustSucceed(scene.cli(['revoke', 'root-1', '--reason', 'superseded']));
  expect(cliJson(['-C', scene.dir, 'ledger', 'verify']).status).toBe(0);
});

test("a planted beginning of a key's end does not say that nothing needs it", () => {
  const scene = authorityWith('bundle');
  const { public_key: publicKey, uri } = JSON.parse(
    readFileSync(file(scene, 'keys/root-1.json'), 'utf8'),
  ) as JsonObject;
  const mark = {
    version: 1,
    state: 'destroying',
    at: new Date(now() * 1000).toISOString().replace(/\.\d+/, ''),
    public_key: publicKey,
  };
  const planted = put(scene, 'keys/root-1.destroying.json', `${JSON.stringify(mark, null, 2)}\n`);
  plant(scene, 'key destroy', [['key', { key: uri ?? '', what: 'to be destroyed', proved: true }], files(planted)]);
  const before = readTree(join(scene.dir, 'keys'));
  const { status, json } = scene.json(['key', 'destroy', 'root-1']);
  expect([status, json.code]).toEqual([1, 'key-needed']);
  expect(readTree(join(scene.dir, 'keys'))).toEqual(before);
});

test('what every command calls damaged is no whole record for ledger verify', () => {
  const scene = authorityWith('bundle');
  const planted = put(scene, 'keys/root-1.destroying.json', '{}\n');
  plant(scene, 'key destroy', [['key', { what: 'to be destroyed' }], files(planted)]);
  for (const command of [['status'], ['ledger', 'verify']]) {
    const { status, json } = cliJson(['-C', scene.dir, ...command]);
    expect([command, status === 0, JSON.stringify(json).includes('root-1.destroying.json')]).toEqual([
      command,
      false,
      true,
    ]);
  }
  const other = authorityWith('bundle');
  const settings = join(other.dir, 'authority.yaml');
  writeFileSync(settings, `${readFileSync(settings, 'utf8')}nonsense: 1\n`);
  expect(cliJson(['-C', other.dir, 'ledger', 'verify']).status).not.toBe(0);
});

test('what is appended to a ceremony that was held is said, and its settings too', () => {
  const scene = authorityWith('bundle');
  const held = addCeremony(scene, { toSign: [], atSeconds: now() });
  const lines = readFileSync(held, 'utf8').trimEnd().split('\n');
  const head = createHash('sha256')
    .update(lines.at(-2) ?? '')
    .digest('hex');
  const state = join(scene.folder, 'state');
  const env = { XDG_STATE_HOME: state };
  const signs = (): string =>
    mustSucceed(scene.cli(['bundle', 'export', '--out', join(scene.folder, `${String(Math.random())}.cose`)], { env }))
      .stderr;
  signs();
  const [remembered = ''] = readdirSync(join(state, 'as-ceremony'), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.json'),
  );
  const memory = join(state, 'as-ceremony', remembered);
  const known = JSON.parse(readFileSync(memory, 'utf8')) as JsonObject;
  writeFileSync(memory, `${JSON.stringify({ ...known, head })}\n`);
  expect(signs()).toMatch(
    /2 transcripts were added, or went on, since it was last changed by this user on this machine: 0006-/,
  );
});

test('a key record with a URI that none can read is damage of that file, and no mistake of the command line', () => {
  for (const uri of ['file:keys/../root-1.age', 'file:keys/root-1.pem', 'pkcs11:colour=red']) {
    const scene = authorityWith('bundle');
    const record = readFileSync(file(scene, 'keys/root-1.json'), 'utf8').replace('file:keys/root-1.age', uri);
    const planted = put(scene, 'keys/x.json', record.replace(/"public_key": "../, '"public_key": "00'));
    plant(scene, 'key attach', [['key', { what: 'attached', key: uri }], files(planted)]);
    for (const args of [['status'], ['key', 'verify', 'x'], ['bundle', 'export']])
      expectRefusal(scene.cli(args), {
        status: 3,
        code: 'authority-damaged',
        says: /keys\/x\.json: uri is none: key URI|keys\/x\.json: uri is none: .*colour/,
      });
  }
});
