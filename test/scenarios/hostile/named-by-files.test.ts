/**
 * What a file of the authority may name besides modules, and what becomes of it (the table in docs/security.md); and
 * what previews say of keys.
 */
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cli, cliJson, type Ended } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newAuthority, newFolder, writeSecret } from '../../support/cli/cli-authority.js';
import { expectRefusal } from '../../support/cli/cli-errors.js';
import { addCeremony } from '../../support/cli/transcripts.js';
import { keyUri, newStore, PIN, SOFTHSM, softHsmTest } from '../../support/keys/softhsm.js';
import { makeSshKey, sshTest, writeAllowedSigners } from '../../support/keys/ssh-keys.js';

const sha256Of = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

describe('a preview', () => {
  softHsmTest('that uses a key in a token shows its URI, and where its module really lies', () => {
    const scene = newAuthority();
    const { env, pinFile } = newStore();
    const say = (...args: readonly string[]): Ended =>
      mustSucceed(scene.cli(['--pin-file', pinFile, ...args], { env }));
    const shows = ({ stderr, stdout }: Ended, object: string, modules = 1): void => {
      expect(stderr + stdout).toContain(keyUri(object));
      const rows = (stderr + stdout).match(/^ +(the twin's )?module +\S+$/gm) ?? [];
      expect(rows).toHaveLength(modules);
      for (const row of rows) expect(row).toMatch(new RegExp(`module +${realpathSync(SOFTHSM)}$`));
    };
    shows(say('root', 'generate', '--key', keyUri('root-1'), '--twin', keyUri('root-2')), 'root-2', 2);
    shows(say('intermediate', 'request', '--key', keyUri('i-1')), 'i-1');
    shows(say('intermediate', 'issue', 'authority/requests/i-1.pem'), 'root-1');
    shows(say('intermediate', 'rotate', '--key', keyUri('i-2'), '--not-after', '2028-06-01'), 'i-2', 2);
    shows(say('bundle', 'export', '--out', scene.path('1.cose')), 'root-1');
    shows(say('bundle', 'prepare', '--out', scene.path('2.prepared')), 'root-1');
    shows(say('bundle', 'sign', scene.path('2.prepared'), '--root', 'root-1'), 'root-1');
    shows(say('key', 'verify', 'i-1'), 'i-1');
    shows(say('key', 'destroy', 'root-1', '--end-of-service'), 'root-1');
  });

  test('that uses a key file shows it', () => {
    const scene = authorityWith('request');
    const issued = mustSucceed(scene.cli(['intermediate', 'issue', 'authority/requests/intermediate-1.pem']));
    const exported = mustSucceed(scene.cli(['bundle', 'export', '--out', scene.path('1.cose')]));
    for (const { stderr } of [issued, exported]) expect(stderr).toMatch(/^ {2}signing key +file:keys\/root-1\.age$/m);
    const next = writeSecret(scene.path('next'), 'Another-Long-One-7714-qWz-99-Lk\n');
    const changed = mustSucceed(scene.cli(['key', 'change-passphrase', 'root-1', '--new-passphrase-file', next]));
    expect(changed.stderr).toMatch(/^ {2}key +file:keys\/root-1\.age$/m);
  });
});

describe('a PIN file', () => {
  softHsmTest('is read if the command line names it, and not because a record does', () => {
    const scene = newAuthority();
    const { env, folder } = newStore();
    const pins = writeSecret(join(folder, 'pin-of-root'), `${PIN}\n`);
    const uri = keyUri('root-1').replace('?', `?pin-source=file:${pins}&`);
    mustSucceed(scene.cli(['root', 'generate', '--key', uri], { env }));
    // Somebody's other secret in its place would go to the token as a PIN.
    expectRefusal(scene.cli(['key', 'verify', 'root-1'], { env }), {
      status: 2,
      code: 'usage',
      says: `the PIN file ${pins} of pkcs11:`,
      hint: `Name it on the command line: --pin-file root-1=${pins}`,
    });
    mustSucceed(scene.cli(['key', 'verify', 'root-1', '--pin-file', `root-1=${pins}`], { env }));
    mustSucceed(scene.cli(['key', 'verify', uri.replace('AS%20', '%41S%20')], { env }));
  });
});

describe('a file that a transcript names', () => {
  test('is not looked at where it is outside the authority: its hash would tell what is in it', () => {
    const scene = authorityWith('root');
    const secret = { path: '../passphrase', sha256: sha256Of(scene.passphraseFile) };
    const system = { path: '/etc/passwd', sha256: sha256Of('/etc/passwd') };
    const transcript = addCeremony(scene, { events: [['files', { files: [secret, system] }]] });
    const { json } = cliJson(['transcript', 'verify', transcript]);
    expect(json.files).toMatchObject({ unchecked: [secret.path, system.path] });
  });
});

describe('a program', () => {
  sshTest('is not taken from the current folder, whatever PATH has in it', () => {
    const scene = authorityWith('root');
    const folder = newFolder();
    const mark = join(folder, 'mark');
    writeFileSync(join(scene.dir, 'ssh-keygen'), `#!/bin/sh\ntouch '${mark}'\nexit 1\n`);
    chmodSync(join(scene.dir, 'ssh-keygen'), 0o755);
    const transcript = addCeremony(scene, { toSign: ['anna'] });
    const key = makeSshKey(folder, 'anna');
    writeAllowedSigners(join(scene.dir, 'allowed_signers'), [['anna', key]]);
    const usual = process.env.PATH ?? '';
    const sign = ['transcript', 'sign', transcript, '--as', 'anna', '--key', key.file, '--yes'];
    mustSucceed(cli(sign, { cwd: scene.dir, env: { PATH: `:${usual}` } }));
    for (const path of [`.:${usual}`, `./:${usual}`, `../authority:${usual}`])
      mustSucceed(cli(['transcript', 'verify', transcript, '--require', '1'], { cwd: scene.dir, env: { PATH: path } }));
    for (const path of ['', '.', ':']) {
      expectRefusal(cli(['transcript', 'verify', transcript], { cwd: scene.dir, env: { PATH: path } }), {
        status: 3,
        code: 'no-ssh-keygen',
      });
    }
    expect(existsSync(mark)).toBe(false);
  });
});
