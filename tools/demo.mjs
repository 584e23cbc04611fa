// The whole main job in a new folder, with software keys: authority, root, intermediate, bundle, verified.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, setup } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const program = fileURLToPath(new URL('../bin/as-ceremony.js', import.meta.url));

setup();
run('node', ['tools/build.mjs']);

const folder = mkdtempSync(join(tmpdir(), 'as-ceremony-demo-'));
const passphrase = join(folder, 'passphrase');
writeFileSync(passphrase, `${randomBytes(12).toString('hex')}\n`, { mode: 0o600 });

const commands = [
  'init example.org authority',
  '-C authority root generate --yes --passphrase-file passphrase',
  '-C authority intermediate request --key file:keys/intermediate-1.age --yes --passphrase-file passphrase',
  '-C authority request check authority/requests/intermediate-1.pem',
  '-C authority intermediate issue authority/requests/intermediate-1.pem --yes --passphrase-file passphrase',
  '-C authority bundle export --out bundle.cose --yes --passphrase-file passphrase',
  'fingerprint authority/credentials/root-1.pem --words',
  'bundle verify bundle.cose --trust authority/credentials/root-1.pem --domain example.org',
  'verify authority/credentials/intermediate-1.pem --trust authority/credentials/root-1.pem --bundle bundle.cose',
  '-C authority status',
];

for (const command of commands) {
  console.log(`\n$ as-ceremony ${command}\n`);
  const { status } = spawnSync(process.execPath, [program, ...command.split(' ')], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) {
    console.error(`\nThe demo stopped: exit ${String(status)}.`);
    process.exit(status ?? 1);
  }
}
rmSync(passphrase);

const here = relative(process.cwd(), root) || '.';
console.log(`
Made in ${folder}:
  authority/     the authority: credentials, age-encrypted keys (their passphrase was thrown away), requests, bundles, transcripts
  bundle.cose    the signed bundle, verified

The commands, to repeat in a folder of your own (as-ceremony is ${join(here, 'bin/as-ceremony.js')}):
${commands.map((command) => `  as-ceremony ${command.replaceAll(' --yes --passphrase-file passphrase', '')}`).join('\n')}
`);
