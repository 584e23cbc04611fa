/**
 * A planted line says that a root signed a bundle with a high number, in stages, so that no file bears it: nobody is
 * kept from signing by that.
 */
import { copyFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cli, cliJson } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newAuthority, type Scene } from '../../support/cli/cli-authority.js';
import { Terminal } from '../../support/cli/cli-terminal.js';
import { expectFound, files, kidOf, now, plant } from '../../support/cli/planted.js';
import { rewritePrepared } from '../../support/cli/prepared.js';

const SHA = 'ab'.repeat(32);
const DAY = 86_400;

/** The transcript. */
function staged(scene: Scene, sequence: number, atSeconds = now()): string {
  const sign = { what: 'bundle', sequence, kid: kidOf(scene), signed_sha256: SHA };
  return plant(scene, 'bundle sign', [['sign', sign], ['stage', { prepared_sha256: SHA }], files()], atSeconds);
}

const bundles = (scene: Scene): string[] => readdirSync(join(scene.dir, 'bundles')).sort();
const argsOf = (scene: Scene, ...args: readonly string[]): string[] => [
  '-C',
  scene.dir,
  '--passphrase-file',
  scene.passphraseFile,
  ...args,
];

describe('a number that no bundle of its time can have', () => {
  test.each([
    ['nine years ahead', 9 * 366 * DAY],
    ['a day and a minute ahead', DAY + 60],
  ])('%s is a finding that names the transcript and the line', (_what, ahead) => {
    const scene = authorityWith('bundle');
    const planted = staged(scene, now() + ahead);
    expectFound(scene, new RegExp(`${planted}: line 2: no bundle can have that number`));
    // The way out of every finding of that sort.
    rmSync(join(scene.dir, planted));
    mustSucceed(scene.cli(['bundle', 'export']));
  });
});

describe('a number above the clock, which no bundle can follow yet', () => {
  test('is named with its transcript, and is passed over in words', async () => {
    const scene = authorityWith('bundle');
    const number = now() + DAY / 2;
    const planted = staged(scene, number);
    for (const command of [['export'], ['prepare', '--out', scene.path('far')]]) {
      const { status, json } = scene.json(['bundle', ...command]);
      expect([command, status, json.code]).toEqual([command, 2, 'usage']);
    }
    expect(scene.cli(['bundle', 'export']).stderr).toMatch(
      new RegExp(`${planted}, line 2, says that a root signed bundle ${String(number)}`),
    );
    expect(bundles(scene)).toEqual(['bundle-000001.cose']);
    const declined = new Terminal(argsOf(scene, 'bundle', 'export', '--yes'), {});
    await declined.answer(/type: pass over number \d+/, 'yes');
    expect(await declined.end()).toBe(1);
    const terminal = new Terminal(argsOf(scene, 'bundle', 'export', '--series', '2'), {});
    await terminal.answer(/type: pass over number \d+/, `pass over number ${String(number)}`);
    expect(await terminal.end()).toBe(0);
    expect(bundles(scene)).toEqual(['bundle-000001.cose', 'bundle-000002.cose', 'bundle-000003.cose']);
    expect(cliJson(['-C', scene.dir, 'ledger', 'verify']).status).toBe(0);
  });

  test('also if the clock was recovered from its time', async () => {
    const scene = authorityWith('bundle');
    const then = now() + 5 * 366 * DAY;
    const planted = staged(scene, then, then);
    mustSucceed(scene.cli(['clock', 'recover', '--by', 'Anna', '--by', 'Bert']));
    expect(scene.json(['bundle', 'export']).json.code).toBe('usage');
    const terminal = new Terminal(argsOf(scene, 'bundle', 'export'), {});
    await terminal.see(planted);
    await terminal.answer(/type: pass over number \d+/, `pass over number ${String(then)}`);
    expect(await terminal.end()).toBe(0);
    expect(bundles(scene)).toEqual(['bundle-000001.cose', 'bundle-000002.cose']);
  });
});

test('such a number is not remembered as a bundle that may be out: a rebuilt authority does not wait for it', () => {
  const scene = authorityWith('bundle');
  const env = { XDG_STATE_HOME: scene.path('state') };
  const first = scene.path('first.cose');
  copyFileSync(join(scene.dir, 'bundles/bundle-000001.cose'), first);
  const trust = kidOf(scene);
  staged(scene, now() + DAY / 2);
  mustSucceed(scene.cli(['revoke', 'intermediate-1', '--reason', 'superseded'], { env }));
  // What is remembered is compared with the record as before.
  expect(scene.cli(['ledger', 'verify'], { env }).status).toBe(0);
  mustSucceed(scene.cli(['key', 'verify', 'root-1'], { env }));
  rmSync(scene.dir, { recursive: true });
  mustSucceed(
    scene.cli(
      ['init', 'example.org', scene.path('rebuilt'), '--from-bundle', first, '--trust', trust, '--sequence-floor', '1'],
      { env },
    ),
  );
});

test('a number that can be is followed in words, which name its transcript', () => {
  const scene = authorityWith('bundle');
  const number = now() - 60;
  const planted = staged(scene, number);
  const { stderr } = cli(argsOf(scene, 'bundle', 'export', '--yes'));
  expect(stderr).toMatch(new RegExp(`${planted}, line 2, says that a root signed bundle ${String(number)}`));
  expect(bundles(scene)).toEqual(['bundle-000001.cose']);
});

test('a proposal with such a number is not signed, whatever backdating allows: the record would call it planted', () => {
  const scene = newAuthority('example.org', (yaml) => yaml.replace('backdating: PT15M', 'backdating: P3D'));
  for (const command of [
    ['root', 'generate'],
    ['bundle', 'export'],
  ])
    mustSucceed(scene.cli(command));
  const [from, to] = [scene.path('prepared'), scene.path('changed')];
  mustSucceed(scene.cli(['bundle', 'prepare', '--out', from]));
  const issuedAt = now() + 2 * DAY;
  rewritePrepared(from, to, { sequence: issuedAt - 60, issuedAt });
  const { status, json } = scene.json(['bundle', 'sign', to, '--out', scene.path('signatures')]);
  expect([status, json.code, json.message]).toEqual([
    1,
    'prepared-stale',
    expect.stringContaining('far above the clock here'),
  ]);
});
