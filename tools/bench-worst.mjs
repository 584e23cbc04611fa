// What one `bundle verify` can cost at the worst, within all limits: 32 roots that all sign, 1,024 intermediates, and
// revocations up to 1 MiB, for whoever accepts the bundle and for whoever refuses it in the end. Seconds of processor
// time.
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';

const MOST_SECONDS = 10;
const RUNS = 2;
const DAY = 86_400;
const DOMAIN = 'example.org';
const ROOTS = 32;
const INTERMEDIATES = 1024;
const LARGEST = 1 << 20;
/** The slowest scheme is the last one. */
const SUITES = ['ed25519-sha256', 'p256-sha256', 'p384-sha384', 'ed448-sha512', 'p521-sha512'];
const CURVES = { ed25519: 'ed25519', ed448: 'ed448', p256: 'P-256', p384: 'P-384', p521: 'P-521' };
const project = fileURLToPath(new URL('..', import.meta.url));
const program = join(project, 'bin/as-ceremony.js');

async function layers(folder) {
  const outfile = join(folder, 'worst.mjs');
  const contents = `
    export { encodeAsCredentialPayload, decodeAsCredential } from './src/credential/as-credential.js';
    export { encodeIntermediateAsCredentialPayload, decodeIntermediateAsCredential } from './src/credential/intermediate-as-credential.js';
    export { attachSignature, selfSignatureContent, signatureContent } from './src/credential/self-signed.js';
    export { fingerprintOf } from './src/credential/fingerprint-of.js';
    export { parseCiphersuite } from './src/crypto/ciphersuite.js';
    export { toLowS } from './src/crypto/signature-encoding.js';
    export { bundleSignature, encodeBundle, signatureProtected, sigStructure } from './src/bundle/bundle.js';
    export { encodeBundlePayload } from './src/bundle/payload.js';`;
  buildSync({
    stdin: { contents, resolveDir: project, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
  });
  return import(pathToFileURL(outfile).href);
}

/** A key of OpenSSL's, which signs faster than the program's own. */
function newKey(on, { scheme }) {
  const curve = CURVES[scheme.name];
  const { privateKey } = scheme.name.startsWith('ed')
    ? generateKeyPairSync(curve)
    : generateKeyPairSync('ec', { namedCurve: curve });
  const { x, y } = privateKey.export({ format: 'jwk' });
  const bytes = (text) => new Uint8Array(Buffer.from(text, 'base64url'));
  const publicKey = y === undefined ? bytes(x) : Uint8Array.of(4, ...bytes(x), ...bytes(y));
  return {
    publicKey,
    sign: (content) => {
      const signature = new Uint8Array(sign(scheme.digest ?? null, content, privateKey));
      return scheme.digest === undefined ? signature : on.toLowS(scheme, signature);
    },
  };
}

/** The bundle's bytes, and the fingerprint of one root in hex. */
function makeBundle(on, suite) {
  const ciphersuite = on.parseCiphersuite(suite);
  const now = Math.floor(Date.now() / 1000);
  const common = (key, days) => ({
    ciphersuite,
    publicKey: key.publicKey,
    expirationData: { notBefore: now + 3600 - days, notAfter: now + days * DAY },
  });
  const selfSigned = (name, payload, key) =>
    on.attachSignature(payload, key.sign(on.selfSignatureContent(name, payload)));
  const roots = Array.from({ length: ROOTS }, () => {
    const key = newKey(on, ciphersuite);
    const payload = on.encodeAsCredentialPayload({ asDomain: DOMAIN, ...common(key, 3650 * 2) });
    return { key, credential: on.decodeAsCredential(selfSigned('AsCredential', payload, key)) };
  });
  const intermediates = Array.from({ length: INTERMEDIATES }, (_, i) => {
    const signer = roots[i % ROOTS];
    const key = newKey(on, ciphersuite);
    const payload = on.encodeIntermediateAsCredentialPayload({
      ...common(key, 3650),
      signerFingerprint: on.fingerprintOf(signer.credential),
    });
    const request = selfSigned('IntermediateAsCredential', payload, key);
    const content = on.signatureContent('IntermediateAsCredential', request);
    return on.decodeIntermediateAsCredential(on.attachSignature(request, signer.key.sign(content)));
  });
  const signed = (revocations) => {
    const payloadBytes = on.encodeBundlePayload({
      asDomain: DOMAIN,
      sequence: 1,
      previous: null,
      issuedAt: now - 60,
      expiresAt: now + 300 * DAY,
      asCredentials: roots.map(({ credential }) => credential),
      asIntermediateCredentials: intermediates,
      revokedCerts: Array.from({ length: revocations }, (_, i) => {
        const fingerprint = new Uint8Array(32);
        new DataView(fingerprint.buffer).setUint32(0, i);
        return { fingerprint, revokedAt: now - 60, reason: 'unspecified' };
      }),
      threshold: 1,
      nextRoots: [],
    });
    const signatures = roots.map(({ key, credential }) => {
      const kid = on.fingerprintOf(credential);
      const content = on.sigStructure(on.signatureProtected(kid, ciphersuite.scheme), payloadBytes);
      return on.bundleSignature(kid, ciphersuite.scheme, key.sign(content));
    });
    return on.encodeBundle(payloadBytes, signatures);
  };
  const [none, some] = [signed(0).length, signed(100).length];
  const bundle = signed(Math.floor((LARGEST - none) / ((some - none) / 100)) - 2);
  return { bundle, pin: Buffer.from(on.fingerprintOf(roots[0].credential)).toString('hex') };
}

/** Seconds of processor time, and what the program answered. */
function timeOf(folder, args) {
  const file = join(folder, 'cpu');
  const hook = join(folder, 'cpu.cjs');
  writeFileSync(
    hook,
    `process.on('exit', () => { const { user, system } = process.cpuUsage(); require('node:fs').writeFileSync(${JSON.stringify(file)}, JSON.stringify({ seconds: (user + system) / 1e6, mebibytes: process.resourceUsage().maxRSS / 1024 })); });`,
  );
  const { stdout } = spawnSync(process.execPath, ['-r', hook, program, ...args, '--json'], {
    cwd: folder,
    env: {},
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return { ...JSON.parse(readFileSync(file, 'utf8')), code: JSON.parse(stdout).code };
}

/** True where none is above the limit. */
export async function benchWorst() {
  const folder = mkdtempSync(join(tmpdir(), 'as-ceremony-worst-'));
  try {
    const on = await layers(folder);
    console.log(
      `\nProcessor time of bundle verify, ${String(ROOTS)} roots, all of which sign, ${String(INTERMEDIATES)} intermediates, 1 MiB:`,
    );
    let quick = true;
    for (const suite of SUITES) {
      const { bundle, pin } = makeBundle(on, suite);
      writeFileSync(join(folder, 'bundle.cose'), bundle);
      for (const [trust, expected] of [
        [pin, 'valid'],
        ['00'.repeat(32), 'untrusted'],
      ]) {
        const runs = Array.from({ length: RUNS }, () =>
          timeOf(folder, ['bundle', 'verify', 'bundle.cose', '--trust', trust]),
        );
        // The one that the machine disturbed least.
        const [{ seconds, mebibytes, code }] = runs.sort((a, b) => a.seconds - b.seconds);
        if (code !== expected) throw new Error(`bundle verify said ${code}`);
        quick &&= seconds <= MOST_SECONDS;
        const verdict = seconds <= MOST_SECONDS ? 'ok  ' : 'SLOW';
        console.log(
          `${verdict}  ${seconds.toFixed(1)} of at most ${MOST_SECONDS.toFixed(1)} s  ${suite}, ${code} (${mebibytes.toFixed(0)} MiB)`,
        );
      }
    }
    return quick;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
