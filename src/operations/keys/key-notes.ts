/**
 * What a person should know about the key files, as far as it shows without a passphrase. These are not errors: a key
 * may be in a safe until it is needed.
 */
import type { Authority, HeldKeyRecord } from '../../authority/authority.js';
import { existsInside, listInside, readInside } from '../../authority/ground/inside.js';
import { parseKeyUri } from '../../codec/key-uri.js';
import { CeremonyError } from '../../common/errors.js';
import type { Remark, Remedy } from '../../common/remedy.js';
import { formatTime } from '../../common/time.js';
import { MAX_KEY_FILE, readAgeFile } from '../../signer/age-header.js';

/** Returns one sentence for each file that is missing, damaged, left over or belongs to nothing. */
export function keyNotes(authority: Authority): readonly Remark[] {
  const known = new Set(
    authority.keyRecords.map(({ uri }) => uri).flatMap((uri) => (uri.startsWith('file:') ? [uri.slice(5)] : [])),
  );
  const strangers = listInside(authority.dir, 'keys')
    .filter((name) => name.endsWith('.age') && !name.startsWith('.') && !known.has(`keys/${name}`))
    .map((name): Remark => ({
      text: `keys/${name}: no key record is about it; put it on record, or, if it is a copy, keep it elsewhere`,
      remedies: [{ command: 'key attach', args: [`file:keys/${name}`] }],
    }));
  return [...authority.keyRecords.flatMap((record) => recordNotes(authority, record)), ...strangers];
}

/** Returns keys whose destruction has begun and may not be complete, and those that came back after it. */
export function unfinishedEnds(authority: Authority): readonly Remark[] {
  return authority.keyRecords.flatMap((record) => endNotes(authority, record));
}

function endNotes(authority: Authority, { uri, name, end }: HeldKeyRecord): Remark[] {
  if (end === undefined) return [];
  const since = formatTime(end.atSeconds);
  const remedies: readonly Remedy[] = [{ command: 'key destroy', args: [name] }];
  if (end.state === 'destroying')
    return [{ text: `${uri}: its destruction began ${since} and was not finished`, remedies }];
  const key = parseKeyUri(uri);
  if (key.kind !== 'file' || !existsInside(authority.dir, key.path)) return [];
  return [{ text: `${uri}: it was destroyed ${since}, and its file is back`, remedies }];
}

function recordNotes(authority: Authority, record: HeldKeyRecord): Remark[] {
  if (record.end !== undefined) return endNotes(authority, record);
  const key = parseKeyUri(record.uri);
  // Another medium need not be plugged in.
  if (key.kind !== 'file' || key.path.startsWith('/')) return [];
  if (!existsInside(authority.dir, key.path))
    return [`${key.path}: it is not here; bring it from where it is kept before it must sign`];
  try {
    readAgeFile(readInside(authority.dir, key.path, MAX_KEY_FILE), key.path);
    return [];
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    return [error.message];
  }
}
