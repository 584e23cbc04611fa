import type { Authority, HeldCredential } from '../../authority/authority.js';
import type { NewEvent } from '../../authority/events/event.js';
import { encodeReserve, reservePath } from '../../authority/formats/small-files.js';
import { applyChange, type ChangeFile } from '../../authority/store.js';
import type { KeyUri } from '../../codec/key-uri.js';
import { equalBytes, toHex, utf8 } from '../../common/bytes.js';
import { type CeremonyError, refused, usage } from '../../common/errors.js';
import { type AsCredential, decodeAsCredential, encodeAsCredentialPayload } from '../../credential/as-credential.js';
import { encodeCredentialFile } from '../../credential/credential-file.js';
import type { ExpirationData } from '../../credential/expiration-data.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import type { CredentialCiphersuite, SchemeInfo } from '../../crypto/ciphersuite.js';
import { type Checked, checkPolicy } from '../../policy/all-rules.js';
import type { Predecessor, RootProposal } from '../../policy/rule.js';
import {
  mustBePlanned,
  type OperationContext,
  policyContext,
  type Preview,
  type Row,
} from '../context/operation-context.js';
import { suiteRow, validityRows } from '../context/preview-rows.js';
import { resolveValidity, type ValidityOptions } from '../context/validity.js';
import { keyWarnings, moduleRows, newKeyChange, newKeyRow, rowAsNew } from '../keys/key-rows.js';
import { checkKeyIsNew } from '../keys/new-key-name.js';
import { makeKey } from '../keys/open-key.js';
import { dryRunSelfSign, standInPublicKey } from '../signing/dry-run-signature.js';
import { type KeyOptions, type ReadyKey, usingKey } from '../signing/ready-key.js';
import { type SignatureMade, signRoot } from '../signing/sign-credential.js';
import { checkHeld } from './roots.js';
import { lastRoot, predecessorOf, successionRows } from './succession.js';

export interface RootOptions extends ValidityOptions, KeyOptions {
  /** `file:keys/root-N.age` with the next free N if not given. */
  readonly keyUri?: string;
  readonly ciphersuite: CredentialCiphersuite;
  /** Whether it succeeds an existing root; otherwise it is the first. */
  readonly succeeds?: boolean;
  /** Whether the next bundle commits to it, and none lists it until it is needed. */
  readonly reserve?: boolean;
  /** A second root of the same validity with a key of its own, either in reserve or listed like the first. */
  readonly twin?: { readonly keyUri: string; readonly listed: boolean };
}

export interface GeneratedRoot {
  readonly credential: AsCredential;
  /** Relative to the authority. */
  readonly file: string;
  readonly twin?: { readonly credential: AsCredential; readonly file: string };
  readonly transcript: string;
}

/** A root that is about to be made. */
interface Making {
  readonly file: string;
  readonly key: KeyUri;
  readonly keyOptions: KeyOptions;
  readonly reserve: boolean;
  readonly predecessor?: Predecessor;
}

/**
 * Makes a key and an AS root credential signed by it, or two of each, all together or none. Errors: `root-exists`,
 * `no-predecessor`, `policy` and the wire format's codes (with findings), `file-exists`, and those of the keys.
 */
export async function generateRoot(context: OperationContext, wanted: RootOptions): Promise<GeneratedRoot> {
  mustBePlanned(context);
  checkHeld(context);
  const { authority, atSeconds } = context;
  const { settings } = authority;
  const predecessor = checkSuccession(context, wanted.succeeds === true);
  const makings = makingsOf(authority, wanted, predecessor);
  const policy = { atSeconds, backdating: settings.backdating, lifetime: settings.lifetimes.root };
  const expirationData = resolveValidity(wanted, policy);

  // First with stand-ins for the keys, so that nobody types a passphrase for something that will be refused.
  const propose = (making: Making, publicKey: Uint8Array): Checked<RootProposal> =>
    proposeRoot(context, expirationData, wanted.ciphersuite, publicKey, making.predecessor);
  for (const making of makings) propose(making, standInPublicKey(wanted.ciphersuite.scheme, context.random));
  await context.confirm(rootPreview(context, wanted, makings, expirationData, predecessor));

  return withKeys(context, makings, wanted.ciphersuite.scheme, async (keys) => {
    const made: { readonly making: Making; readonly credential: AsCredential; readonly event: NewEvent }[] = [];
    for (const [i, making] of makings.entries()) {
      const signer = keys[i]?.signer;
      if (signer === undefined) throw new TypeError('a root without a key');
      if (keys.some((other) => other.signer !== signer && equalBytes(other.signer.publicKey, signer.publicKey)))
        throw oneKey(signer.uri);
      const { credential, signature } = await signRoot(propose(making, signer.publicKey), signer, context);
      made.push({ making, credential, event: signed(signature) });
    }
    for (const { keep } of keys) keep();
    const { transcript } = applyChange(authority, {
      operation: wanted.succeeds === true ? 'root rotate' : 'root generate',
      files: [
        ...keys.flatMap(({ files }) => files),
        ...made.flatMap(({ making, credential }) => rootFiles(making, credential, atSeconds)),
      ],
      events: [...keys.flatMap(({ events }) => events), ...made.map(({ event }) => event)],
      atSeconds,
      recordIn: context.recordIn,
    });
    const [first, second] = made.map(({ credential, making: { file } }) => ({ credential, file }));
    if (first === undefined) throw new TypeError('no root was made');
    return { ...first, ...(second === undefined ? {} : { twin: second }), transcript };
  });
}

function makingsOf(
  authority: Authority,
  wanted: RootOptions,
  predecessor: HeldCredential<AsCredential> | undefined,
): readonly Making[] {
  const number = authority.nextNumber('root');
  const keyUri = wanted.keyUri ?? `file:keys/root-${String(number)}.age`;
  const uris = wanted.twin === undefined ? [keyUri] : [keyUri, wanted.twin.keyUri];
  const { existing, backup } = wanted;
  const hsmOptions = { ...(existing === undefined ? {} : { existing }), ...(backup === undefined ? {} : { backup }) };
  const someInHsm = uris.some((uri) => uri.startsWith('pkcs11:'));
  const keys: KeyUri[] = [];
  return uris.map((uri, i) => {
    const keyOptions = someInHsm && !uri.startsWith('pkcs11:') ? {} : hsmOptions;
    const key = checkKeyIsNew(authority, uri, keyOptions, keys);
    keys.push(key);
    const reserve = i === 0 ? wanted.reserve === true : wanted.twin?.listed !== true;
    // A root in reserve takes over when it is needed, not when its predecessor ends.
    const succeeds = predecessor === undefined || reserve ? {} : { predecessor: predecessorOf(authority, predecessor) };
    return { file: `credentials/root-${String(number + i)}.pem`, key, keyOptions, reserve, ...succeeds };
  });
}

const RESERVE =
  'the next bundle commits to its key, and lists it only when it is needed: it protects against a stolen root, not against a lost one';

function rootPreview(
  { authority, hsm }: OperationContext,
  wanted: RootOptions,
  makings: readonly Making[],
  expirationData: ExpirationData,
  predecessor: HeldCredential<AsCredential> | undefined,
): Preview {
  const [first, twin] = makings;
  if (first === undefined) throw new TypeError('nothing is to be made');
  const title =
    twin !== undefined
      ? 'Two new AS root credentials, each signed by its own new key'
      : `New AS root credential, signed by its own new key${first.reserve ? ', kept in reserve' : ''}`;
  return {
    title,
    rows: [
      ['domain', authority.settings.domain],
      ...validityRows(expirationData),
      suiteRow(wanted.ciphersuite),
      ['key', newKeyRow(first.key, first.keyOptions)],
      ...moduleRows({ hsm }, first.key),
      ...(twin === undefined ? [] : twinRows({ hsm }, twin)),
      ...(predecessor === undefined ? [] : successionRows(authority, predecessor)),
    ],
    asNew: {
      key: rowAsNew(first.key, first.keyOptions),
      ...(twin === undefined ? {} : { "the twin's key": rowAsNew(twin.key, twin.keyOptions) }),
    },
    changes: [
      ...makings.map(({ key, keyOptions }) => newKeyChange(key, keyOptions)),
      ...makings.map(({ file, reserve }) => `${file} is written${reserve ? `, in reserve: ${RESERVE}` : ''}`),
      ...(predecessor === undefined || first.reserve
        ? []
        : ['clients know it once a bundle is published that the roots before it sign too']),
    ],
    warnings: [
      ...new Set(makings.flatMap(({ key }) => keyWarnings(authority, key))),
      ...(twin !== undefined && liesWith(first.key, twin.key)
        ? ['The two keys are in one place: whoever steals one has both. Take one of them to another site.']
        : []),
    ],
  };
}

function twinRows(context: Pick<OperationContext, 'hsm'>, { key, keyOptions }: Making): readonly Row[] {
  return [["the twin's key", newKeyRow(key, keyOptions)], ...moduleRows(context, key, "the twin's module")];
}

/** Returns whether two keys are in one token, or both in the authority's own folder. */
function liesWith(a: KeyUri, b: KeyUri): boolean {
  if (a.kind === 'pkcs11' && b.kind === 'pkcs11') return a.token === b.token && a.serial === b.serial;
  return a.kind === 'file' && b.kind === 'file' && !a.path.startsWith('/') && !b.path.startsWith('/');
}

function oneKey(uri: string): CeremonyError {
  return usage(`both roots would have the key ${uri}`, { hint: 'Name two keys, in two tokens or files.' });
}

/** Makes all keys, one after the other, and always closes them. */
async function withKeys<T>(
  context: OperationContext,
  makings: readonly Making[],
  scheme: SchemeInfo,
  action: (keys: readonly ReadyKey[]) => Promise<T>,
  made: readonly ReadyKey[] = [],
): Promise<T> {
  const next = makings[made.length];
  if (next === undefined) return action(made);
  return usingKey(await makeKey(context, next.key, scheme, next.keyOptions), (key) =>
    withKeys(context, makings, scheme, action, [...made, key]),
  );
}

function rootFiles({ file, reserve }: Making, credential: AsCredential, atSeconds: number): ChangeFile[] {
  const made = { path: file, bytes: utf8(encodeCredentialFile(credential)) };
  if (!reserve) return [made];
  const record = encodeReserve({ fingerprint: toHex(fingerprintOf(credential)), atSeconds });
  return [made, { path: reservePath(file), bytes: record }];
}

function signed({ publicKeySha256, signedSha256 }: SignatureMade): NewEvent {
  return {
    event: 'sign',
    fields: { what: 'AsCredential', public_key_sha256: publicKeySha256, signed_sha256: signedSha256 },
  };
}

function proposeRoot(
  context: OperationContext,
  expirationData: ExpirationData,
  ciphersuite: CredentialCiphersuite,
  publicKey: Uint8Array,
  predecessor: Predecessor | undefined,
): Checked<RootProposal> {
  const asDomain = context.authority.settings.domain;
  const payloadBytes = encodeAsCredentialPayload({ asDomain, expirationData, ciphersuite, publicKey });
  const candidate = decodeAsCredential(dryRunSelfSign('AsCredential', ciphersuite.scheme, payloadBytes, context));
  const succeeds = predecessor === undefined ? {} : { predecessor };
  return checkPolicy({ act: 'self-sign-root', candidate, ...succeeds }, policyContext(context));
}

/** Returns the root that the new one succeeds, if any. Errors: `root-exists`, `no-predecessor`. */
function checkSuccession(
  { authority, atSeconds }: OperationContext,
  succeeds: boolean,
): HeldCredential<AsCredential> | undefined {
  const files = authority.roots.map(({ file }) => file).join(', ');
  if (!succeeds && files !== '') {
    throw refused('root-exists', `the authority has a root already: ${files}`, {
      hint: 'Make its successor.',
      remedies: [{ command: 'root rotate' }],
    });
  }
  if (succeeds && files === '') {
    throw refused('no-predecessor', 'the authority has no root that a new one could succeed', {
      hint: 'Make the first.',
      remedies: [{ command: 'root generate' }],
    });
  }
  return succeeds ? lastRoot(authority, atSeconds) : undefined;
}
