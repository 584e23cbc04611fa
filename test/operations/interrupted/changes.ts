/** Every command that changes an authority, with what is there before it, for tests that end one in its middle. */
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Authority } from '../../../src/authority/authority.js';
import { openAuthority } from '../../../src/authority/authority.js';
import { initAuthority } from '../../../src/authority/init-authority.js';
import { toHex } from '../../../src/common/bytes.js';
import { decodeCredentialFile } from '../../../src/credential/credential-file.js';
import { fingerprintOf } from '../../../src/credential/fingerprint-of.js';
import { hash } from '../../../src/crypto/hash.js';
import { nobleEngine } from '../../../src/crypto/noble-engine.js';
import { exportSeries } from '../../../src/operations/bundles/export-bundle.js';
import { markBundle } from '../../../src/operations/bundles/mark-bundle.js';
import { recordForgery } from '../../../src/operations/bundles/record-forgery.js';
import type { OperationContext } from '../../../src/operations/context/operation-context.js';
import { generateRoot } from '../../../src/operations/credentials/generate-root.js';
import { issueIntermediate } from '../../../src/operations/credentials/issue-intermediate.js';
import { requestIntermediate } from '../../../src/operations/credentials/request-intermediate.js';
import { revoke } from '../../../src/operations/credentials/revoke-credential.js';
import { signAgain } from '../../../src/operations/credentials/signed-again.js';
import { attachKey } from '../../../src/operations/keys/attach-key.js';
import { destroyKey } from '../../../src/operations/keys/destroy-key.js';
import { changePassphrase, verifyKey } from '../../../src/operations/keys/verify-key.js';
import { receive } from '../../../src/operations/receive/receive.js';
import { rebuildFrom } from '../../../src/operations/recovery/rebuild.js';
import { recoverClock } from '../../../src/operations/recovery/recover-clock.js';
import { assemblePrepared } from '../../../src/operations/stages/assemble-prepared.js';
import { prepareBundles } from '../../../src/operations/stages/prepare-bundles.js';
import { signPrepared } from '../../../src/operations/stages/sign-prepared.js';
import { suite } from '../../policy/support.js';
import { stealBundle } from '../../support/cli/thief.js';
import type { DeskChange } from '../support.js';
import { AT, Bench, DAY, DOMAIN, PASSPHRASE, stream } from '../support.js';

export const LATER = AT + DAY;
const NEW_PASSPHRASE = 'five other words for the same key';
export const identity = { hostName: 'vault', atSeconds: LATER, random: stream('lock') };

/** A folder of its own for one command: the authority, and a medium beside it. */
export interface Place {
  readonly bench: Bench;
  readonly medium: string;
}

export interface Command {
  readonly name: string;
  /** What is there before; gives what the command needs to know. Made once. */
  readonly before: (place: Place) => Promise<unknown>;
  readonly run: (context: OperationContext, place: Place, known: never) => Promise<unknown>;
  readonly context?: DeskChange;
  /** Several transactions: between them lies a state of its own, with which the same command goes on. */
  readonly inSteps?: boolean;
}

/** The two passphrases that a key file may have, told apart by what asks. */
const changing = { ...passphrases() };
function passphrases(): DeskChange {
  return {
    secrets: {
      passphrase: (_key, use) => Promise.resolve(new TextEncoder().encode(use === 'new' ? NEW_PASSPHRASE : PASSPHRASE)),
      mayAskAgain: () => false,
      pin: () => Promise.reject(new TypeError('no token here')),
      announce: () => undefined,
    },
  };
}

const ed25519 = { ciphersuite: suite('ed25519-sha256') };
const rootOf = ({ authority }: OperationContext): NonNullable<(typeof authority.roots)[0]> => {
  const [root] = authority.roots;
  if (root === undefined) throw new TypeError('no root');
  return root;
};
const onMedium = ({ medium }: Place, name: string): string => `file:${medium}/${name}.age`;
const none = (): Promise<void> => Promise.resolve();
const withRoot = async ({ bench }: Place): Promise<void> => {
  await bench.root();
};
export const withBundle = async (place: Place): Promise<void> => {
  await withRoot(place);
  await place.bench.issue(await place.bench.request());
  await place.bench.export();
};
export const bundleIn = ({ bench }: Place): Uint8Array =>
  fs.readFileSync(join(bench.dir, 'bundles/bundle-000001.cose'));
const request = (keyUri: string) => (context: OperationContext) =>
  requestIntermediate(context, { keyUri, ...ed25519, signer: rootOf(context).credential });

/** A proposal, and what was signed of it. */
async function prepared(place: Place): Promise<Uint8Array> {
  await withBundle(place);
  return (await prepareBundles(await place.bench.context({ atSeconds: LATER }), { count: 1 }, 'out')).bytes;
}
const sign = (context: OperationContext, bytes: Uint8Array): ReturnType<typeof signPrepared> =>
  signPrepared(context, { prepared: bytes, last: [], anew: false, out: () => 'out' });

/** The bundle of a thief who was the first to publish: it revokes the root in reserve. */
async function stolen(place: Place): Promise<Uint8Array> {
  const { bench } = place;
  const twin = { keyUri: 'file:keys/root-2.age', listed: false };
  await generateRoot(await bench.context({ seed: 'root' }), { ...ed25519, twin });
  await bench.issue(await bench.request());
  await bench.export();
  const reserve = decodeCredentialFile(fs.readFileSync(join(bench.dir, 'credentials/root-2.pem')), ['as_credential']);
  const theft = { passphrase: PASSPHRASE, revokes: [toHex(fingerprintOf(reserve))] };
  return stealBundle(bench.dir, bundleIn(place), theft);
}
const forged = (context: OperationContext, bytes: Uint8Array): Promise<unknown> =>
  recordForgery(context, { name: 'thief.cose', bytes });

/** The copy of another site, on the medium, which has revoked an intermediate and signed a bundle since. */
async function otherSite(place: Place): Promise<Authority> {
  await withBundle(place);
  const { bench, medium } = place;
  const here = `${bench.dir}-here`;
  fs.cpSync(bench.dir, here, { recursive: true });
  const later = { atSeconds: LATER - 60 };
  await revoke(await bench.context(later), { name: 'intermediate-1', reason: 'superseded', unknown: false });
  await bench.export(later);
  fs.renameSync(bench.dir, join(medium, 'other'));
  fs.renameSync(here, bench.dir);
  return openAuthority(join(medium, 'other'));
}

const command = <K>(
  name: string,
  before: (place: Place) => Promise<K>,
  run: (context: OperationContext, place: Place, known: K) => Promise<unknown>,
  more: Pick<Command, 'context' | 'inSteps'> = {},
): Command => ({ name, before, run, ...more });

export const COMMANDS: readonly Command[] = [
  command('root generate', none, (context) => generateRoot(context, ed25519)),
  command('root generate, with a twin on another medium', none, (context, place) =>
    generateRoot(context, { ...ed25519, twin: { keyUri: onMedium(place, 'root-2'), listed: false } }),
  ),
  command(
    'root rotate, after authority.yaml was changed',
    async (place) => {
      await withRoot(place);
      fs.appendFileSync(join(place.bench.dir, 'authority.yaml'), 'bundle_every: P60D\n');
    },
    (context) => generateRoot(context, { ...ed25519, succeeds: true }),
  ),
  command('intermediate request', withRoot, request('file:keys/intermediate-1.age')),
  command('intermediate request, on another medium', withRoot, (context, place) =>
    request(onMedium(place, 'intermediate-1'))(context),
  ),
  command(
    'intermediate issue',
    async (place) => {
      await withRoot(place);
      return place.bench.request();
    },
    (context, _place, made) => issueIntermediate(context, made.request),
  ),
  command(
    'intermediate rotate',
    async (place) => {
      await withBundle(place);
      return place.bench.request({ seed: 'second', atSeconds: LATER }, { key: 'intermediate-2' });
    },
    (context, _place, made) => issueIntermediate(context, made.request, context.authority.intermediates[0]),
  ),
  command('revoke', withBundle, (context) =>
    revoke(context, { name: 'intermediate-1', reason: 'superseded', unknown: false }),
  ),
  command('bundle export', withBundle, (context) => exportSeries(context, {}, 1)),
  command('bundle export --series', withBundle, (context) => exportSeries(context, {}, 3)),
  command('bundle sign', prepared, (context, _place, bytes) => sign(context, bytes)),
  command(
    'bundle assemble',
    async (place) => {
      const bytes = await prepared(place);
      return { bytes, signed: await sign(await place.bench.context({ atSeconds: LATER }), bytes) };
    },
    (context, _place, { bytes, signed }) =>
      assemblePrepared(context, { prepared: bytes, files: [{ name: 'sig', bytes: signed.signatures }] }),
  ),
  command('bundle published', withBundle, (context, place) => markBundle(context, bundleIn(place), 'published')),
  command('bundle withdraw', withBundle, (context, place) => markBundle(context, bundleIn(place), 'withdrawn')),
  command('bundle forged', stolen, (context, _place, bytes) => forged(context, bytes)),
  command(
    'root rotate, --again',
    async (place) => {
      const bytes = await stolen(place);
      await forged(await place.bench.context({ atSeconds: LATER }), bytes);
    },
    (context) => signAgain(context, { root: 'root-2' }),
  ),
  command('ledger receive', otherSite, (context, { medium }, from) =>
    receive(context, from, { name: medium, trust: [], repin: false, vouch: () => Promise.resolve('typed from paper') }),
  ),
  command('key change-passphrase', withRoot, (context) => changePassphrase(context, 'root-1'), { context: changing }),
  command(
    'key change-passphrase, on another medium',
    async (place) => {
      await generateRoot(await place.bench.context({ seed: 'root' }), {
        ...ed25519,
        keyUri: onMedium(place, 'root-1'),
      });
    },
    (context) => changePassphrase(context, 'root-1'),
    { context: changing },
  ),
  command(
    'key destroy',
    withBundle,
    (context) => destroyKey(context, { key: 'intermediate-1', endOfService: true, unproved: false }),
    { inSteps: true },
  ),
  command('key attach', rebuilt, (context) => attachKey(context, 'file:keys/root-1.age')),
  command(
    'clock recover',
    async (place) => {
      await withRoot(place);
      await place.bench.revoke(new Uint8Array(32), AT + 30 * DAY);
    },
    (context) => recoverClock(context, ['Anna', 'Bert']),
  ),
];

/** An authority that was made again from its bundle; the key file is back, and on no record. */
async function rebuilt(place: Place): Promise<void> {
  await withBundle(place);
  const { dir } = place.bench;
  const aside = `${dir}-lost`;
  fs.renameSync(dir, aside);
  init(place, fs.readFileSync(join(aside, 'bundles/bundle-000001.cose')), join(aside, 'credentials/root-1.pem'));
  fs.copyFileSync(join(aside, 'keys/root-1.age'), join(dir, 'keys/root-1.age'));
  fs.writeFileSync(join(dir, 'authority.yaml'), fs.readFileSync(join(aside, 'authority.yaml')));
  fs.rmSync(aside, { recursive: true });
}

export function init({ bench: { dir } }: Place, bundle?: Uint8Array, root?: string): void {
  const writer = { toolVersion: '1.2.3', hostName: 'vault' };
  const made = { domain: DOMAIN, ...ed25519, atSeconds: LATER, writer };
  if (bundle === undefined || root === undefined) {
    initAuthority(dir, { ...made, files: [], events: [] }, identity);
    return;
  }
  const pins = [fingerprintOf(decodeCredentialFile(fs.readFileSync(root), ['as_credential']))];
  const plan = rebuildFrom({ dir, domain: DOMAIN, bundle, pins, known: [], atSeconds: LATER, engines: [nobleEngine] });
  initAuthority(dir, { ...made, files: plan.files, events: plan.events }, identity);
}

/**
 * Every file of the authority with its contents; of key files, and of what they are called outside, only that they are
 * there.
 */
export function treeOf(dir: string): Readonly<Record<string, string>> {
  const files = fs.readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    files
      .filter((name) => fs.statSync(join(dir, name)).isFile())
      .map((name) => [name, name.endsWith('.age') ? 'a key' : toHex(hash('sha256', fs.readFileSync(join(dir, name))))]),
  );
}

/** The whole scene as it was. */
export function restore(place: Place, from: string): void {
  const folder = dirname(place.bench.dir);
  fs.rmSync(folder, { recursive: true });
  fs.cpSync(from, folder, { recursive: true });
}

/** What a crash left in a folder. */
export function leftIn(dir: string): { readonly journal: boolean; readonly temporaries: readonly string[] } {
  const names = fs.readdirSync(dir, { recursive: true, encoding: 'utf8' });
  const temporaries = names.filter((name) => name.endsWith('.tmp') && !basename(name).startsWith('.lock.'));
  return { journal: names.includes('pending.json'), temporaries };
}

/** Whichever passphrase it has: the key that is on record is in its file, and signs. */
export async function expectKeys({ bench }: Place): Promise<void> {
  for (const { name, end } of (await openAuthority(bench.dir)).keyRecords) {
    if (end !== undefined) continue;
    const open = async (passphrase: string): Promise<unknown> => verifyKey(await bench.context({ passphrase }), name);
    await open(PASSPHRASE).catch(() => open(NEW_PASSPHRASE));
  }
}
