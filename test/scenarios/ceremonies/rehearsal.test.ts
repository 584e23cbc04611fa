/**
 * A rehearsal can't be mistaken for the real thing: its keys say so and are refused, and real tokens are not touched.
 */
import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { run } from '../../support/cli/cli.js';
import {
  authorityWith,
  mustSucceed,
  newAuthority,
  readTree,
  type Scene,
  writeSecret,
} from '../../support/cli/cli-authority.js';
import { expectJsonRefusal } from '../../support/cli/cli-errors.js';
import { newStore, SOFTHSM, softHsmTest } from '../../support/keys/softhsm.js';
import { killedAt } from '../../support/machine/kill-at.js';
import { toolTest } from '../../support/machine/tools.js';

function rehearse(scene: Scene, ...args: readonly string[]): string {
  const { json } = mustSucceed(scene.json(['rehearse', 'root-generation', '--into', scene.path('practice'), ...args]));
  return String(json.dir);
}

test('it uses the settings of the real authority', () => {
  const scene = newAuthority('example.org', (yaml) => yaml.replace(/^ {2}root: .*$/m, '  root: P7Y'));
  const dir = rehearse(scene);
  const { json } = mustSucceed(scene.json(['-C', dir, 'inspect', join(dir, 'credentials/root-1.pem')]));
  expect(JSON.stringify(json)).toMatch(new RegExp(`"not_after":"${String(new Date().getUTCFullYear() + 7)}-`));
});

toolTest('age', 'its keys say REHEARSAL before their PEM, and OpenSSL reads them all the same', () => {
  const key = join(rehearse(newAuthority()), 'keys/root-1.age');
  // age asks a terminal for a passphrase: `script` is one.
  const opened = run(['script', '-qec', `age -d ${key}`, '/dev/null'], { input: 'rehearsal\n' });
  const text = opened.stdout.replaceAll('\r', '');
  const pem = text.slice(text.indexOf('REHEARSAL: '));
  expect(pem).toMatch(/^REHEARSAL: .*\n-----BEGIN PRIVATE KEY-----\n/);
  expect(run(['openssl', 'pkey', '-noout', '-text'], { input: pem }).stdout).toMatch('Private-Key');
});

test('its keys are refused by a real authority, and real keys by a rehearsal', () => {
  const scene = authorityWith('root');
  const dir = rehearse(scene);
  const attach = (to: string, from: string, secret: string): ReturnType<Scene['json']> => {
    const file = scene.path(`of-${basename(dirname(dirname(from)))}.age`);
    copyFileSync(from, file);
    return scene.json(['-C', to, 'key', 'attach', `file:${file}`, '--passphrase-file', `file:${file}=${secret}`]);
  };
  const before = [readTree(scene.dir), readTree(dir)];
  const known = writeSecret(scene.path('known'), 'rehearsal\n');
  const ofRehearsal = attach(scene.dir, join(dir, 'keys/root-1.age'), known);
  expectJsonRefusal(ofRehearsal, { status: 1, code: 'rehearsal-key', says: 'key of a rehearsal' });
  const real = attach(dir, join(scene.dir, 'keys/root-1.age'), scene.passphraseFile);
  expectJsonRefusal(real, { status: 1, code: 'real-key', says: 'real key' });
  expect([readTree(scene.dir), readTree(dir)]).toEqual(before);
});

softHsmTest('a key in a token is rehearsed in a token of its own', () => {
  const scene = newAuthority();
  const store = newStore('AS Root');
  const before = readdirSync(join(store.folder, 'tokens'), { recursive: true }).sort();
  const dir = rehearse(scene, '--set', `key=pkcs11:token=AS%20Root;object=root-1?module-path=${SOFTHSM}`);
  expect(readdirSync(join(store.folder, 'tokens'), { recursive: true }).sort()).toEqual(before);
  const record = JSON.parse(readFileSync(join(dir, 'keys/root-1.json'), 'utf8')) as { uri: string };
  expect(record.uri).toMatch(/^pkcs11:token=REHEARSAL;object=root-1(;id=[%0-9A-F]+)?\?module-path=/);
  expect(existsSync(join(dir, 'bundles/bundle-000001.cose'))).toBe(true);
  expect(existsSync(`${dir}-token/softhsm2.conf`)).toBe(true);
});

test('a rehearsal has no place in the authority', () => {
  const scene = newAuthority();
  const before = readTree(scene.dir);
  const inside = join(scene.dir, '../authority/practice');
  expectJsonRefusal(scene.json(['rehearse', 'root-generation', '--into', inside]), { status: 2, code: 'usage' });
  expect(readTree(scene.dir)).toEqual(before);
});

toolTest('strace', 'one that was killed is resumed, and nobody is asked for a secret', () => {
  const scene = newAuthority();
  const args = ['rehearse', 'root-generation', '--into', scene.path('practice')];
  const dir = scene.path('practice');
  const transcript = join(dir, 'transcripts/0002-rehearse.jsonl');
  const other = newAuthority();
  const elsewhere = ['rehearse', 'root-generation', '--into', other.path('practice')];
  const under = killedAt('link', 'root-1.pem', (traced) => other.cli(elsewhere, { under: traced }));
  scene.cli(args, { under });
  expect(readFileSync(transcript, 'utf8')).not.toContain('"event":"end"');
  expect(existsSync(join(dir, 'pending.json'))).toBe(true);
  const resumed = scene.json(['-C', dir, 'resume']);
  mustSucceed(resumed);
  expect(existsSync(join(dir, 'bundles/bundle-000001.cose'))).toBe(true);
});
