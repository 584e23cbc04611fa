/**
 * Finds files of an authority that no transcript names: their transcript is lost or cut short, or they were copied or
 * planted.
 */
import { equalBytes, toHex } from '../../common/bytes.js';
import { attemptQuietly } from '../../common/errors.js';
import { MAX_BUNDLE_FILE, MAX_CREDENTIAL_FILE } from '../../common/files.js';
import { decodeCredentialFile } from '../../credential/credential-file.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import type { IntermediateAsCredential } from '../../credential/intermediate-as-credential.js';
import { hash } from '../../crypto/hash.js';
import type { FolderReader } from '../folders/folder-reader.js';
import { decodeKeyRecord } from '../formats/small-files.js';
import { LASTING_FOLDERS } from '../ground/layout.js';
import { isTemporary } from '../journal/transaction.js';

/**
 * Returns the files that exist and should be on record; `list` returns the names in a folder. Key files are secret, and
 * in no transcript.
 */
export function lastingFiles(list: (folder: string) => readonly string[]): readonly string[] {
  return LASTING_FOLDERS.flatMap((folder) =>
    list(folder)
      .filter((name) => !isTemporary(name) && !name.endsWith('.age'))
      .map((name) => `${folder}/${name}`),
  );
}

/**
 * Adds a finding for each of `files` that no transcript names, except for answers from elsewhere. `recorded` has the
 * hashes (hex) of those that one names; `unfinished` is the transcript that has no end.
 */
export function findUnrecorded(
  reader: FolderReader,
  files: readonly string[],
  recorded: ReadonlyMap<string, string>,
  unfinished: string | undefined,
): void {
  const isAnswer = answersFor(reader);
  let originals: ReadonlyMap<string, string> | undefined;
  for (const file of files) {
    if (reader.hasFound(file) || isAnswer(file)) continue;
    originals ??= new Map([...recorded].map(([path, sha256]) => [sha256, path]));
    const original = originals.get(sha256Of(reader, file) ?? '');
    const lost =
      unfinished === undefined ? 'one is missing' : `one is missing, or cut short (${unfinished} has no end)`;
    const why = original === undefined ? `${lost}, or it was put there` : `it is a copy of ${original}`;
    reader.find(file, `no transcript says that it was made: ${why}`);
  }
}

/**
 * Returns a function that tells whether a file is an intermediate that was issued elsewhere for a key on record here,
 * and copied here: its root is not one of this authority. Everything is read once, and only when first needed.
 */
function answersFor(reader: FolderReader): (file: string) => boolean {
  let keys: readonly Uint8Array[] | undefined;
  let roots: ReadonlySet<string> | undefined;
  return (file) => {
    if (!/^credentials\/intermediate-\d+\.pem$/.test(file)) return false;
    const credential = intermediateIn(reader, file);
    if (credential === undefined) return false;
    keys ??= reader
      .list('keys')
      .filter((name) => name.endsWith('.json'))
      .flatMap((name) => publicKeyIn(reader, `keys/${name}`));
    roots ??= new Set(
      reader
        .list('credentials')
        .filter((name) => /^root-\d+\.pem$/.test(name))
        .flatMap((name) => rootIn(reader, `credentials/${name}`)),
    );
    const { publicKey, signerFingerprint } = credential.payload;
    return !roots.has(toHex(signerFingerprint)) && keys.some((key) => equalBytes(key, publicKey));
  };
}

function intermediateIn(reader: FolderReader, file: string): IntermediateAsCredential | undefined {
  return attemptQuietly(() =>
    decodeCredentialFile(reader.readFile(file, MAX_CREDENTIAL_FILE), ['intermediate_as_credential']),
  );
}

function rootIn(reader: FolderReader, file: string): string[] {
  const root = attemptQuietly(() =>
    decodeCredentialFile(reader.readFile(file, MAX_CREDENTIAL_FILE), ['as_credential']),
  );
  return root === undefined ? [] : [toHex(fingerprintOf(root))];
}

function publicKeyIn(reader: FolderReader, file: string): Uint8Array[] {
  const record = attemptQuietly(() => decodeKeyRecord(reader.readFile(file, MAX_CREDENTIAL_FILE)));
  return record === undefined || typeof record === 'string' ? [] : [record.publicKey];
}

function sha256Of(reader: FolderReader, file: string): string | undefined {
  return attemptQuietly(() => toHex(hash('sha256', reader.readFile(file, MAX_BUNDLE_FILE))));
}
