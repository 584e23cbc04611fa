// How long the program takes, as ratios to `node -e 0` within one run, both under an empty environment; medians of 15.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { makeChain } from './bench-chain.mjs';
import { benchHsm } from './bench-hsm.mjs';
import { benchSizes } from './bench-sizes.mjs';
import { benchWorst } from './bench-worst.mjs';
import { run, setup } from './setup.mjs';

const RUNS = 15;
const program = fileURLToPath(new URL('../bin/as-ceremony.js', import.meta.url));

setup();
run('node', ['tools/build.mjs']);
const folder = mkdtempSync(join(tmpdir(), 'as-ceremony-bench-'));
await makeChain(folder);

// A small authority: a root with a key file at the lowest work factor, and one bundle.
const authority = join(folder, 'authority');
const passphrase = join(folder, 'passphrase');
writeFileSync(passphrase, 'some words that nobody guesses before the bench is over\n', { mode: 0o600 });
must('init', 'bench.example', authority);
const settings = join(authority, 'authority.yaml');
writeFileSync(settings, readFileSync(settings, 'utf8').replace(/key_work_factor: \d+/, 'key_work_factor: 14'));
const inAuthority = ['-C', authority, '--yes', '--passphrase-file', passphrase];
must(...inAuthority, 'root', 'generate');
must(...inAuthority, 'bundle', 'export');

const trust = 'root.pem';
const cases = [
  { name: '--version', args: ['--version'], most: 1.5 },
  { name: '--help', args: ['--help'], most: 1.5 },
  { name: 'fingerprint', args: ['fingerprint', 'root.pem'], most: 2 },
  { name: 'inspect', args: ['inspect', 'leaf.pem'], most: 3 },
  {
    name: 'verify (a whole chain, both engines)',
    args: ['verify', 'leaf.pem', '--trust', trust, '--with', 'intermediate.pem', '--with', 'client.pem'],
    most: 4,
  },
  { name: 'bundle verify (both engines)', args: ['bundle', 'verify', 'bundle.cose', '--trust', trust], most: 4 },
  { name: 'status (a small authority)', args: [...inAuthority, 'status'], most: 4 },
  { name: 'bundle export (key file at work factor 14)', args: [...inAuthority, 'bundle', 'export'], most: 12 },
  {
    name: 'plan bundle-series',
    args: [...inAuthority, 'plan', 'bundle-series', '--set', 'count=2', '--out', '{n}.plan.json'],
    most: 15,
  },
];

/** Runs the program once, for what it makes. */
function must(...args) {
  const { status, stderr } = spawnSync(process.execPath, [program, ...args], { cwd: folder, env: {} });
  if (status !== 0) throw new Error(`${args.join(' ')} failed: ${String(stderr)}`);
}

let count = 0;

/** Milliseconds. Nothing is overwritten: `{n}` in an argument is another number each time. */
function once(args) {
  count++;
  const written = args.map((arg) => arg.replace('{n}', String(count)));
  const begin = performance.now();
  const { status, stderr } = spawnSync(process.execPath, written, { cwd: folder, env: {} });
  if (status !== 0) throw new Error(`${written.join(' ')} failed: ${String(stderr)}`);
  return performance.now() - begin;
}

const median = (times) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
const base = [];
const times = cases.map(() => []);
once(['-e', '0']);
for (const { args } of cases) once([program, ...args]);
for (let i = 0; i < RUNS; i++) {
  base.push(once(['-e', '0']));
  cases.forEach(({ args }, n) => times[n].push(once([program, ...args])));
}
rmSync(folder, { recursive: true });

const unit = median(base);
const [{ model } = { model: 'a processor without a name' }] = cpus();
console.log(`${model}, ${String(cpus().length)} cores; Node ${process.version}`);
console.log(`node -e 0: ${unit.toFixed(1)} ms (median of ${String(RUNS)})\n`);
let slow = 0;
cases.forEach(({ name, most }, n) => {
  const ratio = median(times[n]) / unit;
  if (ratio > most) slow++;
  console.log(`${ratio > most ? 'SLOW' : 'ok  '}  ${ratio.toFixed(2)} of at most ${most.toFixed(1)}  ${name}`);
});
const hsmIsFast = await benchHsm();
const growsLinearly = await benchSizes();
const worstIsBounded = await benchWorst();
process.exit(slow === 0 && hsmIsFast && growsLinearly && worstIsBounded ? 0 : 1);
