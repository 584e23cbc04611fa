/** What a `run` step can do: the tool's operations by the names of their commands, with options as those have them. */
import { resolve } from 'node:path';
import { fromHex, toHex } from '../common/bytes.js';
import { refused, usage } from '../common/errors.js';
import { MAX_CREDENTIAL_FILE, readFile } from '../common/files.js';
import { parseDuration, parseTime } from '../common/time.js';
import { findCredential } from '../authority/find-credential.js';
import { inAuthority } from '../authority/layout.js';
import { commitmentOf } from '../bundle/commitment.js';
import { REVOCATION_REASONS } from '../bundle/revocation.js';
import { decodeCredentialFile } from '../credential/credential-file.js';
import { fingerprintOf } from '../credential/fingerprint.js';
import type { IntermediateAsCredentialRequest } from '../credential/intermediate-as-credential.js';
import { chooseCiphersuite, type Desk } from '../operations/desk.js';
import { exportSeries } from '../operations/export-bundle.js';
import { generateRoot } from '../operations/generate-root.js';
import { issueIntermediate } from '../operations/issue-intermediate.js';
import { verifyKey } from '../operations/key.js';
import { recordNamed } from '../operations/keys.js';
import type { BundleWish } from '../operations/next-bundle.js';
import type { KeyWish } from '../operations/ready-key.js';
import { requestIntermediate } from '../operations/request-intermediate.js';
import { revoke } from '../operations/revoke.js';
import { newestRoot } from '../operations/roots.js';
import { lastIntermediate, predecessorOf } from '../operations/succession.js';
import type { WantedValidity } from '../operations/validity.js';

export type OptionValues = Readonly<Record<string, string>>;

/** What a step made; files are relative to the authority. */
export interface StepResult {
  readonly fingerprint?: string;
  readonly files: readonly string[];
}

export interface Operation {
  readonly name: string;
  /** Whether it signs with a key of the authority. */
  readonly signs: boolean;
  readonly gives: 'fingerprint' | 'files' | 'nothing';
  readonly options: readonly string[];
  /** `earlier`: files that this ceremony made, the newest last. Empty options count as not given. */
  readonly run: (desk: Desk, options: OptionValues, earlier: readonly string[]) => Promise<StepResult>;
}

const VALIDITY = ['lifetime', 'not-before', 'not-after'];
const KEY = ['key', 'existing', 'backup'];

const root = (succeeds: boolean): Operation => ({
  name: succeeds ? 'root rotate' : 'root generate',
  signs: true,
  gives: 'fingerprint',
  options: [...KEY, ...VALIDITY, 'ciphersuite'],
  run: async (desk, options) => {
    const { credential, file } = await generateRoot(desk, {
      ...validityOf(options),
      ...keyOf(options),
      ...(options.key === undefined ? {} : { keyUri: options.key }),
      ciphersuite: chooseCiphersuite(desk.authority, options.ciphersuite),
      succeeds,
    });
    return { fingerprint: toHex(fingerprintOf(credential)), files: [file] };
  },
});

const OPERATIONS: readonly Operation[] = [
  root(false),
  root(true),
  {
    name: 'intermediate request',
    signs: true,
    gives: 'files',
    options: [...KEY, ...VALIDITY, 'ciphersuite', 'succeeds'],
    run: async (desk, options) => {
      const { authority, atSeconds } = desk;
      const { file } = await requestIntermediate(desk, {
        ...validityOf(options),
        ...keyOf(options),
        keyUri: options.key ?? `file:keys/intermediate-${String(authority.nextNumber('intermediate'))}.age`,
        ciphersuite: chooseCiphersuite(authority, options.ciphersuite),
        signer: newestRoot(authority, atSeconds).credential,
        ...(isYes(options.succeeds, 'succeeds')
          ? { predecessor: predecessorOf(authority, lastIntermediate(authority, atSeconds)) }
          : {}),
      });
      return { files: [file] };
    },
  },
  {
    name: 'intermediate issue',
    signs: true,
    gives: 'fingerprint',
    options: ['request', 'succeeds'],
    run: async (desk, options, earlier) => {
      const { authority, atSeconds } = desk;
      const predecessor = isYes(options.succeeds, 'succeeds') ? lastIntermediate(authority, atSeconds) : undefined;
      const { credential, file } = await issueIntermediate(
        desk,
        requestIn(authority.dir, options.request, earlier),
        predecessor,
      );
      return { fingerprint: toHex(fingerprintOf(credential)), files: [file] };
    },
  },
  {
    name: 'revoke',
    signs: false,
    gives: 'files',
    options: ['credential', 'reason', 'unknown'],
    run: async (desk, { credential, reason, unknown }) => {
      const known = REVOCATION_REASONS.find((one) => one === reason);
      if (known === undefined || credential === undefined) {
        throw usage('revoke needs a credential, and a reason', { hint: `Reasons: ${REVOCATION_REASONS.join(', ')}.` });
      }
      const wish = { name: credential, reason: known, unknown: isYes(unknown, 'unknown') };
      return { files: (await revoke(desk, wish)).map(({ file }) => file) };
    },
  },
  {
    name: 'bundle export',
    signs: true,
    gives: 'files',
    options: ['lifetime', 'series', 'threshold', 'next-root', 'retire', 'lost', 'repin'],
    run: async (desk, options) => {
      const made = await exportSeries(desk, bundleWish(desk, options), numberOf(options.series, 'series') ?? 1);
      return { files: made.map(({ file }) => file) };
    },
  },
  {
    name: 'key verify',
    signs: false,
    gives: 'nothing',
    options: ['key'],
    run: async (desk, { key }) => {
      await verifyKey(desk, key ?? '');
      return { files: [] };
    },
  },
];

export const OPERATION_NAMES: readonly string[] = OPERATIONS.map(({ name }) => name);

export function operationNamed(name: string): Operation | undefined {
  return OPERATIONS.find((one) => one.name === name);
}

export function isOperation(name: string): boolean {
  return operationNamed(name) !== undefined;
}

function validityOf(options: OptionValues): WantedValidity {
  const [notBefore, notAfter, lifetime] = [options['not-before'], options['not-after'], options.lifetime];
  if (notAfter !== undefined && lifetime !== undefined)
    throw usage('not-after and lifetime are both given', { hint: 'Give one of them.' });
  return {
    ...(notBefore === undefined ? {} : { notBefore: parseTime(notBefore) }),
    ...(notAfter === undefined ? {} : { notAfter: parseTime(notAfter) }),
    ...(lifetime === undefined ? {} : { lifetime: parseDuration(lifetime) }),
  };
}

function keyOf({ existing, backup }: OptionValues): KeyWish {
  if (existing !== undefined && existing !== 'adopt')
    throw usage(`existing: ${existing} is not adopt`, { hint: 'An orphan is destroyed outside of a ceremony.' });
  if (backup !== undefined && backup !== 'none' && backup !== 'wrapped')
    throw usage(`backup: ${backup} is neither none nor wrapped`, { hint: 'Write none or wrapped.' });
  return {
    ...(existing === undefined ? {} : { existing: 'adopt' as const }),
    ...(backup === undefined ? {} : { backup }),
  };
}

function isYes(text: string | undefined, name: string): boolean {
  if (text === undefined || text === 'no') return false;
  if (text === 'yes') return true;
  throw usage(`${name}: ${JSON.stringify(text)} is neither yes nor no`, { hint: 'Write yes or no.' });
}

function numberOf(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9][0-9]{0,3}$/.test(text)) return Number(text);
  throw usage(`${name}: ${text} is not a number from 1`, { hint: 'Write a number such as 4.' });
}

/** The request that is named (in the authority's requests/, or at a path of the machine), or the one that this ceremony made last. */
function requestIn(dir: string, name: string | undefined, earlier: readonly string[]): IntermediateAsCredentialRequest {
  const made = earlier.filter((file) => file.startsWith('requests/')).at(-1);
  const file = name ?? made;
  if (file === undefined) {
    throw refused('no-request', 'no request is named, and this ceremony made none', {
      hint: 'Name it: --set request=requests/NAME.pem, or the path of a file.',
    });
  }
  const path = file.startsWith('requests/') ? inAuthority(dir, file) : resolve(file);
  return decodeCredentialFile(readFile(path, MAX_CREDENTIAL_FILE), ['intermediate_as_credential_request']);
}

function bundleWish({ authority }: Desk, options: OptionValues): BundleWish {
  const { lifetime, retire, lost } = options;
  const threshold = numberOf(options.threshold, 'threshold');
  const next = options['next-root'];
  const rootNamed = (text: string): string[] => [findCredential(authority, text).fingerprint];
  const commitment = (text: string): Uint8Array => {
    const record = recordNamed(authority, text);
    const bytes = record === undefined ? fromHex(text) : commitmentOf(record.scheme, record.publicKey);
    if (bytes?.length === 32) return bytes;
    throw usage(`next-root: ${text} is neither a commitment (64 hex digits) nor a key on record`);
  };
  return {
    ...(lifetime === undefined ? {} : { lifetime: parseDuration(lifetime) }),
    ...(threshold === undefined ? {} : { threshold }),
    ...(next === undefined ? {} : { nextRoots: [commitment(next)] }),
    retire: retire === undefined ? [] : rootNamed(retire),
    lost: lost === undefined ? [] : rootNamed(lost),
    repin: isYes(options.repin, 'repin'),
  };
}
