/** What `run` steps of scripts do, with the options that the commands have, read by the same rules. */
import { cpSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { decodeBundle } from '../../../src/bundle/bundle.js';
import { payloadOf } from '../../../src/verify/bundle-trust.js';
import { cli } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newAuthority, type Scene } from '../../support/cli/cli-authority.js';
import { expectRefusal } from '../../support/cli/cli-errors.js';

type Run = readonly [operation: string, options: Readonly<Record<string, string>>];

/** A script of one person that looks at the authority and then does this. */
function script(scene: Scene, name: string, ...runs: readonly Run[]): string {
  const steps = runs.map(([operation, options], i) => {
    const given = Object.entries(options).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
    return `  - { id: run-${String(i)}, run: ${operation}, with: { ${given.join(', ')} }, by: operator, no: [abort] }`;
  });
  const path = scene.path(`${name}.yaml`);
  writeFileSync(
    path,
    [
      'version: 1',
      'title: A test',
      'purpose: It tests the steps.',
      'roles: { operator: { people: 1 } }',
      'steps:',
      '  - { id: looks, check: [preflight, authority], by: operator, no: [retry, abort] }',
      ...steps,
      '',
    ].join('\n'),
  );
  return path;
}

/** What options decide of the first bundle. */
function decided(scene: Scene): Readonly<Record<string, number>> {
  const bytes = new Uint8Array(readFileSync(join(scene.dir, 'bundles/bundle-000001.cose')));
  const { threshold, nextRoots, issuedAt, expiresAt, asCredentials } = payloadOf(decodeBundle(bytes));
  const seconds = expiresAt - issuedAt + 1;
  return { threshold, commitments: nextRoots.length, days: seconds / 86_400, roots: asCredentials.length };
}

describe('steps take the options of the commands', () => {
  test('twins, a reserve, a series, thresholds and commitments, as the commands make them', () => {
    const scripted = newAuthority();
    const commands = newAuthority();
    const root: Run = ['root generate', { twin: 'file:keys/root-2.age', 'twin-listed': 'yes', lifetime: '9y' }];
    mustSucceed(
      scripted.json([
        'run',
        script(
          scripted,
          'twins',
          root,
          ['root rotate', { reserve: 'yes', lifetime: '8y' }],
          ['bundle export', { threshold: '2', lifetime: '100d', 'next-root': 'root-3 root-2' }],
        ),
      ]),
    );
    mustSucceed(
      commands.cli(['root', 'generate', '--twin', 'file:keys/root-2.age', '--twin-listed', '--lifetime', '9y']),
    );
    mustSucceed(commands.cli(['root', 'rotate', '--reserve', '--lifetime', '8y']));
    mustSucceed(
      commands.cli(
        ['bundle', 'export', '--threshold', '2', '--lifetime', '100d'].concat(
          ['--next-root', 'root-3'],
          ['--next-root', 'root-2'],
        ),
      ),
    );
    for (const scene of [scripted, commands]) {
      const status = mustSucceed(scene.json(['status'])).json.credentials as Readonly<Record<string, number>>[];
      const years = status.map((one) => (Number(one.not_after_unix) - Number(one.not_before_unix)) / (365.25 * 86_400));
      expect(years.map(Math.round)).toEqual([9, 9, 8]);
      expect(status.map(({ reserve }) => reserve)).toEqual([undefined, undefined, true]);
      expect(decided(scene)).toEqual({ threshold: 2, commitments: 2, days: 100, roots: 2 });
    }
  });

  test('a wrong option is named as the script writes it, before anything is done', () => {
    const scene = authorityWith('bundle');
    const wrong = (...run: Run) => scene.json(['run', script(scene, 'wrong', run)]).json;
    expect(wrong('bundle export', { threshold: '0' })).toMatchObject({
      code: 'usage',
      message: expect.stringContaining('threshold 0') as unknown,
    });
    expect(wrong('bundle export', { repin: 'maybe' })).toMatchObject({ code: 'usage' });
    expect(wrong('bundle export', { retire: 'intermediate-1' })).toMatchObject({ code: 'usage' });
    expect(wrong('root rotate', { lifetime: '1y', 'not-after': '2035-01-01' })).toMatchObject({ code: 'usage' });
    expect(wrong('revoke', { credential: 'root-1', reason: 'bored' })).toMatchObject({ code: 'usage' });
    expect(wrong('revoke', { reason: 'superseded' })).toMatchObject({ code: 'usage' });
    expect(wrong('root rotate', { twin: 'file:keys/x.age' })).toMatchObject({ code: 'bad-script' });
    expect(readdirSync(join(scene.dir, 'transcripts'))).toHaveLength(5);
  });
});

test('if a plan is required, a site signs what another prepared by one', () => {
  const scene = newAuthority();
  mustSucceed(scene.cli(['root', 'generate', '--twin', 'file:keys/root-2.age', '--twin-listed']));
  const b = scene.path('b');
  cpSync(scene.dir, b, { recursive: true });
  rmSync(join(b, 'keys/root-1.age'));
  rmSync(join(scene.dir, 'keys/root-2.age'));
  const settings = join(b, 'authority.yaml');
  writeFileSync(settings, readFileSync(settings, 'utf8').replace('require_plan: false', 'require_plan: true'));
  const atB = (...args: string[]) =>
    cli(['-C', b, ...args, '--yes', '--passphrase-file', scene.passphraseFile], { cwd: scene.folder });

  mustSucceed(scene.cli(['bundle', 'prepare', '--out', '1.prepared']));
  mustSucceed(scene.cli(['bundle', 'sign', '1.prepared', '--out', 'a.sig']));
  expectRefusal(atB('bundle', 'sign', '1.prepared', '--out', 'b.sig'), { status: 1, code: 'plan-required' });
  const file = script(scene, 'sign', ['bundle sign', { prepared: '1.prepared', root: 'root-2', out: 'b.sig' }]);
  mustSucceed(atB('plan', file, '--out', 'sign.plan.json'));
  // Planning goes through it and writes nothing outside.
  expect(readdirSync(scene.folder)).not.toContain('b.sig');
  symlinkSync(b, scene.path('link'));
  mustSucceed(atB('run', 'sign.plan.json'));
  mustSucceed(scene.cli(['bundle', 'assemble', '1.prepared', 'a.sig', 'b.sig', '--out', '1.cose']));
  mustSucceed(cli(['bundle', 'verify', scene.path('1.cose'), '--trust', join(b, 'credentials/root-2.pem')]));
  // Nor into the authority, where it would be damage: said by the plan, and nothing is signed.
  const transcripts = readdirSync(join(b, 'transcripts'));
  for (const out of ['b/keys/b.sig', 'b/b.sig', 'link/b.sig']) {
    const inside = script(scene, 'inside', ['bundle sign', { prepared: '1.prepared', root: 'root-2', out }]);
    expectRefusal(atB('plan', inside, '--out', 'inside.plan.json'), { status: 2, code: 'usage' });
  }
  expect(readdirSync(join(b, 'transcripts'))).toEqual(transcripts);
  // What is there already is not written over, and nothing is signed.
  expectRefusal(atB('plan', file, '--out', 'again.plan.json'), { status: 3, code: 'file-exists' });
});
