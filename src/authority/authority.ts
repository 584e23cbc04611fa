/** Finds, reads and decodes the authority's folder. Nothing is verified or changed here. */
import { resolve } from 'node:path';
import { looksLikePem } from '../codec/pem.js';
import { equalBytes, toHex } from '../common/bytes.js';
import { couldNot } from '../common/errors.js';
import { isFolder, MAX_CREDENTIAL_FILE } from '../common/files.js';
import type { Remedy } from '../common/remedy.js';
import type { AsCredential } from '../credential/as-credential.js';
import { decodeCredentialFile } from '../credential/credential-file.js';
import { fingerprintOf } from '../credential/fingerprint-of.js';
import type { IntermediateAsCredential } from '../credential/intermediate-as-credential.js';
import { type HeldBundle, type HeldForgery, readBundles } from './folders/bundles-folder.js';
import { FolderReader } from './folders/folder-reader.js';
import { type HeldKeyRecord, readKeys } from './folders/keys-folder.js';
import { type HeldRevocation, readRequests, readRevocations } from './folders/small-folders.js';
import { type SettingsState, settingsState } from './formats/recorded-settings.js';
import type { Settings } from './formats/settings.js';
import { loadSettings } from './formats/settings.js';
import { decodeReserve, reservePath } from './formats/small-files.js';
import { checkGround } from './ground/check-ground.js';
import { existsInside } from './ground/inside.js';
import { FOLDERS, PENDING_FILE, SETTINGS_FILE } from './ground/layout.js';
import { pendingState, type Recovery } from './journal/recovery.js';
import {
  readLedger,
  type RecordedRequest,
  type RecordedSignature,
  type SettingsAt,
  type TranscriptFolder,
} from './ledger/ledger.js';

export type { HeldBundle } from './folders/bundles-folder.js';
export type { HeldKeyRecord } from './folders/keys-folder.js';
export type { HeldRevocation } from './folders/small-folders.js';

/**
 * One credential of the authority. `file` is relative to the authority, such as `credentials/root-1.pem`; `fingerprint`
 * is lower-case hex.
 */
export interface HeldCredential<C> {
  readonly file: string;
  readonly number: number;
  readonly credential: C;
  readonly fingerprint: string;
}

export type HeldRoot = HeldCredential<AsCredential>;

export interface Authority {
  /** The absolute path. */
  readonly dir: string;
  readonly settings: Settings;
  /** The state of authority.yaml, compared with what the transcripts last said about it. */
  readonly settingsState: SettingsState;
  readonly settingsHistory: readonly SettingsAt[];
  /** In rising order of number. */
  readonly roots: readonly HeldCredential<AsCredential>[];
  readonly intermediates: readonly HeldCredential<IntermediateAsCredential>[];
  /**
   * Fingerprints (hex) of roots that were made as reserves, which no bundle lists until they are needed; some may have
   * been listed since.
   */
  readonly reserves: ReadonlySet<string>;
  readonly keyRecords: readonly HeldKeyRecord[];
  /** In rising order of number. */
  readonly bundles: readonly HeldBundle[];
  /** Bundles that somebody else signed with a root of this authority, as a person has put on record. */
  readonly forgeries: readonly HeldForgery[];
  readonly revocations: readonly HeldRevocation[];
  /** Files, relative to the authority. */
  readonly requests: readonly string[];
  /** Requests that were made here and are no longer here, answered or not. */
  readonly missingRequests: readonly RecordedRequest[];
  readonly transcripts: TranscriptFolder;
  /** Every signature on a bundle that the transcripts know, in their order. */
  readonly bundleSignatures: readonly RecordedSignature[];
  /** Unix seconds of the newest transcript's last line; undefined if there is no transcript. */
  readonly newestSeconds: number | undefined;
  /** The highest sequence of a bundle that may have been published though it is not here; 0 if nothing says so. */
  readonly sequenceFloor: number;
  /**
   * When the record began again with a bundle (Unix seconds), since what was issued before that may be unknown.
   * Undefined if it did not.
   */
  readonly rebuiltSeconds: number | undefined;
  /** What an interrupted command left, for `status`. Commands that write recover before they open. */
  readonly pending: Recovery | undefined;
  /** Returns one above every number that credentials, requests, key files and key records of that kind use. */
  nextNumber(kind: 'root' | 'intermediate'): number;
  keyRecordFor(publicKey: Uint8Array): HeldKeyRecord | undefined;
}

/**
 * Reads the authority at `dir`. Errors: `no-authority`; `bad-settings`; `authority-damaged` with a finding for every
 * file that cannot be decoded or does not belong there.
 */
export async function openAuthority(dir: string): Promise<Authority> {
  const root = resolve(dir);
  if (!existsInside(root, SETTINGS_FILE)) throw noAuthority(root);
  checkGround(root);
  const reader = new FolderReader(root);
  try {
    return await readAuthority(reader);
  } finally {
    reader.close();
  }
}

async function readAuthority(reader: FolderReader): Promise<Authority> {
  const root = reader.dir;
  reader.readTop();
  if (reader.hasFound(SETTINGS_FILE)) reader.end();
  // Whatever cannot be read is a finding by now, and ends this below.
  const pending = [PENDING_FILE, ...FOLDERS].some((name) => reader.hasFound(name)) ? undefined : pendingState(root);
  const { settings, ...settingsNow } = await loadSettings(root);
  const { roots, intermediates, reserves } = readCredentials(reader);
  const { records: keyRecords, names: keyNames } = readKeys(reader);
  const { bundles, forgeries } = readBundles(reader);
  const requests = readRequests(reader);
  const revocations = readRevocations(reader);
  const {
    transcripts,
    newestSeconds,
    bundleSignatures,
    sequenceFloor,
    rebuiltSeconds,
    missingRequests,
    settings: recordedSettings,
    settingsHistory,
  } = readLedger(reader);
  checkDomain(reader, settings.domain, roots);
  reader.end();
  const used = [...roots, ...intermediates].map(({ file }) => file).concat(requests, keyNames);
  return {
    dir: root,
    settings,
    settingsState: settingsState(settingsNow, recordedSettings),
    settingsHistory,
    roots,
    intermediates,
    reserves,
    keyRecords,
    bundles,
    forgeries,
    revocations,
    requests,
    missingRequests,
    transcripts,
    bundleSignatures,
    newestSeconds,
    sequenceFloor,
    rebuiltSeconds,
    pending,
    nextNumber: (kind) => {
      const numbers = used.map((file) => new RegExp(`/${kind}-(\\d{1,9})\\.[a-z]+$`).exec(file)?.[1] ?? '0');
      const next = Math.max(0, ...numbers.map(Number)) + 1;
      if (next <= LAST_NUMBER) return next;
      throw couldNot(
        'authority-damaged',
        `a file named ${kind}-${String(next - 1)} leaves no number for the next one`,
        {
          hint: 'Give that file another name.',
        },
      );
    },
    keyRecordFor: (publicKey) => keyRecords.find((record) => equalBytes(record.publicKey, publicKey)),
  };
}

/** The limit for credentials and transcripts; no honest name has a higher number. */
const LAST_NUMBER = 999_999;

function noAuthority(dir: string): Error {
  const pending = isFolder(dir) ? pendingState(dir) : undefined;
  const init: Remedy = { command: 'init', args: ['DOMAIN', dir] };
  return couldNot('no-authority', `${dir} is not an authority: it has no ${SETTINGS_FILE}`, {
    ...(pending?.kind === 'completed'
      ? { hint: `An interrupted "${pending.operation ?? ''}" has to be completed here.`, remedies: [init] }
      : { hint: 'Name the authority, or make one.', remedies: [{ option: 'dir' }, init] }),
  });
}

function readCredentials(reader: FolderReader): Pick<Authority, 'roots' | 'intermediates' | 'reserves'> {
  const roots: HeldCredential<AsCredential>[] = [];
  const intermediates: HeldCredential<IntermediateAsCredential>[] = [];
  const seen = new Map<string, string>();
  const held = <C extends AsCredential | IntermediateAsCredential>(file: string, number: number, credential: C) => {
    const fingerprint = toHex(fingerprintOf(credential));
    const twin = seen.get(fingerprint);
    if (twin !== undefined) reader.suspect(file, [twin], `it is the same credential as ${twin}`);
    seen.set(fingerprint, file);
    return { file, number, credential, fingerprint };
  };
  const marks: string[] = [];
  const names = /^(root|intermediate)-([1-9]\d{0,5})\.(pem|reserve\.json)$/;
  for (const { file, key, match } of reader.read('credentials', names, (match) => Number(match[2]))) {
    if (match[3] !== 'pem') {
      marks.push(file);
      continue;
    }
    reader.attempt(file, () => {
      const bytes = reader.readFile(file, MAX_CREDENTIAL_FILE);
      if (!looksLikePem(bytes)) reader.find(file, 'it is not PEM');
      else if (match[1] === 'root') roots.push(held(file, key, decodeCredentialFile(bytes, ['as_credential'])));
      else intermediates.push(held(file, key, decodeCredentialFile(bytes, ['intermediate_as_credential'])));
    });
  }
  return { roots, intermediates, reserves: readReserves(reader, roots, marks) };
}

function rootOf(reserveFile: string): string {
  return reserveFile.replace(/\.reserve\.json$/, '.pem');
}

function readReserves(
  reader: FolderReader,
  roots: readonly HeldCredential<AsCredential>[],
  marks: readonly string[],
): ReadonlySet<string> {
  const reserves = new Set<string>();
  for (const file of marks) {
    const reserve = reader.decode(file, decodeReserve);
    if (reserve === undefined) continue;
    if (roots.some((root) => reservePath(root.file) === file && root.fingerprint === reserve.fingerprint))
      reserves.add(reserve.fingerprint);
    else
      reader.suspect(file, [rootOf(file)], 'there is no root to which it could belong, or it belongs to another one');
  }
  return reserves;
}

/**
 * Checks the domain, which is fixed once there is a root: no client of this domain accepts anything signed under
 * another one.
 */
function checkDomain(reader: FolderReader, domain: string, roots: readonly HeldCredential<AsCredential>[]): void {
  for (const { file, credential } of roots) {
    const { asDomain } = credential.payload;
    if (asDomain === domain) continue;
    const what = `its domain is ${domain}, and ${file} is a root of ${asDomain}; the domain of an authority never changes`;
    reader.find(SETTINGS_FILE, what, 'domain-mismatch');
  }
}
