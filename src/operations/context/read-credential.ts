/** Reads credential files that a person names. */
import { readAnywhere } from '../../authority/ground/anywhere.js';
import { CeremonyError, retold } from '../../common/errors.js';
import { MAX_CREDENTIAL_FILE } from '../../common/files.js';
import { decodeCredentialFile } from '../../credential/credential-file.js';
import type { AnyCredential, AnyRequest, Kind } from '../../credential/kinds.js';

/** Reads one credential or request of the accepted kinds; `-` is standard input. Errors name the file. */
export function readCredential<K extends Kind>(
  path: string,
  expected: readonly K[],
): Extract<AnyCredential | AnyRequest, { kind: K }> {
  const file = readAnywhere(path, MAX_CREDENTIAL_FILE);
  try {
    return decodeCredentialFile(file, expected);
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    throw retold(error, `${path === '-' ? 'standard input' : path}: ${error.message}`);
  }
}
