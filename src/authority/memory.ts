/**
 * What the user's state folder remembers about authorities. It is outside all of them, so that whoever can write in an
 * authority's folder cannot write here too. An authority is identified by its domain and its first transcript rather
 * than by its path, so that a copy elsewhere counts as the same one.
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
  /** The head of its first transcript, in hex. */
  readonly first: string;
}

/** The state of the record when it was last changed here. */
export interface Remembered extends AuthorityIdentity {
  /** The hash of its newest line, in hex. */
  readonly head: string;
  /** The highest sequence of a bundle that may have been published. */
  readonly sequence: number;
  /** The time of the newest line, in Unix seconds. */
  readonly atSeconds: number;
}

const MAX_FILE = 4096;
const NAME = /^[0-9a-f]{32}\.json$/;

export class Memory {
  /** `folder` is absolute, and need not exist. */
  constructor(readonly folder: string) {}

  /** Returns where the memory of an authority is stored. */
  pathOf({ domain, first }: AuthorityIdentity): string {
    return `${this.folder}/${toHex(hash('sha256', utf8(`${domain}\n${first}`))).slice(0, 32)}.json`;
  }

  /** Returns what is remembered, undefined if nothing is, or why it cannot be read. */
  of(identity: AuthorityIdentity): Remembered | string | undefined {
    const path = this.pathOf(identity);
    if (!exists(path)) return undefined;
    const found = read(path);
    if (typeof found === 'string') return `${path}: ${found}`;
    return found.domain === identity.domain && found.first === identity.first
      ? found
      : `${path}: it is of another authority`;
  }

  /** Returns every remembered authority of a domain that can be read. */
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

  /** Replaces what was remembered, entirely or not at all. Error: `file`. */
  keep(one: Remembered): void {
    const { domain, first, head, sequence, atSeconds } = one;
    const object = { version: 1, domain, first, head, sequence, time: formatTime(atSeconds) };
    const path = this.pathOf(one);
    makeFolder(this.folder, 0o700);
    const temporary = temporaryName(path);
    writeNewFile(temporary, utf8(`${JSON.stringify(object)}\n`), 0o600, path);
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
  const object = parseJsonObject(bytes);
  if (typeof object === 'string') return object;
  if (object.version !== 1) return 'its version is not 1';
  if (!hasExactly(object, ['version', 'domain', 'first', 'head', 'sequence', 'time'])) return 'it has other keys';
  const [domain, first, head, time] = ['domain', 'first', 'head', 'time'].map((key) => textField(object, key) ?? '');
  const { sequence } = object;
  if (domain === undefined || domain === '' || time === undefined) return 'it names no domain';
  if (first === undefined || head === undefined || !isHead(first) || !isHead(head)) return 'its heads are not hashes';
  if (typeof sequence !== 'number' || !Number.isSafeInteger(sequence) || sequence < 0)
    return 'its sequence is not a number';
  return { domain, first, head, sequence, atSeconds: parseTime(time) };
}

function isHead(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
