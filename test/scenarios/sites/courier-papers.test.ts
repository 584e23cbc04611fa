/**
 * Papers that a courier carries: requests, answers, plans, witnesses' signatures and root files; none is believed for
 * having come.
 */
import { copyFileSync, cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { toHex, utf8 } from '../../../src/common/bytes.js';
import { encodeCredentialFile } from '../../../src/credential/credential-file.js';
import { fingerprintOf } from '../../../src/credential/fingerprint-of.js';
import { cli, cliJson, type Ended } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newAuthority, readTree, type Scene } from '../../support/cli/cli-authority.js';
import { expectRefusal } from '../../support/cli/cli-errors.js';
import { bundleAfter, intermediateBy, rootIn, strangerLike } from '../../support/cli/courier.js';
import { newKeyPair } from '../../support/keys/software-keys.js';
import { makeSshKey, signByHand, sshTest, writeAllowedSigners } from '../../support/keys/ssh-keys.js';

const CREDENTIAL = 'credentials/intermediate-9.pem';
const read = (dir: string, file: string): Uint8Array => new Uint8Array(readFileSync(join(dir, file)));
const year = Math.floor(Date.now() / 1000) + 365 * 86_400;
const pinOf = (dir: string): string => toHex(fingerprintOf(rootIn(dir)));

function refused(scene: Scene, refusal: Parameters<typeof expectRefusal>[1], ...args: string[]): void {
  const before = readTree(scene.dir);
  expectRefusal(scene.cli(args), refusal);
  expect(readTree(scene.dir)).toEqual(before);
}

/** The same file with another byte in the middle of its base64. */
function flipped(file: Uint8Array): Uint8Array {
  const lines = new TextDecoder().decode(file).split('\n');
  const at = Math.floor(lines.length / 2);
  const [first = ''] = lines[at] ?? '';
  return utf8(lines.with(at, `${first === 'A' ? 'B' : 'A'}${(lines[at] ?? '').slice(1)}`).join('\n'));
}

test('a request is its own word: changed, or of another root, nothing is issued', () => {
  const scene = authorityWith('request');
  const request = 'authority/requests/intermediate-1.pem';
  writeFileSync(scene.path('changed.pem'), flipped(read(scene.folder, request)));
  const before = readTree(scene.dir);
  const ended = scene.cli(['intermediate', 'issue', 'changed.pem']);
  expect(ended.status).toBe(1);
  expect(readTree(scene.dir)).toEqual(before);
  const other = newAuthority();
  mustSucceed(other.cli(['root', 'generate']));
  copyFileSync(scene.path(request), other.path('theirs.pem'));
  refused(other, { status: 1, code: 'unknown-signer' }, 'intermediate', 'issue', 'theirs.pem');
  // A person sees whose key it is before a yes.
  const { stderr } = mustSucceed(scene.cli(['intermediate', 'issue', request]));
  expect(stderr).toMatch(/public key +[0-9a-f]{64}/);
  // Replayed, also to a root that came after.
  mustSucceed(scene.cli(['root', 'rotate']));
  refused(scene, { status: 1, code: 'policy', says: 'issued already' }, 'intermediate', 'issue', request);
});

test('an issued intermediate that comes back is believed by its root alone, and copied in by nobody', async () => {
  const scene = authorityWith('bundle');
  const root = rootIn(scene.dir);
  const stranger = strangerLike(root);
  const pair = newKeyPair(root.payload.ciphersuite.scheme);
  // Named as ours, signed by somebody else.
  const forged = await intermediateBy({ root, sign: stranger.sign }, pair, year);
  writeFileSync(scene.path('forged.pem'), forged);
  writeFileSync(scene.path('theirs.pem'), await intermediateBy(stranger, pair, year));
  const trust = ['--trust', 'authority/credentials/root-1.pem'];
  expectRefusal(cli(['verify', 'forged.pem', ...trust], { cwd: scene.folder }), { status: 1, code: 'bad-signature' });
  const theirs = ['verify', 'theirs.pem', ...trust];
  expectRefusal(cli(theirs, { cwd: scene.folder }), { status: 1, code: 'unknown-signer' });
  writeFileSync(scene.path('stranger.pem'), stranger.pem);
  expectRefusal(cli([...theirs, '--with', 'stranger.pem'], { cwd: scene.folder }), { status: 1, code: 'untrusted' });
  for (const file of ['forged.pem', 'authority/credentials/intermediate-1.pem']) {
    const copy = scene.path(`with-${file.slice(0, 6)}`);
    cpSync(scene.dir, copy, { recursive: true });
    copyFileSync(scene.path(file), join(copy, CREDENTIAL));
    const ended = cli(['-C', copy, 'bundle', 'export', '--yes', '--passphrase-file', scene.passphraseFile]);
    expectRefusal(ended, { status: 3, code: 'authority-damaged', says: CREDENTIAL });
  }
});

test('root files beside a bundle are looked up, and not trusted', async () => {
  const scene = authorityWith('bundle');
  const stranger = strangerLike(rootIn(scene.dir));
  const first = read(scene.dir, 'bundles/bundle-000001.cose');
  // A bundle of ours lists ours; who else signed it is in a file beside it.
  writeFileSync(scene.path('2.cose'), await bundleAfter(first, {}, [stranger]));
  writeFileSync(scene.path('signer.pem'), encodeCredentialFile(stranger.root));
  const verify = (...more: string[]): Ended =>
    cli(['bundle', 'verify', '2.cose', ...more, '--at', '2100'], { cwd: scene.folder });
  for (const held of [
    ['--trust', pinOf(scene.dir)],
    ['--last', 'authority/bundles/bundle-000001.cose'],
  ]) {
    expectRefusal(verify(...held), { status: 1, code: 'unknown-signer' });
    expectRefusal(verify(...held, '--with', 'signer.pem'), { status: 1, code: 'untrusted' });
  }
});

sshTest('a plan that was changed on the way, and a signature over another thing, count for nobody', () => {
  const scene = newAuthority('example.org', (yaml) => yaml.replace('approvals: 0', 'approvals: 1'));
  const key = makeSshKey(scene.folder, 'anna');
  writeAllowedSigners(join(scene.dir, 'allowed_signers'), [['anna', key]]);
  const file = scene.path('plan.json');
  mustSucceed(scene.cli(['plan', 'root-generation', '--out', 'plan.json']));
  const plan = readFileSync(file, 'utf8');
  const approval = signByHand(key, 'as-ceremony-plan', plan);
  writeFileSync(`${file}.anna.sig`, approval);
  const changed = plan.replace('"purpose": "', '"purpose": "Another: ');
  expect(changed).not.toBe(plan);
  writeFileSync(file, changed);
  refused(scene, { status: 1, code: 'plan-outdated' }, 'run', 'plan.json');
  // A good plan, and another than the one that was approved.
  while (Date.now() < Date.parse(/"made_at": "([^"]+)"/.exec(plan)?.[1] ?? '') + 1000)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  mustSucceed(scene.cli(['plan', 'root-generation', '--out', 'other.json']));
  copyFileSync(scene.path('other.json'), file);
  refused(scene, { status: 1, code: 'bad-approval', says: 'not over this file' }, 'run', 'plan.json');
  writeFileSync(file, plan);
  // An approval is no witness, and what a witness signed of one transcript is nothing for another.
  const [first = ''] = readdirSync(join(scene.dir, 'transcripts'));
  const transcript = join(scene.dir, 'transcripts', first);
  for (const [namespace, content, says] of [
    ['as-ceremony-plan', plan, 'namespace'],
    ['as-ceremony', plan, 'not over this file'],
    ['as-ceremony-rehearsal', readFileSync(transcript, 'utf8'), 'namespace'],
  ] as const) {
    writeFileSync(`${transcript}.anna.sig`, signByHand(key, namespace, content));
    const { status, json, stdout } = cliJson(['transcript', 'verify', transcript, '--require', '1']);
    expect([status, json.code]).toEqual([1, 'bad-witness-signature']);
    expect(stdout).toContain(says);
  }
  writeFileSync(`${transcript}.anna.sig`, signByHand(key, 'as-ceremony', readFileSync(transcript)));
  mustSucceed(cli(['transcript', 'verify', transcript, '--require', '1']));
});
