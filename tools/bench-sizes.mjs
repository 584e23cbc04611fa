// How `status`, `bundle export` and `bundle verify` grow with an authority, up to what a bundle holds, and `bundle
// export --series` with its length: processor time, less that of the smallest. What one thing more costs must not rise
// with their number: at the largest size it is at most half as much again as at the middle one. Ratios within one run,
// so that it doesn't matter how fast the machine is.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';

const DAY = 86_400;
const MOST = 1.5;
const RUNS = 3;
/** Milliseconds. */
const LEAST = 0.02;
const MEMORY = '/dev/shm';
const DOMAIN = 'example.org';
const PASSPHRASE = 'bench bench bench bench bench bench';
const WRITER = { toolVersion: '0.0.0', hostName: 'bench' };
const project = fileURLToPath(new URL('..', import.meta.url));
const program = join(project, 'bin/as-ceremony.js');

/** Each rises to what a bundle holds, or a ceremony needs; the largest is held against the middle one. */
const SERIES = [
  { thing: 'intermediates', sizes: [300, 1000], authority: (n) => [n, 0] },
  { thing: 'revocations', sizes: [1000, 10_000], authority: (n) => [1, n] },
  { thing: 'bundles of a series', sizes: [10, 38], authority: () => [1, 0], series: true },
];
/** By name: the arguments, and whether it is measured of a series. */
const COMMANDS = ['status', 'bundle export', 'bundle verify'];

async function layers(folder) {
  const outfile = join(folder, 'sizes.mjs');
  const contents = `
    export { initAuthority } from './src/authority/store.js';
    export { addEvent, encodeTranscript, endTranscript, headOf, startTranscript } from './src/authority/formats/transcript.js';
    export { encodeKeyRecord, encodeRevocation, revocationPath } from './src/authority/formats/small-files.js';
    export { encodeAsCredentialPayload, decodeAsCredential } from './src/credential/as-credential.js';
    export { encodeIntermediateAsCredentialPayload, decodeIntermediateAsCredential } from './src/credential/intermediate-as-credential.js';
    export { attachSignature, selfSignatureContent, signatureContent } from './src/credential/self-signed.js';
    export { encodeCredentialFile } from './src/credential/credential-file.js';
    export { fingerprintOf } from './src/credential/fingerprint-of.js';
    export { parseCiphersuite } from './src/crypto/ciphersuite.js';
    export { derivePublicKey } from './src/crypto/private-key.js';
    export { createSoftwareKey } from './src/signer/software-key.js';`;
  const stdin = { contents, resolveDir: project, loader: 'ts' };
  buildSync({
    stdin,
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    packages: 'external',
    absWorkingDir: project,
  });
  return import(pathToFileURL(outfile).href);
}

const random = (length) => crypto.getRandomValues(new Uint8Array(length));

/**
 * An authority with one root, in which each thing was made by a command of its own: as the program would have left it,
 * but without waiting for the disk.
 */
async function makeAuthority(on, dir, [intermediates, revocations]) {
  const ciphersuite = on.parseCiphersuite('ed25519-sha256');
  const { scheme } = ciphersuite;
  const now = Math.floor(Date.now() / 1000);
  const init = { domain: DOMAIN, ciphersuite, files: [], events: [], atSeconds: now - DAY, writer: WRITER };
  on.initAuthority(dir, init, { hostName: WRITER.hostName, atSeconds: now - DAY, random });
  let number = 2;
  let head = on.headOf(new Uint8Array(readFileSync(join(dir, 'transcripts/0001-init.jsonl'))));
  const record = (operation, files) => {
    const named = files.filter(({ secret }) => !secret).map(({ path, bytes }) => ({ path, sha256: sha256(bytes) }));
    for (const { path, bytes, mode = 0o644 } of files) writeFileSync(join(dir, path), bytes, { mode });
    const fields = {
      tool: 'as-ceremony',
      tool_version: WRITER.toolVersion,
      command: operation,
      machine: WRITER.hostName,
    };
    let transcript = on.startTranscript({ previousHead: head, fields, atSeconds: now - 60 });
    transcript = on.addEvent(transcript, 'files', { files: named }, now - 60);
    transcript = on.endTranscript(transcript, [], {}, now - 60);
    head = transcript.head;
    const name = `${String(number++).padStart(4, '0')}-${operation.replace(' ', '-')}.jsonl`;
    writeFileSync(join(dir, 'transcripts', name), on.encodeTranscript(transcript));
  };
  const keyRecord = (name, publicKey) => ({
    path: `keys/${name}.json`,
    bytes: on.encodeKeyRecord({ uri: `file:keys/${name}.age`, scheme, publicKey, madeAtSeconds: now - 60 }),
  });
  const credentialFile = (name, credential) => ({
    path: `credentials/${name}.pem`,
    bytes: Buffer.from(on.encodeCredentialFile(credential)),
  });

  const passphrase = Buffer.from(PASSPHRASE);
  const key = await on.createSoftwareKey({ uri: 'file:keys/root-1.age', scheme, random, passphrase, workFactor: 14 });
  const common = (publicKey, days) => ({
    expirationData: { notBefore: now - days, notAfter: now + days * DAY },
    ciphersuite,
    publicKey,
  });
  const payload = on.encodeAsCredentialPayload({ asDomain: DOMAIN, ...common(key.publicKey, 3600) });
  const signed = await key.signer.sign(on.selfSignatureContent('AsCredential', payload));
  const root = on.decodeAsCredential(on.attachSignature(payload, signed));
  record('root generate', [
    { path: 'keys/root-1.age', bytes: key.ageFile, mode: 0o600, secret: true },
    keyRecord('root-1', key.publicKey),
    credentialFile('root-1', root),
  ]);

  const subtle = crypto.subtle;
  for (let n = 1; n <= intermediates; n++) {
    const pair = await subtle.generateKey('Ed25519', true, ['sign', 'verify']);
    const publicKey = new Uint8Array(await subtle.exportKey('raw', pair.publicKey));
    const below = on.encodeIntermediateAsCredentialPayload({
      ...common(publicKey, 360),
      signerFingerprint: on.fingerprintOf(root),
    });
    const self = await subtle.sign(
      'Ed25519',
      pair.privateKey,
      on.selfSignatureContent('IntermediateAsCredential', below),
    );
    const request = on.attachSignature(below, new Uint8Array(self));
    const signature = await key.signer.sign(on.signatureContent('IntermediateAsCredential', request));
    const credential = on.decodeIntermediateAsCredential(on.attachSignature(request, signature));
    const name = `intermediate-${String(n)}`;
    record('intermediate rotate', [keyRecord(name, publicKey), credentialFile(name, credential)]);
  }
  for (let n = 0; n < revocations; n++) {
    const fingerprint = random(32);
    const bytes = on.encodeRevocation({ fingerprint, revokedAtSeconds: now - 60, reason: 'superseded' });
    record('revoke', [{ path: on.revocationPath(fingerprint), bytes }]);
  }
  await key.signer.close();
}

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Milliseconds of processor time of one command. */
function timeOf(args, folder) {
  const file = join(folder, 'cpu');
  const hook = join(folder, 'cpu.cjs');
  writeFileSync(
    hook,
    `process.on('exit', () => { const { user, system } = process.cpuUsage(); require('node:fs').writeFileSync(${JSON.stringify(file)}, String((user + system) / 1000)); });`,
  );
  const { status, stderr, stdout } = spawnSync(process.execPath, ['-r', hook, program, ...args], {
    cwd: folder,
    env: {},
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${args.join(' ')} failed: ${String(stderr)}${String(stdout).slice(0, 500)}`);
  return Number(readFileSync(file, 'utf8'));
}

/**
 * The least of some runs of each command, which the machine disturbed least. With `count`, of a series of so many
 * bundles.
 */
async function measure(on, folder, size, count) {
  const place = mkdtempSync(join(folder, 'size-'));
  const dir = join(place, 'authority');
  mkdirSync(dir);
  await makeAuthority(on, dir, size);
  writeFileSync(join(place, 'pass'), PASSPHRASE, { mode: 0o600 });
  const names = count === undefined ? COMMANDS : ['status', 'bundle export'];
  const least = Object.fromEntries(names.map((name) => [name, Infinity]));
  for (let run = 0; run < RUNS; run++) {
    // Each run's bundle would be one more to look at for the next.
    const copy = join(place, `run-${String(run)}`);
    spawnSync('cp', ['-al', dir, copy]);
    const bundle = join(copy, 'bundles/bundle-000001.cose');
    const series = count === undefined ? [] : ['--series', String(count)];
    const args = {
      'bundle export': ['-C', copy, 'bundle', 'export', '--yes', '--json', '--passphrase-file', 'pass', ...series],
      status: ['-C', copy, 'status', '--json'],
      'bundle verify': ['bundle', 'verify', bundle, '--trust', join(copy, 'credentials/root-1.pem'), '--json'],
    };
    for (const name of Object.keys(args).filter((one) => names.includes(one)))
      least[name] = Math.min(least[name], timeOf(args[name], place));
  }
  rmSync(place, { recursive: true });
  return least;
}

/** True where all of them grow in proportion. */
export async function benchSizes() {
  const folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'as-ceremony-sizes-'));
  const modules = mkdtempSync(join(project, 'node_modules/.as-ceremony-bench-'));
  try {
    const on = await layers(modules);
    console.log('\nProcessor time, and what one more costs:');
    let linear = true;
    for (const { thing, sizes, authority, series } of SERIES) {
      const start = await measure(on, folder, authority(1), series ? 1 : undefined);
      const times = [start];
      for (const size of sizes) times.push(await measure(on, folder, authority(size), series ? size : undefined));
      const [, middle, largest] = times;
      for (const name of Object.keys(start)) {
        const cost = (time, size) => Math.max(time[name] - start[name], 0) / (size - 1);
        const [before, after] = [cost(middle, sizes[0]), cost(largest, sizes[1])];
        // Less than that is nothing, and a ratio of nothings says nothing.
        const growth = after / Math.max(before, LEAST);
        linear &&= growth <= MOST;
        const shown = [1, ...sizes].map((size, i) => `${String(size)}: ${times[i][name].toFixed(0)} ms`);
        const verdict = `${growth <= MOST ? 'ok  ' : 'SLOW'}  ${growth.toFixed(2)} of at most ${MOST.toFixed(1)}`;
        console.log(`${verdict}  ${name}, ${thing}: ${shown.join(', ')} (${after.toFixed(2)} ms each)`);
      }
    }
    return linear;
  } finally {
    rmSync(folder, { recursive: true });
    rmSync(modules, { recursive: true });
  }
}
