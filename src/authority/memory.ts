/**
 * What a user's state folder remembers of authorities, outside of any of them: whoever writes an authority's folder
 * can't write here too. An authority is known by its domain and its first transcript, not by its path, so that a copy
 * elsewhere is the same one.
 */
import { hasExactly, parseJsonObject, textField } from '../codec/strict-json.js';
import { toHex, utf8 } from '../common/bytes.js';
import { CeremonyError } from '../common/errors.js';
import { exists, listFolder, readFile } from '../common/files.js';
import { makeFolder, removeFile, renameFile, temporaryName, writeNewFile } from '../common/new-files.js';
import { formatTime, parseTime } from '../common/time.js';
import { hash } from '../crypto/hash.js';

export interface AuthorityIdentity {
  readonly domain: string;
  /** Hex, of its first transcript. */
  readonly first: string;
}

/** How the record stood when it was last changed here. */
export interface Remembered extends AuthorityIdentity {
  /** Hex, of its newest line. */
  readonly head: string;
  /** The highest of a bundle that may be out. */
  readonly sequence: number;
  /** Unix seconds, of the newest line. */
  readonly atSeconds: number;
}

const MAX_FILE = 4096;
const NAME = /^[0-9a-f]{32}\.json$/;

export class Memory {
  /** `folder` is absolute; it need not be there. */
  constructor(readonly folder: string) {}

  /** Where the memory of an authority lies. */
  pathOf({ domain, first }: AuthorityIdentity): string {
    return `${this.folder}/${toHex(hash('sha256', utf8(`${domain}\n${first}`))).slice(0, 32)}.json`;
  }

  /** Undefined where nothing is remembered; a text where what is there can't be read. */
  of(identity: AuthorityIdentity): Remembered | string | undefined {
    const path = this.pathOf(identity);
    if (!exists(path)) return undefined;
    const found = read(path);
    if (typeof found === 'string') return `${path}: ${found}`;
    return found.domain === identity.domain && found.first === identity.first
      ? found
      : `${path}: it is of another authority`;
  }

  /** Every authority of a domain that can be read. */
  ofDomain(domain: string): readonly Remembered[] {
    let names: readonly string[];
    try {
      names = listFolder(this.folder);
    } catch (error) {
      if (error instanceof CeremonyError) return [];
      throw error;
    }
    return names
      .filter((name) => NAME.test(name))
      .map((name) => read(`${this.folder}/${name}`))
      .filter((one) => typeof one !== 'string')
      .filter((one) => one.domain === domain);
  }

  /** In place of what was remembered, whole or not at all. Error: `file`. */
  keep(one: Remembered): void {
    const { domain, first, head, sequence, atSeconds } = one;
    const record = { version: 1, domain, first, head, sequence, time: formatTime(atSeconds) };
    const path = this.pathOf(one);
    makeFolder(this.folder, 0o700);
    const temporary = temporaryName(path);
    writeNewFile(temporary, utf8(`${JSON.stringify(record)}\n`), 0o600, path);
    try {
      renameFile(temporary, path);
    } catch (error) {
      removeFile(temporary);
      throw error;
    }
  }
}

function read(path: string): Remembered | string {
  try {
    return decode(readFile(path, MAX_FILE));
  } catch (error) {
    if (error instanceof CeremonyError) return error.message;
    throw error;
  }
}

function decode(bytes: Uint8Array): Remembered | string {
  const record = parseJsonObject(bytes);
  if (typeof record === 'string') return record;
  if (record.version !== 1) return 'its version is not 1';
  if (!hasExactly(record, ['version', 'domain', 'first', 'head', 'sequence', 'time'])) return 'its keys are others';
  const [domain, first, head, time] = ['domain', 'first', 'head', 'time'].map((key) => textField(record, key) ?? '');
  const { sequence } = record;
  if (domain === undefined || domain === '' || time === undefined) return 'it names no domain';
  if (first === undefined || head === undefined || !isHead(first) || !isHead(head)) return 'its heads are not hashes';
  if (typeof sequence !== 'number' || !Number.isSafeInteger(sequence) || sequence < 0)
    return 'its sequence is not a number';
  return { domain, first, head, sequence, atSeconds: parseTime(time) };
}

function isHead(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
