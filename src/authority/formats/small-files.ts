/** The authority's small files: key records, revocations, and marks. The encoder and decoder of each are together. */
import { REVOCATION_REASONS, type RevocationReason } from '../../bundle/revocation.js';
import { parseKeyUri } from '../../codec/key-uri.js';
import { hasExactly, type JsonObject, type JsonValue, parseJsonObject, textField } from '../../codec/strict-json.js';
import { fromHex, toHex, utf8 } from '../../common/bytes.js';
import { messageOf } from '../../common/errors.js';
import { formatTime, parseTime } from '../../common/time.js';
import { isFingerprint, parseFingerprint } from '../../credential/credential-fingerprint.js';
import { schemeByName, type SchemeInfo } from '../../crypto/ciphersuite.js';

/** Where the private key of a public key is. */
export interface KeyRecord {
  /** `file:keys/root-1.age` or `pkcs11:…`. */
  readonly uri: string;
  readonly scheme: SchemeInfo;
  readonly publicKey: Uint8Array;
  readonly madeAtSeconds: number;
  /** For a key in an HSM. */
  readonly hsm?: HsmFacts;
}

/** What the token said about a key when it came under this authority's care. */
interface HsmFacts {
  readonly origin: 'generated' | 'adopted';
  /** `wrapped`: it can leave the token under a wrapping key. */
  readonly backup: 'none' | 'wrapped';
  /** Everything that was read back, including these two, for auditors. */
  readonly facts: JsonObject;
}

export interface Revocation {
  readonly fingerprint: Uint8Array;
  readonly revokedAtSeconds: number;
  readonly reason: RevocationReason;
}

/** What became of a bundle after it was signed. */
export interface BundleMark {
  readonly state: BundleState;
  readonly atSeconds: number;
  /** The SHA-256 of the bundle's file, in hex. */
  readonly sha256: string;
}

/**
 * The end of a private key. `destroying` is on record before anything is destroyed. A key with either mark signs
 * nothing any more.
 */
export interface KeyMark {
  readonly state: KeyState;
  readonly atSeconds: number;
  readonly publicKey: Uint8Array;
}

export const KEY_STATES = ['destroying', 'destroyed'] as const;
export type KeyState = (typeof KEY_STATES)[number];

/** A root that is committed to, and that no bundle lists until it is needed. */
export interface Reserve {
  /** The root's fingerprint, in hex. */
  readonly fingerprint: string;
  readonly atSeconds: number;
}

export const BUNDLE_STATES = ['published', 'withdrawn'] as const;
export type BundleState = (typeof BUNDLE_STATES)[number];

/** Returns the file of a key object: `keys/root-1.json` for `root-1`. */
export function keyRecordPath(name: string): string {
  return `keys/${name}.json`;
}

/** Returns the file of a revocation. Its name is the whole fingerprint, so that nothing is revoked twice. */
export function revocationPath(fingerprint: Uint8Array): string {
  return `revocations/${toHex(fingerprint)}.json`;
}

export function encodeKeyRecord(record: KeyRecord): Uint8Array {
  return encode({
    version: 1,
    uri: record.uri,
    scheme: record.scheme.name,
    public_key: toHex(record.publicKey),
    made_at: formatTime(record.madeAtSeconds),
    ...(record.hsm === undefined ? {} : { hsm: record.hsm.facts }),
  });
}

/** Decodes a key record, or returns what is wrong with the file. */
export function decodeKeyRecord(file: Uint8Array): KeyRecord | string {
  const object = parse(file, ['version', 'uri', 'scheme', 'public_key', 'made_at'], ['hsm']);
  if (typeof object === 'string') return object;
  const uri = textField(object, 'uri');
  const scheme = schemeByName(textField(object, 'scheme') ?? '');
  const publicKey = fromHex(textField(object, 'public_key') ?? '');
  const madeAtSeconds = timeOf(object, 'made_at');
  const uriFault = uri === undefined ? 'missing' : faultOfUri(uri);
  if (uri === undefined || uriFault !== undefined) return `uri is ${uriFault ?? ''}`;
  if (scheme === undefined) return 'scheme is unknown';
  if (publicKey?.length !== scheme.publicKeyLength) {
    return `public_key is not ${String(scheme.publicKeyLength)} bytes in hex, as ${scheme.name} has them`;
  }
  if (typeof madeAtSeconds === 'string') return madeAtSeconds;
  if (object.hsm === undefined) return { uri, scheme, publicKey, madeAtSeconds };
  const hsm = hsmFacts(object.hsm);
  if (hsm === undefined) return 'hsm is not an object with origin (generated, adopted) and backup (none, wrapped)';
  return { uri, scheme, publicKey, madeAtSeconds, hsm };
}

/**
 * Returns what is wrong with the URI. It is parsed again when the key is used, and by then a fault must be the file's,
 * not the person's.
 */
function faultOfUri(uri: string): string | undefined {
  if (!/^(file|pkcs11):[!-~]+$/.test(uri)) return 'neither a file: nor a pkcs11: URI in plain characters';
  try {
    parseKeyUri(uri);
    return undefined;
  } catch (error) {
    return `none: ${messageOf(error)}`;
  }
}

function hsmFacts(value: JsonValue): HsmFacts | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const facts = value as JsonObject;
  const origin = (['generated', 'adopted'] as const).find((known) => known === facts.origin);
  const backup = (['none', 'wrapped'] as const).find((known) => known === facts.backup);
  return origin === undefined || backup === undefined ? undefined : { origin, backup, facts };
}

export function encodeRevocation(revocation: Revocation): Uint8Array {
  return encode({
    version: 1,
    fingerprint: toHex(revocation.fingerprint),
    revoked_at: formatTime(revocation.revokedAtSeconds),
    reason: revocation.reason,
  });
}

/** Returns the file that says what became of a bundle such as `bundles/bundle-000001.cose`. */
export function bundleMarkPath(bundleFile: string, state: BundleState): string {
  return bundleFile.replace(/\.cose$/, `.${state}.json`);
}

export function encodeBundleMark({ state, atSeconds, sha256 }: BundleMark): Uint8Array {
  return encode({ version: 1, state, at: formatTime(atSeconds), sha256 });
}

/** Decodes a mark, or returns what is wrong with the file. */
export function decodeBundleMark(file: Uint8Array): BundleMark | string {
  const object = parse(file, ['version', 'state', 'at', 'sha256']);
  if (typeof object === 'string') return object;
  const state = BUNDLE_STATES.find((known) => known === textField(object, 'state'));
  const atSeconds = timeOf(object, 'at');
  const sha256 = textField(object, 'sha256') ?? '';
  if (state === undefined) return `state is none of ${BUNDLE_STATES.join(', ')}`;
  if (typeof atSeconds === 'string') return atSeconds;
  if (!/^[0-9a-f]{64}$/.test(sha256)) return 'sha256 is not 64 hex digits';
  return { state, atSeconds, sha256 };
}

/** Returns the file that says how a key such as `root-1` ends. */
export function keyMarkPath(name: string, state: KeyState): string {
  return `keys/${name}.${state}.json`;
}

/** Returns whether a key's name could be taken for that of a mark. */
export function isMarkName(keyName: string): boolean {
  return KEY_STATES.some((state) => keyName.endsWith(`.${state}`));
}

export function encodeKeyMark({ state, atSeconds, publicKey }: KeyMark): Uint8Array {
  return encode({ version: 1, state, at: formatTime(atSeconds), public_key: toHex(publicKey) });
}

/** Decodes a mark, or returns what is wrong with the file. */
export function decodeKeyMark(file: Uint8Array): KeyMark | string {
  const object = parse(file, ['version', 'state', 'at', 'public_key']);
  if (typeof object === 'string') return object;
  const state = KEY_STATES.find((known) => known === textField(object, 'state'));
  const atSeconds = timeOf(object, 'at');
  const publicKey = fromHex(textField(object, 'public_key') ?? '');
  if (state === undefined) return `state is none of ${KEY_STATES.join(', ')}`;
  if (typeof atSeconds === 'string') return atSeconds;
  if (publicKey === undefined || publicKey.length === 0) return 'public_key is not hex';
  return { state, atSeconds, publicKey };
}

/** Returns the file that says that a root such as `credentials/root-2.pem` is in reserve. */
export function reservePath(rootFile: string): string {
  return rootFile.replace(/\.pem$/, '.reserve.json');
}

export function encodeReserve({ fingerprint, atSeconds }: Reserve): Uint8Array {
  return encode({ version: 1, fingerprint, since: formatTime(atSeconds) });
}

/** Decodes a reserve, or returns what is wrong with the file. */
export function decodeReserve(file: Uint8Array): Reserve | string {
  const object = parse(file, ['version', 'fingerprint', 'since']);
  if (typeof object === 'string') return object;
  const fingerprint = textField(object, 'fingerprint') ?? '';
  const atSeconds = timeOf(object, 'since');
  if (typeof atSeconds === 'string') return atSeconds;
  if (parseFingerprint(fingerprint) === undefined) return 'fingerprint is not 32, 48 or 64 bytes in hex';
  return { fingerprint, atSeconds };
}

/** Decodes a revocation, or returns what is wrong with the file. */
export function decodeRevocation(file: Uint8Array): Revocation | string {
  const object = parse(file, ['version', 'fingerprint', 'revoked_at', 'reason']);
  if (typeof object === 'string') return object;
  const fingerprint = fromHex(textField(object, 'fingerprint') ?? '');
  const revokedAtSeconds = timeOf(object, 'revoked_at');
  const reason = REVOCATION_REASONS.find((known) => known === textField(object, 'reason'));
  if (fingerprint === undefined || !isFingerprint(fingerprint)) return 'fingerprint is not 32, 48 or 64 bytes in hex';
  if (typeof revokedAtSeconds === 'string') return revokedAtSeconds;
  if (reason === undefined) return `reason is none of ${REVOCATION_REASONS.join(', ')}`;
  return { fingerprint, revokedAtSeconds, reason };
}

function encode(object: JsonObject): Uint8Array {
  return utf8(`${JSON.stringify(object, undefined, 2)}\n`);
}

function parse(file: Uint8Array, keys: readonly string[], optional: readonly string[] = []): JsonObject | string {
  const object = parseJsonObject(file);
  if (typeof object === 'string') return object;
  if (object.version !== 1) return `version is ${JSON.stringify(object.version ?? null)}, expected 1`;
  const all = [...keys, ...optional.filter((key) => Object.hasOwn(object, key))];
  return hasExactly(object, all) ? object : `its keys are not ${keys.join(', ')}`;
}

function timeOf(object: JsonObject, key: string): number | string {
  const text = textField(object, key);
  if (text === undefined) return `${key} is missing`;
  try {
    return parseTime(text);
  } catch (error) {
    return `${key}: ${messageOf(error)}`;
  }
}
