/** The folders `requests/` and `revocations/` of an authority. */
import { toHex } from '../../common/bytes.js';
import { decodeRevocation, type Revocation, revocationPath } from '../formats/small-files.js';
import { REQUEST_NAME } from '../ground/layout.js';
import type { FolderReader } from './folder-reader.js';

export interface HeldRevocation extends Revocation {
  readonly file: string;
}

/** Returns the requests' files by name. Their contents are read where they are answered. */
export function readRequests(reader: FolderReader): string[] {
  return reader.read('requests', REQUEST_NAME, () => 0).map(({ file }) => file);
}

/** Returns the revocations by name. Whatever doesn't belong there becomes a finding. */
export function readRevocations(reader: FolderReader): HeldRevocation[] {
  const revocations: HeldRevocation[] = [];
  const seen = new Map<string, string>();
  for (const { file } of reader.read('revocations', /^.+\.json$/, () => 0)) {
    const revocation = reader.decode(file, decodeRevocation);
    if (revocation === undefined) continue;
    const fingerprint = toHex(revocation.fingerprint);
    if (file !== revocationPath(revocation.fingerprint))
      reader.find(file, `its name is not that of what it revokes, ${fingerprint}`);
    const twin = seen.get(fingerprint);
    if (twin !== undefined) reader.suspect(file, [twin], `it revokes the same credential as ${twin}`);
    seen.set(fingerprint, file);
    revocations.push({ ...revocation, file });
  }
  return revocations;
}
