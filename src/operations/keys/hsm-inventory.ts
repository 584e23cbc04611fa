/** The inventory of tokens: which there are, what each can do, and which keys it holds. */
import type { Authority } from '../../authority/authority.js';
import type { AnyHeld } from '../../authority/find-credential.js';
import { FULL_CIPHERSUITES } from '../../authority/formats/settings-defaults.js';
import type { Pkcs11KeyUri } from '../../codec/key-uri.js';
import { equalBytes } from '../../common/bytes.js';
import { CeremonyError, couldNot } from '../../common/errors.js';
import { ciphersuiteName, parseCiphersuite } from '../../crypto/ciphersuite.js';
import { judge } from '../../signer/pkcs11/attributes.js';
import { CKF } from '../../signer/pkcs11/constants.js';
import { keyTypeOf } from '../../signer/pkcs11/key-types.js';
import type { HsmMeans } from '../../signer/pkcs11/module-process.js';
import { findModules, type FoundModule, moduleAt } from '../../signer/pkcs11/modules.js';
import { mechanismsOf, missingMechanism, probe } from '../../signer/pkcs11/probe.js';
import type { WireModule, WireSlot, WireToken } from '../../signer/pkcs11/protocol.js';
import { HsmSession, type KeyObject, type PinSource } from '../../signer/pkcs11/session.js';
import { type FoundToken, startModule, withoutAsking } from '../../signer/pkcs11/token.js';

export interface ModuleListing {
  readonly module: FoundModule;
  /** What went wrong with it, if it doesn't work. */
  readonly error?: CeremonyError;
  readonly library?: WireModule;
  readonly slots: readonly WireSlot[];
}

/**
 * Returns every module of this machine (or those that the command line names) with its tokens. A module that doesn't
 * work, or may not be loaded, is listed with its error.
 */
export async function listModules(means: HsmMeans): Promise<ModuleListing[]> {
  const { named } = means.trust;
  const modules = named.length > 0 ? named.map(moduleAt) : findModules();
  const listings: ModuleListing[] = [];
  for (const module of modules) {
    try {
      const { process, listed } = await startModule(module, withoutAsking(means));
      await process.close();
      listings.push(listed);
    } catch (error) {
      if (!(error instanceof CeremonyError) || error.code === 'hsm-unavailable') throw error;
      listings.push({ module, slots: [], error });
    }
  }
  return listings;
}

/** Returns the names of a token's flags, for people and for JSON. */
export function flagNames({ flags }: WireToken): string[] {
  const names: readonly (readonly [number, string])[] = [
    [CKF.writeProtected, 'write-protected'],
    [CKF.loginRequired, 'login-required'],
    [CKF.userPinInitialized, 'pin-set'],
    [CKF.protectedAuthenticationPath, 'pin-at-device'],
    [CKF.userPinCountLow, 'pin-count-low'],
    [CKF.userPinFinalTry, 'pin-final-try'],
    [CKF.userPinLocked, 'pin-locked'],
    [CKF.userPinToBeChanged, 'pin-to-be-changed'],
    [CKF.soPinCountLow, 'so-pin-count-low'],
    [CKF.soPinFinalTry, 'so-pin-final-try'],
    [CKF.soPinLocked, 'so-pin-locked'],
    [CKF.errorState, 'failed-self-test'],
  ];
  // If nobody has set the PINs, their flags mean nothing.
  const initialized = (flags & CKF.tokenInitialized) !== 0;
  const set = names.filter(([bit]) => (flags & bit) !== 0 && (initialized || bit === CKF.errorState));
  return [...(initialized ? [] : ['not-initialized']), ...set.map(([, name]) => name)];
}

export interface SuiteCheck {
  readonly ciphersuite: string;
  readonly possible: boolean;
  /** Why not, or how far it was tried. */
  readonly why: string;
}

/** Returns what a token can do for each ciphersuite, by its mechanisms and, if `login` is true, with a session key. */
export async function checkToken(
  uri: Pkcs11KeyUri,
  means: HsmMeans,
  options: { readonly login: boolean; readonly pins: PinSource; readonly random: (length: number) => Uint8Array },
): Promise<{ found: FoundToken; suites: SuiteCheck[] }> {
  const session = await HsmSession.open(uri, means);
  try {
    if (options.login) await session.login(uri, options.pins);
    const suites: SuiteCheck[] = [];
    for (const name of FULL_CIPHERSUITES) suites.push(await checkSuite(session, name, options));
    return { found: session.found, suites };
  } finally {
    await session.close();
  }
}

async function checkSuite(
  session: HsmSession,
  name: string,
  { login, random }: { readonly login: boolean; readonly random: (length: number) => Uint8Array },
): Promise<SuiteCheck> {
  const suite = parseCiphersuite(name);
  if (suite === undefined) throw couldNot('internal', `${name} is not a ciphersuite`);
  const ciphersuite = ciphersuiteName(suite);
  const missing = missingMechanism(suite.scheme, await mechanismsOf(session));
  if (missing !== undefined) return { ciphersuite, possible: false, why: missing };
  if (!login) return { ciphersuite, possible: true, why: 'by its list of mechanisms; no key was tried' };
  try {
    const { tried } = await probe(session, suite.scheme, 'none', random);
    const why = tried
      ? 'a session key was made, has signed, and was destroyed'
      : 'it has no session keys to try it with';
    return { ciphersuite, possible: true, why };
  } catch (error) {
    if (
      !(error instanceof CeremonyError) ||
      !['hsm-unsupported', 'signature-check-failed', 'hsm-error'].includes(error.code)
    ) {
      throw error;
    }
    return { ciphersuite, possible: false, why: error.message };
  }
}

export interface TokenKey {
  readonly key: KeyObject;
  /** Reasons against signing with it; undefined for a key of another kind. */
  readonly faults: readonly string[] | undefined;
  readonly unproven: readonly string[];
  readonly underWrap: boolean;
  readonly record: Authority['keyRecords'][number] | undefined;
  readonly credential: AnyHeld | undefined;
}

/** Returns the private keys in a token, compared with what they must be, and what the authority knows about them. */
export async function tokenKeys(
  uri: Pkcs11KeyUri,
  means: HsmMeans,
  pins: PinSource,
  authority: Authority | undefined,
): Promise<{ found: FoundToken; keys: TokenKey[] }> {
  const session = await HsmSession.open(uri, means);
  try {
    await session.login(uri, pins);
    const keys = (await session.privateKeys(uri)).map((key) => describeKey(key, authority));
    return { found: session.found, keys };
  } finally {
    await session.close();
  }
}

function describeKey(key: KeyObject, authority: Authority | undefined): TokenKey {
  const { publicKey, scheme, attributes } = key;
  const record = publicKey === undefined ? undefined : authority?.keyRecordFor(publicKey);
  const held: readonly AnyHeld[] = [...(authority?.roots ?? []), ...(authority?.intermediates ?? [])];
  const credential = held.find(
    (one) => publicKey !== undefined && equalBytes(one.credential.payload.publicKey, publicKey),
  );
  const underWrap = attributes.extractable === true;
  const judged =
    scheme === undefined
      ? undefined
      : judge(attributes, {
          origin: record?.hsm?.origin ?? 'adopted',
          backup: underWrap ? 'wrapped' : 'none',
          type: keyTypeOf(scheme),
        });
  return { key, faults: judged?.faults, unproven: judged?.unproven ?? [], underWrap, record, credential };
}
