/** What every operation works with: the authority, the time, and what only the floor above can provide. */
import type { Authority } from '../../authority/authority.js';
import type { RecordIn } from '../../authority/store.js';
import type { KeyUri } from '../../codec/key-uri.js';
import { toHex } from '../../common/bytes.js';
import { refused, usage } from '../../common/errors.js';
import type { Remark } from '../../common/remedy.js';
import type { AsCredential } from '../../credential/as-credential.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import type { IntermediateAsCredential } from '../../credential/intermediate-as-credential.js';
import { type CredentialCiphersuite, parseCiphersuite, type SchemeInfo } from '../../crypto/ciphersuite.js';
import type { VerificationEngine } from '../../crypto/engine.js';
import type { PolicyContext, UsedKey } from '../../policy/rule.js';
import type { HsmMeans } from '../../signer/pkcs11/module-process.js';
import type { PinSource } from '../../signer/pkcs11/session.js';
import type { Signer } from '../../signer/signer.js';
import { forgeriesOf, historyOf, lastBundle, lastNotWithdrawn, retiredRoots } from '../lifecycle/bundle-history.js';
import type { KeyOptions, ReadyKey } from '../signing/ready-key.js';

/** Where secrets come from: passphrases, and the PINs of tokens. The operation wipes what it receives. */
export interface Secrets extends PinSource {
  /** Returns the passphrase of a software key; `new` is for a key that is about to be made. */
  passphrase(key: { readonly uri: string; readonly name: string }, use: 'open' | 'new'): Promise<Uint8Array>;
  /** Returns whether a person types this key's passphrase, and may try again after a wrong one. */
  mayAskAgain(key: { readonly uri: string; readonly name: string }): boolean;
}

/** One thing that a person sees before it is signed: label and value. */
export type Row = readonly [label: string, value: string];

/** What is about to be signed, and what will change. A person agrees to it before any key is opened. */
export interface Preview {
  readonly title: string;
  readonly rows: readonly Row[];
  /** The rows that stand above the question again if the preview is longer than a screen: counts and periods. */
  readonly brief?: readonly Row[];
  /** What will be written or changed, one sentence each. */
  readonly changes: readonly string[];
  readonly warnings?: readonly Remark[];
  /** What changed in authority.yaml since it was last recorded, one sentence each. */
  readonly settings?: readonly string[];
  /** How far the record is confirmed from outside the folder, if not to its end; one sentence each. */
  readonly record?: readonly string[];
  /** What a person types instead of `yes`, when a yes would be too easy. */
  readonly words?: string;
  /**
   * Whether the words concern something that nobody had seen when the command was called, such as a file from
   * elsewhere. --yes does not replace them.
   */
  readonly typed?: boolean;
  /**
   * What a row says when the same key is made new, by label. A plan shows this; but if an interrupted run made the key
   * already, it is adopted.
   */
  readonly asNew?: Readonly<Record<string, string>>;
  /**
   * Whether this is about a key that was found in its token. It comes before the operation's own preview, and is not in
   * any plan.
   */
  readonly ofFoundKey?: boolean;
}

/** Keeps keys open over several operations, or supplies others in their place. */
export interface KeyKeeper {
  /** Returns the signer of a key on record; `open` really opens it. */
  open(key: RecordedKey, open: () => Promise<Signer>): Promise<Signer>;
  /** Returns the key that a person asks to be made; `make` really makes it. */
  make(key: KeyUri, scheme: SchemeInfo, make: () => Promise<ReadyKey>, wanted: KeyOptions): Promise<ReadyKey>;
  /**
   * As `open`, when the opening itself must be shown: a key file is opened again. Even then there is only one login to
   * a token.
   */
  openAnew(key: RecordedKey, open: () => Promise<Signer>): Promise<Signer>;
  /** As `make`, for a key that is only tried, and not kept. */
  makeForTrial(key: KeyUri, scheme: SchemeInfo, make: () => Promise<ReadyKey>): Promise<ReadyKey>;
}

interface RecordedKey {
  readonly uri: string;
  /** Known if a record of the authority names it. */
  readonly scheme?: SchemeInfo;
  readonly publicKey?: Uint8Array;
}

export interface OperationContext {
  readonly authority: Authority;
  /**
   * Unix seconds, the same for the whole operation. In a planned ceremony it is the start of its window, so that all
   * validities are known in advance.
   */
  readonly atSeconds: number;
  /** The time on the clock, if it is another. */
  readonly clockSeconds?: number;
  /** Whether throw-away keys sign, for a domain that does not exist. */
  readonly rehearsal?: boolean;
  /** Whether what is signed was planned, and approved as the authority requires. */
  readonly planned?: boolean;
  /** Where keys come from in a ceremony. Otherwise each is opened and closed again by the operation that needs it. */
  readonly keys?: KeyKeeper;
  readonly buildSeconds: number;
  readonly random: (length: number) => Uint8Array;
  readonly engines: readonly VerificationEngine[];
  readonly recordIn: RecordIn;
  readonly secrets: Secrets;
  readonly hsm: HsmMeans;
  /** Returns if the person agrees, and throws otherwise. */
  readonly confirm: (preview: Preview) => Promise<void>;
}

declare const mayBeSigned: unique symbol;

/** A context in which signing is permitted. Whatever signs accepts no other, and only `mustBePlanned` makes one. */
export type Planned<C = OperationContext> = C & { readonly [mayBeSigned]: true };

/** Refuses to sign without a plan if the authority requires one. Error: `plan-required`. */
export function mustBePlanned<C extends Pick<OperationContext, 'authority' | 'planned'>>(
  context: C,
): asserts context is Planned<C> {
  const {
    authority: { settings },
    planned = false,
  } = context;
  if (planned || (!settings.requirePlan && settings.approvals === 0)) return;
  throw refused('plan-required', 'this authority signs only by a plan (authority.yaml)', {
    hint: 'Make a plan from the script that does it, have it approved, and run it. Everything that is due is listed with its script.',
    remedies: [{ command: 'status' }],
  });
}

/** What it takes to open a key. */
export type KeyContext = Pick<OperationContext, 'authority' | 'secrets' | 'hsm' | 'keys'>;

/**
 * As `confirm`, but the first preview also shows what changed in authority.yaml, which goes on record with whatever is
 * done, and what there is to say about the record (`said`). Whatever was shown is removed from `said`.
 */
export function confirmWithSettings(
  { settingsState }: Authority,
  confirm: OperationContext['confirm'],
  said: string[] = [],
): OperationContext['confirm'] {
  let { changes } = settingsState;
  return (preview) => {
    const settings = changes === undefined ? {} : { settings: changes };
    changes = undefined;
    return confirm({ ...preview, ...settings, ...(said.length === 0 ? {} : { record: said.splice(0) }) });
  };
}

/** Returns what the rules judge by, from the authority. */
export function policyContext({
  authority,
  atSeconds,
  clockSeconds = atSeconds,
  rehearsal = false,
  buildSeconds,
  engines,
}: Omit<OperationContext, 'secrets' | 'confirm' | 'hsm' | 'recordIn'>): PolicyContext {
  return {
    atSeconds,
    clockSeconds,
    rehearsal,
    buildSeconds,
    engines,
    newestSeconds: authority.newestSeconds,
    domain: authority.settings.domain,
    maxima: authority.settings.maxima,
    allowedCiphersuites: authority.settings.allowedCiphersuites,
    backdating: authority.settings.backdating,
    requestAge: authority.settings.requestAge,
    usedKeys: usedKeysOf(authority),
    revokedByOthers: new Set(revokedByOthers(authority)),
    revokedByUs: new Set(authority.revocations.map(({ fingerprint }) => toHex(fingerprint))),
    committed: new Set(lastNotWithdrawn(historyOf(authority))?.payload.nextRoots.map(toHex)),
    issued: authority.intermediates.map(({ credential, file, fingerprint }) => ({
      selfSignedBytes: credential.selfSignedBytes,
      holder: `${file} (${fingerprint})`,
    })),
    rebuiltSeconds: authority.rebuiltSeconds,
    revoked: revokedFingerprints(authority),
    endedKeys: authority.keyRecords
      .filter(({ end }) => end !== undefined)
      .map(({ scheme, publicKey, uri }) => ({ scheme: scheme.name, publicKey, holder: uri })),
    retired: retiredRoots(historyOf(authority)),
  };
}

/** The keys of all credentials held here, and of those in bundles that somebody else signed. */
export function usedKeysOf(authority: Authority): readonly UsedKey[] {
  const here = [...authority.roots, ...authority.intermediates];
  const held = here.map(({ credential, file }) => usedKey(credential, file));
  const known = new Set(held.map(({ fingerprint }) => fingerprint));
  const listed = forgeriesOf(authority).flatMap(({ file, payload }) =>
    [...payload.asCredentials, ...payload.asIntermediateCredentials].map((one) =>
      usedKey(one, `a credential that ${file} lists`),
    ),
  );
  return [...held, ...listed.filter(({ fingerprint }) => !known.has(fingerprint))];
}

function usedKey(credential: AsCredential | IntermediateAsCredential, holder: string): UsedKey {
  return {
    scheme: credential.payload.ciphersuite.scheme.name,
    publicKey: credential.payload.publicKey,
    holder,
    fingerprint: toHex(fingerprintOf(credential)),
    asDomain: credential.kind === 'as_credential' ? credential.payload.asDomain : undefined,
  };
}

/**
 * Returns fingerprints in hex: those recorded as revoked, those that the newest bundle revokes (which include all
 * earlier ones), and those revoked by bundles that somebody else signed and clients may hold. No revocation is ever
 * undone.
 */
export function revokedFingerprints(authority: Authority): ReadonlySet<string> {
  const signed = lastBundle(authority)?.payload.revokedCerts ?? [];
  const own = [...authority.revocations, ...signed].map(({ fingerprint }) => toHex(fingerprint));
  return new Set([...own, ...revokedByOthers(authority)]);
}

/** Returns the fingerprints (hex) that are revoked by bundles which somebody else signed. */
export function revokedByOthers(authority: Authority): readonly string[] {
  return forgeriesOf(authority).flatMap(({ payload }) =>
    payload.revokedCerts.map(({ fingerprint }) => toHex(fingerprint)),
  );
}

/** Returns a function that tells whether the authority has revoked a credential. */
export function revokedHere(authority: Authority): (credential: AsCredential | IntermediateAsCredential) => boolean {
  const revoked = revokedFingerprints(authority);
  return (credential) => revoked.has(toHex(fingerprintOf(credential)));
}

/** Returns the ciphersuite that was named, or else the authority's. Error: `usage`. */
export function chooseCiphersuite(authority: Authority, name: string | undefined): CredentialCiphersuite {
  if (name === undefined) return authority.settings.ciphersuite;
  const suite = parseCiphersuite(name);
  if (suite === undefined) {
    throw usage(`unknown ciphersuite ${JSON.stringify(name)}`, {
      hint: `Choose one of ${authority.settings.allowedCiphersuites.join(', ')}.`,
    });
  }
  return suite;
}
