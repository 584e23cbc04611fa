/** Files of an authority that no transcript names: their transcript is lost or cut short, or they were copied, or put there. */
import { equalBytes, toHex } from '../common/bytes.js';
import { CeremonyError } from '../common/errors.js';
import { listFolder, MAX_BUNDLE_FILE, MAX_CREDENTIAL_FILE, readFile } from '../common/files.js';
import { decodeCredentialFile } from '../credential/credential-file.js';
import { fingerprintOf } from '../credential/fingerprint.js';
import type { IntermediateAsCredential } from '../credential/intermediate-as-credential.js';
import { hash } from '../crypto/hash.js';
import type { FolderReader } from './folder-reader.js';
import { inAuthority, LASTING_FOLDERS } from './layout.js';
import { decodeKeyRecord } from './records.js';
import { isTemporary } from './transaction.js';

/** What is there, and should be on record. Key files are secret, and in no transcript. */
export function lastingFiles(dir: string): readonly string[] {
  return LASTING_FOLDERS.flatMap((folder) =>
    listFolder(inAuthority(dir, folder))
      .filter((name) => !isTemporary(name) && !name.endsWith('.age'))
      .map((name) => `${folder}/${name}`),
  );
}

/**
 * A finding for each of `files`, which no transcript names, but for answers from elsewhere. `recorded` has the hashes (hex) of those that one names;
 * `unfinished` is the transcript that has no end.
 */
export function findUnrecorded(
  reader: FolderReader,
  files: readonly string[],
  recorded: ReadonlyMap<string, string>,
  unfinished: string | undefined,
): void {
  const isAnswer = answersFor(reader.dir);
  let originals: ReadonlyMap<string, string> | undefined;
  for (const file of files) {
    if (reader.hasFound(file) || isAnswer(file)) continue;
    originals ??= new Map([...recorded].map(([path, sha256]) => [sha256, path]));
    const original = originals.get(sha256Of(reader.dir, file) ?? '');
    const lost =
      unfinished === undefined ? 'one is missing' : `one is missing, or cut short (${unfinished} has no end)`;
    const why = original === undefined ? `${lost}, or it was put there` : `it is a copy of ${original}`;
    reader.find(file, `no transcript says that it was made: ${why}`);
  }
}

/**
 * Whether a file is an intermediate that was issued elsewhere for a key on record here, and copied here: its root is not one of this authority.
 * Everything is read once, and only where a file is asked about.
 */
function answersFor(dir: string): (file: string) => boolean {
  let keys: readonly Uint8Array[] | undefined;
  let roots: ReadonlySet<string> | undefined;
  return (file) => {
    if (!/^credentials\/intermediate-\d+\.pem$/.test(file)) return false;
    const credential = intermediateIn(dir, file);
    if (credential === undefined) return false;
    keys ??= listFolder(inAuthority(dir, 'keys'))
      .filter((name) => name.endsWith('.json'))
      .flatMap((name) => publicKeyIn(dir, `keys/${name}`));
    roots ??= new Set(
      listFolder(inAuthority(dir, 'credentials'))
        .filter((name) => /^root-\d+\.pem$/.test(name))
        .flatMap((name) => rootIn(dir, `credentials/${name}`)),
    );
    const { publicKey, signerFingerprint } = credential.payload;
    return !roots.has(toHex(signerFingerprint)) && keys.some((key) => equalBytes(key, publicKey));
  };
}

function intermediateIn(dir: string, file: string): IntermediateAsCredential | undefined {
  return attempt(() =>
    decodeCredentialFile(readFile(inAuthority(dir, file), MAX_CREDENTIAL_FILE), ['intermediate_as_credential']),
  );
}

function rootIn(dir: string, file: string): string[] {
  const root = attempt(() =>
    decodeCredentialFile(readFile(inAuthority(dir, file), MAX_CREDENTIAL_FILE), ['as_credential']),
  );
  return root === undefined ? [] : [toHex(fingerprintOf(root))];
}

function publicKeyIn(dir: string, file: string): Uint8Array[] {
  const record = attempt(() => decodeKeyRecord(readFile(inAuthority(dir, file), MAX_CREDENTIAL_FILE)));
  return record === undefined || typeof record === 'string' ? [] : [record.publicKey];
}

function sha256Of(dir: string, file: string): string | undefined {
  return attempt(() => toHex(hash('sha256', readFile(inAuthority(dir, file), MAX_BUNDLE_FILE))));
}

/** What doesn't decode is a finding of whoever reads that file for itself. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof CeremonyError) return undefined;
    throw error;
  }
}
