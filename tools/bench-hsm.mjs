// Signatures a second by a P-256 key in SoftHSM: through the tool's signer (a process of its own, every signature
// verified by both engines), against pkcs11js alone in one process. The checks cost more than the token; so like is
// held against like, pkcs11js followed by the same checks, and the bare numbers stand beside it.
import { Buffer } from 'node:buffer';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';

const LEAST = 0.8;
const MODULE = ['/usr/lib/softhsm', '/usr/lib/x86_64-linux-gnu/softhsm', '/usr/lib64']
  .map((folder) => join(folder, 'libsofthsm2.so'))
  .find(existsSync);
const PIN = '123456';
const ROUNDS = 5;
const root = fileURLToPath(new URL('..', import.meta.url));

async function layers(folder) {
  const outfile = join(folder, 'signer.mjs');
  const contents = `
    export { HsmSession } from './src/signer/pkcs11/session.js';
    export { generateHsmKey, openHsmKey } from './src/signer/pkcs11/hsm-key.js';
    export { signIn } from './src/signer/pkcs11/probe.js';
    export { signatureFromToken } from './src/signer/pkcs11/key-types.js';
    export { isGoodSignature } from './src/signer/tested-engines.js';
    export { parsePkcs11Uri } from './src/codec/pkcs11-uri.js';
    export { schemeByName } from './src/crypto/ciphersuite.js';
    export { hash } from './src/crypto/hash.js';`;
  buildSync({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
  });
  return import(pathToFileURL(outfile).href);
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Signatures a second, over about a third of a second. */
async function rate(sign) {
  const begin = performance.now();
  let count = 0;
  while (performance.now() - begin < 333) {
    await sign();
    count++;
  }
  return (count / (performance.now() - begin)) * 1000;
}

/** True where the signer is fast enough, or there is no SoftHSM to tell. */
export async function benchHsm() {
  if (MODULE === undefined) {
    console.log('SKIPPED, no softhsm2: signatures by a key in an HSM');
    return true;
  }
  const folder = mkdtempSync(join(tmpdir(), 'as-ceremony-bench-hsm-'));
  mkdirSync(join(folder, 'tokens'));
  writeFileSync(join(folder, 'softhsm2.conf'), `directories.tokendir = ${folder}/tokens\nobjectstore.backend = file\n`);
  process.env.SOFTHSM2_CONF = join(folder, 'softhsm2.conf');
  const init = ['--init-token', '--free', '--label', 'bench', '--so-pin', '87654321', '--pin', PIN];
  if (spawnSync('softhsm2-util', init).status !== 0) throw new Error('softhsm2-util failed');

  const on = await layers(folder);
  const scheme = on.schemeByName('p256');
  const uri = on.parsePkcs11Uri(`pkcs11:token=bench;object=key?module-path=${MODULE}`);
  const means = {
    worker: [join(root, 'dist/program/main.cjs'), '--hold-pkcs11-module'],
    timeoutSeconds: 30,
    trust: { named: [], commandNaming: (path) => path },
  };
  const pins = { pin: async () => Uint8Array.from(Buffer.from(PIN)), announce: () => undefined };
  const random = (length) => crypto.getRandomValues(new Uint8Array(length));
  const session = await on.HsmSession.open(uri, means);
  await session.login(uri, pins);
  const { signer } = await on.generateHsmKey(session, uri, scheme, 'none', random);

  const js = createRequire(import.meta.url)('pkcs11js');
  const module = new js.PKCS11();
  module.load(MODULE);
  module.C_Initialize();
  const slot = module.C_GetSlotList(true).find((one) => module.C_GetTokenInfo(one).label.trim() === 'bench');
  const handle = module.C_OpenSession(slot, js.CKF_SERIAL_SESSION);
  module.C_Login(handle, js.CKU_USER, PIN);
  module.C_FindObjectsInit(handle, [{ type: js.CKA_CLASS, value: js.CKO_PRIVATE_KEY }]);
  const key = module.C_FindObjects(handle);
  module.C_FindObjectsFinal(handle);

  const message = random(500);
  const alone = () => {
    module.C_SignInit(handle, { mechanism: js.CKM_ECDSA }, key);
    return module.C_Sign(handle, Buffer.from(on.hash('sha256', message)), Buffer.alloc(64));
  };
  const aloneChecked = () => {
    const signature = on.signatureFromToken(scheme, alone());
    if (!on.isGoodSignature(scheme, signer.publicKey, message, signature)) throw new Error('a bad signature');
  };
  const object = signer.handle;
  const ways = {
    alone,
    unchecked: () => on.signIn(session, scheme, object, message),
    aloneChecked,
    tool: () => signer.sign(message),
  };
  const rates = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (const sign of Object.values(ways)) await rate(sign);
  for (let i = 0; i < ROUNDS; i++) {
    for (const [name, sign] of Object.entries(ways)) rates[name].push(await rate(sign));
  }
  module.C_Finalize();
  await session.close();
  rmSync(folder, { recursive: true });

  const [bare, unchecked, checked, tool] = Object.values(rates).map(median);
  const ratio = tool / checked;
  console.log(`
P-256 in SoftHSM, signatures a second (medians of ${String(ROUNDS)}):
      ${bare.toFixed(0)}  pkcs11js alone
      ${unchecked.toFixed(0)}  through the module's process, unchecked (${(unchecked / bare).toFixed(2)})
      ${checked.toFixed(0)}  pkcs11js alone, then verified by both engines
      ${tool.toFixed(0)}  the tool's signer, which does both (${(tool / bare).toFixed(2)} of pkcs11js alone: no signature leaves it unverified)
${ratio < LEAST ? 'SLOW' : 'ok  '}  ${ratio.toFixed(2)} of at least ${String(LEAST)}  signer against pkcs11js with the same checks`);
  return ratio >= LEAST;
}
