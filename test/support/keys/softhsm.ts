/**
 * Tokens in SoftHSM with private stores, and a module around it that misbehaves. Nothing of the machine's own is
 * touched.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HsmMeans } from '../../../src/signer/pkcs11/module-process.js';
import type { PinRequest, PinSource } from '../../../src/signer/pkcs11/session.js';
import { newFolder } from '../cli/cli-authority.js';
import { hasTool, testWhere } from '../machine/tools.js';

export const PIN = '123456';
export const SO_PIN = '87654321';

const PLACES = [
  '/usr/lib/softhsm',
  '/usr/lib/x86_64-linux-gnu/softhsm',
  '/usr/lib/aarch64-linux-gnu/softhsm',
  '/usr/lib64',
];
export const SOFTHSM = PLACES.map((folder) => join(folder, 'libsofthsm2.so')).find(existsSync) ?? '';
export const hasSoftHsm = SOFTHSM !== '' && hasTool('softhsm2-util');

export function softHsmTest(name: string, run: () => void | Promise<void>, timeout?: number): void {
  testWhere(hasSoftHsm, 'softhsm2', name, run, timeout);
}

/** Needs a C compiler too. */
export function shimTest(name: string, run: () => void | Promise<void>, timeout?: number): void {
  testWhere(hasSoftHsm && hasTool('gcc'), hasSoftHsm ? 'gcc' : 'softhsm2', name, run, timeout);
}

/** Modules that tests have made, which others than root could have put there. */
const SHIMS: string[] = [];

/** The built program, serving a module as it does for itself. */
const PROGRAM = fileURLToPath(new URL('../../../dist/program/main.cjs', import.meta.url));
export const MEANS: HsmMeans = {
  worker: [PROGRAM, '--hold-pkcs11-module'],
  timeoutSeconds: 30,
  trust: { named: SHIMS },
};

export interface TokenStore {
  readonly folder: string;
  /** What the module needs of the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** A file with the PIN. */
  readonly pinFile: string;
}

/**
 * A new store with one token; the environment of this process names it from now on, for the modules that tests start.
 */
export function newStore(label = 'AS Root'): TokenStore {
  const folder = newFolder();
  mkdirSync(join(folder, 'tokens'));
  const conf = join(folder, 'softhsm2.conf');
  writeFileSync(
    conf,
    `directories.tokendir = ${join(folder, 'tokens')}\nobjectstore.backend = file\nlog.level = ERROR\n`,
  );
  const pinFile = join(folder, 'pin');
  writeFileSync(pinFile, `${PIN}\n`, { mode: 0o600 });
  process.env.SOFTHSM2_CONF = conf;
  addToken(label);
  return { folder, env: { SOFTHSM2_CONF: conf }, pinFile };
}

/** One more token in the store that the environment names. */
export function addToken(label: string): void {
  must('softhsm2-util', '--init-token', '--free', '--label', label, '--so-pin', SO_PIN, '--pin', PIN);
}

export function must(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env: process.env });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

/**
 * What the token "AS Root" holds, public and private keys, or those of one type, as another program than ours lists it.
 */
export function listedObjects(...more: readonly string[]): string {
  return must('pkcs11-tool', '--module', SOFTHSM, '--token-label', 'AS Root', '--login', '--pin', PIN, '-O', ...more);
}

/** Labels of the private keys in it, sorted. */
export function privateKeyLabels(): string[] {
  return [...listedObjects('--type', 'privkey').matchAll(/label: +(\S*)/g)].map(([, label = '']) => label).sort();
}

let shim: string | undefined;

/** The misbehaving module, compiled once in a test file; `$SHIM` says how it misbehaves (see its source). */
export function shimModule(): string {
  if (shim !== undefined) return shim;
  const source = fileURLToPath(new URL('pkcs11-shim.c', import.meta.url));
  const headers = fileURLToPath(new URL('../../../node_modules/pkcs11js/includes', import.meta.url));
  const made = join(newFolder(), 'shim.so');
  must('gcc', '-shared', '-fPIC', '-O1', `-DSOFTHSM="${SOFTHSM}"`, '-I', headers, '-o', made, source, '-ldl');
  SHIMS.push(made);
  shim = made;
  return made;
}

export function keyUri(object: string, module = SOFTHSM, token = 'AS Root'): string {
  return `pkcs11:token=${encodeURIComponent(token)};object=${object}?module-path=${module}`;
}

/** Gives one PIN, and remembers what was asked and announced. */
export class TestPins implements PinSource {
  readonly asked: PinRequest[] = [];
  readonly announced: string[] = [];
  readonly given: Uint8Array[] = [];

  constructor(readonly value: string = PIN) {}

  pin(request: PinRequest): Promise<Uint8Array> {
    this.asked.push(request);
    const pin = new TextEncoder().encode(this.value);
    this.given.push(pin);
    return Promise.resolve(pin);
  }

  announce(text: string): void {
    this.announced.push(text);
  }
}
