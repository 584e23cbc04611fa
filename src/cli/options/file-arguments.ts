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

/** A path as JSON output has it: absolute, and `-` for standard input. */
export function absolute(path: string): string {
  return path === '-' ? path : resolve(path);
}

/** Any kind, or the one that --kind names. Error: `usage`. */
export function readAnyKind(path: string, kind: string | undefined): AnyCredential | AnyRequest {
  if (kind !== undefined && !isKind(kind)) {
    throw usage(`unknown kind ${JSON.stringify(kind)}`, { hint: `Choose one of ${ALL_KINDS.join(', ')}.` });
  }
  return readCredential(path, kind === undefined ? ALL_KINDS : [kind]);
}

export interface TrustArguments {
  /** Fingerprints. */
  readonly pins: readonly Uint8Array[];
  /** Those that were given as files. */
  readonly credentials: readonly AsCredential[];
  /** The files. */
  readonly files: readonly string[];
}

/** A whole fingerprint as it is written down: hex in groups, or PGP words. Undefined where it is neither. */
async function spokenFingerprint(text: string): Promise<Uint8Array | undefined> {
  if (!/\s/.test(text)) return undefined;
  const hex = parseFingerprint(text.replace(/\s+/g, ''));
  if (hex !== undefined) return hex;
  const { fromPgpWords } = await import('../../common/pgp-words.js');
  const bytes = fromPgpWords(text);
  if (bytes instanceof Uint8Array) return isFingerprint(bytes) ? bytes : undefined;
  // Words, and one of them wrong: say which. Anything else is taken for a file's name.
  if (text.trim().split(/\s+/).length < 32) return undefined;
  throw refused(
    'bad-fingerprint',
    `--trust: word ${String(bytes.wrong)}, ${JSON.stringify(bytes.word)}, is not a PGP word that can be there`,
    {
      hint: 'Read the words again; one may be missing, or two in the wrong order.',
    },
  );
}

/** `--trust FP|F`: a whole fingerprint, or the file of an AS credential; never a prefix. */
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

/** Exactly so many positional arguments are commander's business; this names the first. */
export function first(args: readonly string[]): string {
  const [value] = args;
  if (value === undefined) throw usage('an argument is missing');
  return value;
}
