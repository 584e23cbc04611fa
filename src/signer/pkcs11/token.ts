/** Finds tokens by what a URI says about them, never by a slot number alone. */
import type { Pkcs11KeyUri } from '../../codec/pkcs11-uri.js';
import { CeremonyError, couldNot, refused } from '../../common/errors.js';
import type { Remedy } from '../../common/remedy.js';
import { CKF } from './constants.js';
import { type HsmMeans, ModuleProcess } from './module-process.js';
import { type AgreedModule, agreeOnModule } from './module-trust.js';
import { type FoundModule, modulesFor } from './modules.js';
import type { WireModule, WireSlot, WireToken } from './protocol.js';

/** One token, and the module through which it is reached. */
export interface FoundToken {
  readonly module: FoundModule;
  readonly agreed: AgreedModule;
  readonly library: WireModule;
  readonly slot: WireSlot;
  readonly token: WireToken;
}

export interface ListedModule {
  readonly module: FoundModule;
  readonly agreed: AgreedModule;
  readonly library: WireModule;
  readonly slots: readonly WireSlot[];
}

/** Returns what distinguishes one token from another, for people. */
export function tokenName({ label, serial, manufacturer, model }: WireToken): string {
  return `${JSON.stringify(label)} (serial ${serial === '' ? 'none' : serial}, ${[manufacturer, model].filter((one) => one !== '').join(' ')})`;
}

/**
 * Loads a module if that is permitted, and reads its slots. The caller closes the process. Modules are loaded nowhere
 * else. Errors: those of `agreeOnModule`, and of the module.
 */
export async function startModule(
  module: FoundModule,
  means: HsmMeans,
): Promise<{ process: ModuleProcess; listed: ListedModule }> {
  const agreed = await agreeOnModule(module.path, means.trust);
  const process = new ModuleProcess(agreed.real, means);
  try {
    const { parameters } = module;
    const { value: library } = await process.ask(
      { op: 'load', module: agreed, ...(parameters === undefined ? {} : { parameters }) },
      `loading ${agreed.real}`,
    );
    const { value: slots } = await process.ask({ op: 'slots' }, 'looking for tokens');
    return { process, listed: { module, agreed, library, slots } };
  } catch (error) {
    await process.close();
    throw error;
  }
}

/** Returns the means without a person to ask, for modules that nobody named. */
export function withoutAsking(means: HsmMeans): HsmMeans {
  const { named, dataFolder } = means.trust;
  return { ...means, trust: { named, ...(dataFolder === undefined ? {} : { dataFolder }) } };
}

function fitsLibrary(uri: Pkcs11KeyUri, { manufacturer, description, version }: WireModule): boolean {
  const wanted = uri['library-version'];
  const fits = (given: string | undefined, value: string): boolean => given === undefined || given === value;
  return (
    fits(uri['library-manufacturer'], manufacturer) &&
    fits(uri['library-description'], description) &&
    (wanted === undefined || wanted === version || `${wanted}.0` === version)
  );
}

function fitsSlot(uri: Pkcs11KeyUri, { slot, description, manufacturer, token }: WireSlot): boolean {
  const id = uri['slot-id'];
  const number = Buffer.from(slot, 'hex').readBigUInt64LE(0);
  const pairs: readonly (readonly [string | undefined, string | undefined])[] = [
    [uri.token, token?.label],
    [uri.manufacturer, token?.manufacturer],
    [uri.serial, token?.serial],
    [uri.model, token?.model],
    [uri['slot-description'], description],
    [uri['slot-manufacturer'], manufacturer],
    [id === undefined ? undefined : String(BigInt(id)), String(number)],
  ];
  return token !== undefined && pairs.every(([wanted, value]) => wanted === undefined || wanted === value);
}

function isInitialized({ flags }: WireToken): boolean {
  return (flags & CKF.tokenInitialized) !== 0;
}

/**
 * Returns the only token that matches the URI, with its module's process, which the caller closes. Errors:
 * `hsm-token-not-found` (with what is there), `ambiguous-key-uri` (with the candidates), those of the module.
 */
export async function locateToken(
  uri: Pkcs11KeyUri,
  means: HsmMeans,
): Promise<{ process: ModuleProcess; found: FoundToken }> {
  const modules = modulesFor(uri, means.trust.named);
  // When several are searched, nobody is asked about each one; the hint lists those that were left out.
  const searching = modules.length > 1 ? withoutAsking(means) : means;
  const matches: { process: ModuleProcess; found: FoundToken }[] = [];
  const others: string[] = [];
  const unnamed: string[] = [];
  const started: ModuleProcess[] = [];
  try {
    for (const module of modules) {
      const one = await startModule(module, searching).catch((error: unknown) => {
        // If the URI names no module, one that fails does not stop the search in the others.
        if (modules.length === 1 || !(error instanceof CeremonyError) || error.code === 'hsm-unavailable') throw error;
        if (error.code === 'untrusted-module') unnamed.push(module.path);
        others.push(`(${error.code === 'untrusted-module' ? leftOut(module) : error.message})`);
        return undefined;
      });
      if (one === undefined) continue;
      const { process, listed } = one;
      started.push(process);
      for (const slot of listed.slots) {
        const { token } = slot;
        if (token === undefined) continue;
        const fits = fitsLibrary(uri, listed.library) && fitsSlot(uri, slot);
        if (fits)
          matches.push({ process, found: { module, agreed: listed.agreed, library: listed.library, slot, token } });
        else if (isInitialized(token)) others.push(tokenName(token));
      }
    }
    const [only, second] = matches;
    if (only === undefined) throw notFound(uri, others, unnamed);
    if (second !== undefined) throw ambiguous(uri, matches);
    started.splice(started.indexOf(only.process), 1);
    return only;
  } finally {
    await Promise.all(started.map((process) => process.close()));
  }
}

function leftOut({ path }: FoundModule): string {
  return `${path} was not loaded, since users other than root could have put it there`;
}

/**
 * Makes the error for a token that was not found. `unnamed` lists modules that were not loaded, since nobody named
 * them.
 */
function notFound({ uri }: Pkcs11KeyUri, others: readonly string[], unnamed: readonly string[]): Error {
  return couldNot('hsm-token-not-found', `no token fits ${uri}`, {
    hint: `These are there: ${others.join('; ') || 'none'}. Is the token plugged in, and its label spelled as on it?`,
    remedies: unnamed.map((value): Remedy => ({ option: 'module', value })),
  });
}

function ambiguous({ uri }: Pkcs11KeyUri, matches: readonly { readonly found: FoundToken }[]): Error {
  const names = matches.map(({ found }) => `${tokenName(found.token)} through ${found.module.path}`);
  return refused('ambiguous-key-uri', `${String(matches.length)} tokens fit ${uri}`, {
    hint: `Say which, with serial=… or module-path=…: ${names.join('; ')}. Where the URI is on record, which never changes, let only one of them be plugged in.`,
  });
}

/** Returns what the person must know before entering a PIN. Error: `pin-locked`. */
export function pinWarnings(token: WireToken, by: 'user' | 'so' = 'user'): string[] {
  const { flags } = token;
  const [low, last, locked] =
    by === 'user'
      ? [CKF.userPinCountLow, CKF.userPinFinalTry, CKF.userPinLocked]
      : [CKF.soPinCountLow, CKF.soPinFinalTry, CKF.soPinLocked];
  const whose = by === 'user' ? 'PIN' : "security officer's PIN";
  if ((flags & locked) !== 0) {
    throw couldNot('pin-locked', `the ${whose} of the token ${tokenName(token)} is locked after too many wrong ones`, {
      hint: "Unlock it with the security officer's PIN and the vendor's tool.",
    });
  }
  if ((flags & last) !== 0) return [`One try is left: another wrong ${whose} locks the token.`];
  if ((flags & low) !== 0) return [`A wrong ${whose} was given before; few tries are left.`];
  if (by === 'user' && (flags & CKF.userPinToBeChanged) !== 0) return ['The PIN is still the one it was made with.'];
  return [];
}
