/** Files that the command line names. */
import { resolve } from 'node:path';
import { refused, usage } from '../../common/errors.js';
import { exists } from '../../common/files.js';
import type { AsCredential } from '../../credential/as-credential.js';
import { isFingerprint, parseFingerprint } from '../../credential/credential-fingerprint.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import {
  type AnyCredential,
  type AnyRequest,
  type CredentialKind,
  isKind,
  type Kind,
  KINDS,
} from '../../credential/kinds.js';
import { readCredential } from '../../operations/context/read-credential.js';

const ALL_KINDS = Object.keys(KINDS) as Kind[];
export const CREDENTIAL_KINDS: readonly CredentialKind[] = [
  'as_credential',
  'intermediate_as_credential',
  'client_credential',
  'leaf_credential',
];

/** Returns a path as JSON output shows it: absolute, or `-` for standard input. */
export function absolute(path: string): string {
  return path === '-' ? path : resolve(path);
}

/** Reads a credential or request of any kind, or of the one that --kind names. Error: `usage`. */
export function readAnyKind(path: string, kind: string | undefined): AnyCredential | AnyRequest {
  if (kind !== undefined && !isKind(kind)) {
    throw usage(`unknown kind ${JSON.stringify(kind)}`, { hint: `Choose one of ${ALL_KINDS.join(', ')}.` });
  }
  return readCredential(path, kind === undefined ? ALL_KINDS : [kind]);
}

export interface TrustArguments {
  /** Fingerprints. */
  readonly pins: readonly Uint8Array[];
  /** The credentials that were given as files. */
  readonly credentials: readonly AsCredential[];
  /** The files. */
  readonly files: readonly string[];
}

/** Returns a whole fingerprint as people write it down, in hex groups or PGP words, or undefined if it is neither. */
async function spokenFingerprint(text: string): Promise<Uint8Array | undefined> {
  if (!/\s/.test(text)) return undefined;
  const hex = parseFingerprint(text.replace(/\s+/g, ''));
  if (hex !== undefined) return hex;
  const { fromPgpWords } = await import('../../common/pgp-words.js');
  const bytes = fromPgpWords(text);
  if (bytes instanceof Uint8Array) return isFingerprint(bytes) ? bytes : undefined;
  // If these are words of which one is wrong, say which. Anything else is taken for a file name.
  if (text.trim().split(/\s+/).length < 32) return undefined;
  throw refused(
    'bad-fingerprint',
    `--trust: word ${String(bytes.wrong)}, ${JSON.stringify(bytes.word)}, is not a PGP word that can be there`,
    {
      hint: 'Read the words again; one may be missing, or two in the wrong order.',
    },
  );
}

/** Reads `--trust FP|F`: a whole fingerprint, or the file of an AS credential, but never a prefix. */
export async function readTrust(values: readonly string[]): Promise<TrustArguments> {
  const pins: Uint8Array[] = [];
  const credentials: AsCredential[] = [];
  const files: string[] = [];
  for (const value of values) {
    const fingerprint = parseFingerprint(value) ?? (await spokenFingerprint(value));
    if (fingerprint !== undefined) {
      pins.push(fingerprint);
    } else if (/^[0-9a-fA-F]{8,}$/.test(value) && !exists(value)) {
      throw refused(
        'bad-fingerprint',
        `--trust ${value} has ${String(value.length)} hex digits; a whole fingerprint has 64, 96 or 128`,
        {
          hint: 'Trust needs the whole fingerprint: a prefix can be forged.',
        },
      );
    } else {
      const credential = readCredential(value, ['as_credential']);
      credentials.push(credential);
      files.push(value);
      pins.push(fingerprintOf(credential));
    }
  }
  return { pins, credentials, files };
}

/** Returns the first positional argument; commander has checked their number. */
export function first(args: readonly string[]): string {
  const [value] = args;
  if (value === undefined) throw usage('an argument is missing');
  return value;
}
