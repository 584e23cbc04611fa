/**
 * Prepared bundles, what clients hold, and a last bundle, carried to where a root signs or an authority begins anew.
 */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { toHex } from '../../../src/common/bytes.js';
import { fingerprintOf } from '../../../src/credential/fingerprint-of.js';
import { cli, type Ended } from '../../support/cli/cli.js';
import { mustSucceed, newAuthority, type Scene } from '../../support/cli/cli-authority.js';
import { expectRefusal } from '../../support/cli/cli-errors.js';
import { Terminal } from '../../support/cli/cli-terminal.js';
import { bundleAfter, rootIn, siteWith, strangerLike, thiefOf } from '../../support/cli/courier.js';
import { rewritePrepared } from '../../support/cli/prepared.js';

let scene: Scene;
let [a, b] = ['', ''];
/** Two roots at two sites; both must sign. */
beforeAll(() => {
  scene = newAuthority();
  mustSucceed(scene.cli(['root', 'generate', '--twin', 'file:keys/root-2.age', '--twin-listed']));
  mustSucceed(scene.cli(['bundle', 'export', '--threshold', '2', '--out', '1.cose']));
  [a, b] = [siteWith(scene, 'a', ['root-1.age']), siteWith(scene, 'b', ['root-2.age'])];
}, 120_000);

const at = (dir: string, ...args: string[]): Ended =>
  cli(['-C', dir, ...args, '--yes', '--passphrase-file', scene.passphraseFile], { cwd: scene.folder });

async function typed(dir: string, words: string, ...args: string[]): Promise<void> {
  const all = ['-C', dir, ...args, '--yes', '--passphrase-file', scene.passphraseFile];
  expectRefusal(cli(all, { cwd: scene.folder }), { status: 2, code: 'usage', says: `type: ${words})` });
  const terminal = new Terminal(all, { cwd: scene.folder, columns: 300 });
  await terminal.answer(`type: ${words})`, words);
  expect(await terminal.end()).toBe(0);
}

test('what is dated before the bundle that clients hold is signed nowhere: they would refuse it', () => {
  mustSucceed(at(a, 'bundle', 'prepare', '--out', 'good.prepared'));
  const laptop = scene.path('bare');
  mustSucceed(cli(['init', 'example.org', laptop]));
  copyFileSync(join(b, 'keys', 'root-2.age'), join(laptop, 'keys', 'root-2.age'));
  const root = toHex(fingerprintOf(rootIn(a, 'root-2.pem')));
  const says = /before the bundle that clients hold/;
  for (const before of [600, 120]) {
    const issuedAt = Math.floor(Date.now() / 1000) - before;
    rewritePrepared(scene.path('good.prepared'), scene.path('dated.prepared'), { issuedAt });
    for (const [dir, ...more] of [
      [a],
      [b],
      [laptop, '--root', root, '--key', 'file:keys/root-2.age', '--last', '1.cose'],
    ] as const) {
      const signed = at(dir, 'bundle', 'sign', 'dated.prepared', '--out', 'dated.sig', ...more);
      expectRefusal(signed, { status: 1, code: 'prepared-stale', says });
    }
  }
});

test('what the file asks for, and this site would not do by itself, is typed where it is signed and where it is joined', async () => {
  mustSucceed(at(a, 'bundle', 'prepare', '--threshold', '1', '--out', 'lower.prepared'));
  const lowered = at(b, 'bundle', 'sign', 'lower.prepared');
  expectRefusal(lowered, { status: 2, code: 'usage', says: 'type: the threshold is lowered)' });
  const chosen = ['--retire', 'root-2', '--next-root', 'cd'.repeat(32), '--sequence', '2'];
  mustSucceed(at(a, 'bundle', 'prepare', ...chosen, '--out', 'wish.prepared'));
  const words = 'a root of ours ends, and the commitments change';
  for (const [dir, out] of [
    [a, 'a.sig'],
    [b, 'b.sig'],
  ] as const)
    await typed(dir, words, 'bundle', 'sign', 'wish.prepared', '--out', out);
  await typed(a, words, 'bundle', 'assemble', 'wish.prepared', 'a.sig', 'b.sig');
});

test('a laptop with a key alone believes what its own key signed, or what is named with --trust', async () => {
  const laptop = scene.path('laptop');
  mustSucceed(cli(['init', 'example.org', laptop]));
  copyFileSync(join(b, 'keys', 'root-2.age'), join(laptop, 'keys', 'root-2.age'));
  const first = new Uint8Array(readFileSync(scene.path('1.cose')));
  // By somebody without a key of ours: a bundle 1 of their own, and what is prepared follows it.
  const stranger = strangerLike(rootIn(a));
  const changed = { sequence: 1, previous: null, asCredentials: [stranger.root], threshold: 1 };
  writeFileSync(scene.path('forged.cose'), await bundleAfter(first, changed, [stranger]));
  mustSucceed(at(scene.dir, 'bundle', 'prepare', '--out', '2.prepared'));
  const root = toHex(fingerprintOf(rootIn(a, 'root-2.pem')));
  const sign = (...more: string[]): Ended =>
    at(laptop, 'bundle', 'sign', '2.prepared', '--root', root, '--key', 'file:keys/root-2.age', ...more);
  expectRefusal(sign('--last', 'forged.cose'), { status: 1, code: 'untrusted', says: 'forged.cose', hint: '--trust' });
  const pins = ['root-1.pem', 'root-2.pem'].flatMap((file) => ['--trust', toHex(fingerprintOf(rootIn(a, file)))]);
  expectRefusal(sign('--last', '1.cose', ...pins), { status: 2, code: 'usage', says: 'it is not said how many' });
  expectRefusal(sign('--last', 'forged.cose', ...pins, '--threshold', '1'), { status: 1, code: 'untrusted' });
  expectRefusal(sign('--last', '1.cose', ...pins, '--threshold', '3'), { status: 1, code: 'untrusted' });
  mustSucceed(sign('--last', '1.cose', ...pins, '--threshold', '2', '--out', '1.sig'));
  mustSucceed(sign('--last', '1.cose', '--out', '2.sig'));
  expectRefusal(at(b, 'bundle', 'sign', '2.prepared', ...pins), {
    status: 2,
    code: 'usage',
    says: 'the option trust is for',
  });
  // Of a first bundle there is nothing to compare it with.
  const early = newAuthority();
  mustSucceed(early.cli(['root', 'generate']));
  mustSucceed(early.cli(['bundle', 'prepare', '--out', '1.prepared']));
  mustSucceed(cli(['init', 'example.org', early.path('laptop')]));
  const its = toHex(fingerprintOf(rootIn(early.dir)));
  const alone = ['bundle', 'sign', '1.prepared', '--root', its, '--key', `file:${join(early.dir, 'keys/root-1.age')}`];
  const args = ['-C', early.path('laptop'), ...alone, '--yes', '--passphrase-file', early.passphraseFile];
  expectRefusal(cli(args, { cwd: early.folder }), { status: 2, code: 'usage', says: 'type: a root is new)' });
  // The courier lists a root of their own, which signs as well.
  const roots = ['root-1.pem', 'root-2.pem'].map((file) => rootIn(a, file));
  rewritePrepared(scene.path('2.prepared'), scene.path('3.prepared'), { asCredentials: [...roots, stranger.root] });
  const own = ['--root', root, '--key', 'file:keys/root-2.age', '--last', '1.cose', '--anew'];
  expectRefusal(at(laptop, 'bundle', 'sign', '3.prepared', ...own), {
    status: 2,
    code: 'usage',
    says: 'type: a root is new, and sign a second one)',
  });
});

test('a root that is trusted and has ended in the bundle from which an authority is rebuilt is named', async () => {
  const thief = await thiefOf(scene, 'root-1');
  const first = new Uint8Array(readFileSync(scene.path('1.cose')));
  const other = rootIn(a, 'root-2.pem');
  const revokedCerts = [{ fingerprint: fingerprintOf(other), revokedAt: 1, reason: 'key-compromise' as const }];
  const forged = await bundleAfter(first, { asCredentials: [thief.root], threshold: 1, revokedCerts }, [thief]);
  writeFileSync(scene.path('stolen.cose'), forged);
  const pins = ['root-1.pem', 'root-2.pem'].flatMap((file) => ['--trust', toHex(fingerprintOf(rootIn(a, file)))]);
  const init = ['init', 'example.org', 'rebuilt', '--from-bundle', 'stolen.cose', '--sequence-floor', '2', ...pins];
  const run = (...more: string[]): Ended => cli([...init, '--yes', ...more], { cwd: scene.folder });
  expectRefusal(run(), { status: 2, code: 'usage', says: 'it is not said how many' });
  expectRefusal(run('--threshold', '2'), { status: 1, code: 'untrusted' });
  expectRefusal(run('--threshold', '1'), { status: 2, code: 'usage', says: 'type: a root that I trust has ended)' });
  const terminal = new Terminal([...init, '--threshold', '1'], { cwd: scene.folder, columns: 300 });
  await terminal.see(`The root ${toHex(fingerprintOf(other))}, which you name, has ended in this bundle`);
  await terminal.answer('type: a root that I trust has ended)', 'yes');
  expect(await terminal.end()).toBe(1);
});

test('a root that is listed there and that nobody names is typed', () => {
  const init = ['init', 'example.org', 'unnamed', '--from-bundle', '1.cose', '--sequence-floor', '1', '--yes'];
  const [one, two] = ['root-1.pem', 'root-2.pem'].map((file) => toHex(fingerprintOf(rootIn(a, file))));
  const ended = cli([...init, '--trust', one ?? ''], { cwd: scene.folder });
  expectRefusal(ended, { status: 2, code: 'usage', says: 'type: a root that I do not name is listed)' });
  expect(ended.stderr).toContain(`The bundle lists the root ${two ?? ''}, which you do not name`);
});

test('a laptop signs no bundle that lists what was revoked in its own folder', () => {
  mustSucceed(at(a, 'bundle', 'prepare', '--out', 'listing.prepared'));
  const laptop = scene.path('warned');
  mustSucceed(cli(['init', 'example.org', laptop]));
  copyFileSync(join(b, 'keys', 'root-2.age'), join(laptop, 'keys', 'root-2.age'));
  const listed = toHex(fingerprintOf(rootIn(a)));
  mustSucceed(at(laptop, 'revoke', listed, '--unknown', '--reason', 'key-compromise'));
  const root = toHex(fingerprintOf(rootIn(a, 'root-2.pem')));
  const key = ['--root', root, '--key', 'file:keys/root-2.age', '--last', '1.cose'];
  const signed = at(laptop, 'bundle', 'sign', 'listing.prepared', '--out', 'listing.sig', ...key);
  expectRefusal(signed, { status: 1, code: 'prepared-differs', says: `is revoked here: ${listed}` });
});
