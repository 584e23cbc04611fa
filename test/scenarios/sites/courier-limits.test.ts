/**
 * What a courier brings in numbers, in thousands, or under a second name: nothing of it leaves a site without a next
 * bundle, or people without a view.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { toHex } from '../../../src/common/bytes.js';
import { fingerprintOf } from '../../../src/credential/fingerprint-of.js';
import { cli, cliJson, type Ended } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newAuthority, readTree, type Scene } from '../../support/cli/cli-authority.js';
import { expectRefusal } from '../../support/cli/cli-errors.js';
import { Terminal } from '../../support/cli/cli-terminal.js';
import { bundleAfter, headOf, intermediateBy, plant, rootIn, siteWith, thiefOf } from '../../support/cli/courier.js';
import { rewritePrepared } from '../../support/cli/prepared.js';
import { newKeyPair } from '../../support/keys/software-keys.js';

const FIRST = 'bundles/bundle-000001.cose';
const YEAR = 365 * 86_400;
const now = Math.floor(Date.now() / 1000);
const read = (dir: string, file: string): Uint8Array => new Uint8Array(readFileSync(join(dir, file)));
const at = (scene: Scene, dir: string, ...args: string[]): Ended =>
  cli(['-C', dir, ...args, '--yes', '--passphrase-file', scene.passphraseFile], { cwd: scene.folder });
const receive = (from: string): string[] => ['ledger', 'receive', from, '--their-head', headOf(from)];
const hashes = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) =>
    Uint8Array.from({ length: 32 }, (__, at_) => (at_ < 2 ? i >> (8 - 8 * at_) : 7)),
  );

function refused(scene: Scene, dir: string, refusal: Parameters<typeof expectRefusal>[1], ...args: string[]): void {
  const before = readTree(dir);
  expectRefusal(at(scene, dir, ...args), refusal);
  expect(readTree(dir)).toEqual(before);
}

test('numbers that are ahead of the clock are used up by nobody', async () => {
  const scene = authorityWith('bundle');
  const [a, b] = [siteWith(scene, 'a', ['root-1.age']), siteWith(scene, 'b', [])];
  const thief = await thiefOf(scene, 'root-1');
  const ahead = { sequence: now + 3 * YEAR, issuedAt: now + 3 * YEAR, expiresAt: now + 4 * YEAR };
  const far = await bundleAfter(read(a, FIRST), ahead, [thief]);
  writeFileSync(scene.path('far.cose'), far);
  await plant(b, { [`bundles/bundle-${String(ahead.sequence)}.cose`]: far });
  const fingerprint = toHex(fingerprintOf(rootIn(a)));
  refused(scene, a, { status: 1, code: 'sites-differ', says: 'is not below the time here' }, ...receive(b));
  const stolen = { status: 1, code: 'not-yet-valid', hint: 'as-ceremony -C' } as const;
  refused(scene, a, stolen, 'bundle', 'forged', 'far.cose');
  const rebuild = ['init', 'example.org', scene.path('rebuilt'), '--from-bundle', 'far.cose', '--trust', fingerprint];
  expectRefusal(cli([...rebuild, '--yes'], { cwd: scene.folder }), {
    status: 1,
    code: 'bundle-malformed',
    hint: 'no client accepts this bundle yet',
  });
  mustSucceed(at(scene, a, 'bundle', 'export'));
});

test('a number far above the newest is typed where it is taken over', async () => {
  const scene = authorityWith('bundle');
  const [a, b] = [siteWith(scene, 'a', ['root-1.age']), siteWith(scene, 'b', [])];
  const jump = await bundleAfter(read(a, FIRST), { sequence: 5000 }, [await thiefOf(scene, 'root-1')]);
  await plant(b, { 'bundles/bundle-005000.cose': jump });
  refused(scene, a, { status: 2, code: 'usage', says: 'type: number 5000)' }, ...receive(b));
  const terminal = new Terminal(['-C', a, ...receive(b), '--yes'], { cwd: scene.folder, columns: 300 });
  await terminal.answer('type: number 5000)', 'number 5000');
  expect(await terminal.end()).toBe(0);
  mustSucceed(at(scene, a, 'bundle', 'export'));
});

test('one key under two names is not taken over', async () => {
  const scene = authorityWith('bundle');
  const [a, b] = [siteWith(scene, 'a', ['root-1.age']), siteWith(scene, 'b', [])];
  const thief = await thiefOf(scene, 'root-1');
  const pair = newKeyPair(thief.root.payload.ciphersuite.scheme);
  await plant(b, {
    'credentials/intermediate-2.pem': await intermediateBy(thief, pair, now + YEAR),
    'credentials/intermediate-3.pem': await intermediateBy(thief, pair, now + YEAR + 1),
  });
  const says = 'credentials/intermediate-2.pem has the key of credentials/intermediate-3.pem';
  refused(scene, a, { status: 1, code: 'sites-differ', says }, ...receive(b));
});

test('an intermediate that no rule here allows is typed', async () => {
  const scene = authorityWith('bundle');
  const [a, b] = [siteWith(scene, 'a', ['root-1.age']), siteWith(scene, 'b', [])];
  const thief = await thiefOf(scene, 'root-1');
  const pair = newKeyPair(thief.root.payload.ciphersuite.scheme);
  await plant(b, { 'credentials/intermediate-2.pem': await intermediateBy(thief, pair, now + 9 * YEAR) });
  const ended = at(scene, a, ...receive(b));
  expectRefusal(ended, { status: 2, code: 'usage', says: 'type: a validity beyond our maxima)' });
  expect(ended.stderr).toContain('intermediate-2.pem is valid for longer than authority.yaml allows here');
});

test('an intermediate by a ciphersuite that is not allowed here is typed', async () => {
  const scene = authorityWith('bundle');
  const [a, b] = [siteWith(scene, 'a', ['root-1.age']), siteWith(scene, 'b', [])];
  const settings = join(a, 'authority.yaml');
  const yaml = readFileSync(settings, 'utf8').replace(/^ciphersuite: .*$/m, 'ciphersuite: ed448-sha512');
  writeFileSync(settings, yaml.replace(/^ {2}- ed25519-sha256\n/m, ''));
  const thief = await thiefOf(scene, 'root-1');
  const pair = newKeyPair(thief.root.payload.ciphersuite.scheme);
  await plant(b, { 'credentials/intermediate-2.pem': await intermediateBy(thief, pair, now + YEAR / 2) });
  const ended = at(scene, a, ...receive(b));
  expectRefusal(ended, { status: 2, code: 'usage', says: 'type: a ciphersuite that we do not allow)' });
  expect(ended.stderr).toContain('ed25519-sha256, valid until');
});

test('a few of thousands are shown, and how many more there are', async () => {
  const scene = authorityWith('bundle');
  const [a, b] = [siteWith(scene, 'a', ['root-1.age']), siteWith(scene, 'b', ['root-1.age'])];
  mustSucceed(at(scene, a, 'bundle', 'prepare', '--out', 'p'));
  const revokedCerts = hashes(9000).map((fingerprint) => ({
    fingerprint,
    revokedAt: 1,
    reason: 'superseded' as const,
  }));
  rewritePrepared(scene.path('p'), scene.path('revoking'), { revokedCerts });
  const args = ['--passphrase-file', scene.passphraseFile, '--yes'];
  const revoking = cliJson(['-C', b, 'bundle', 'sign', 'revoking', ...args], { cwd: scene.folder });
  expect(revoking.json).toMatchObject({ code: 'prepared-differs' });
  expect(revoking.json.message).toContain('(and 8999 more)');
  expect(revoking.json.findings).toHaveLength(32);
  rewritePrepared(scene.path('p'), scene.path('committing'), { nextRoots: hashes(30_000) });
  const committing = at(scene, b, 'bundle', 'sign', 'committing');
  expectRefusal(committing, { status: 2, code: 'usage', says: 'type: the commitments change)' });
  expect(committing.stderr).toContain('and 29968 more (commitment to the next root)');
  // The same from a site's copy.
  const copy = siteWith(scene, 'copy', []);
  const changed = { nextRoots: hashes(30_000) };
  const second = await bundleAfter(read(a, FIRST), changed, [await thiefOf(scene, 'root-1')]);
  await plant(copy, { 'bundles/bundle-000002.cose': second });
  const taken = at(scene, a, ...receive(copy));
  expectRefusal(taken, { status: 2, code: 'usage', says: 'type: the commitments change)' });
  expect(taken.stderr).toContain('and 29968 more (next-root-added)');
  for (const { stderr } of [committing, taken]) expect(stderr.length).toBeLessThan(20_000);
});

test('a threshold that the file raises, and commitments of a first bundle, are typed', () => {
  const scene = newAuthority();
  mustSucceed(scene.cli(['root', 'generate', '--twin', 'file:keys/root-2.age', '--twin-listed']));
  const first = siteWith(scene, 'first', ['root-1.age']);
  mustSucceed(at(scene, first, 'bundle', 'prepare', '--out', '1.prepared'));
  rewritePrepared(scene.path('1.prepared'), scene.path('1.changed'), { nextRoots: hashes(1) });
  expectRefusal(at(scene, first, 'bundle', 'sign', '1.changed'), {
    status: 2,
    code: 'usage',
    says: 'type: the commitments change)',
  });
  mustSucceed(scene.cli(['bundle', 'export']));
  const [a, b] = [siteWith(scene, 'a', ['root-1.age']), siteWith(scene, 'b', ['root-2.age'])];
  mustSucceed(at(scene, a, 'bundle', 'prepare', '--out', '2.prepared'));
  rewritePrepared(scene.path('2.prepared'), scene.path('2.changed'), { threshold: 2 });
  expectRefusal(at(scene, b, 'bundle', 'sign', '2.changed'), {
    status: 2,
    code: 'usage',
    says: 'type: the threshold is raised)',
  });
});

test('bundles ahead that follow at other times than is usual here are named', () => {
  const scene = authorityWith('bundle');
  const [a, b] = [siteWith(scene, 'a', ['root-1.age']), siteWith(scene, 'b', ['root-1.age'])];
  mustSucceed(at(scene, a, 'bundle', 'prepare', '--series', '2', '--out', 'p'));
  expect(mustSucceed(at(scene, a, 'bundle', 'sign', 'p', '--out', 'a.sig')).stderr).not.toContain('bundle_every');
  const settings = join(b, 'authority.yaml');
  writeFileSync(settings, readFileSync(settings, 'utf8').replace(/^bundle_every: .*$/m, 'bundle_every: P30D'));
  const signed = mustSucceed(at(scene, b, 'bundle', 'sign', 'p', '--out', 'b.sig'));
  expect(signed.stderr).toMatch(/Bundle 3 begins .*bundle_every\) it would begin/s);
});
