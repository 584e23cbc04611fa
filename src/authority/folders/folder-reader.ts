/** Reads an authority's folders and collects everything that doesn't belong, to list it all at once. */
import { utf8 } from '../../common/bytes.js';
import type { Code } from '../../common/codes.js';
import { CeremonyError, couldNot, type Finding } from '../../common/errors.js';
import { isExhausted, MAX_CREDENTIAL_FILE } from '../../common/files.js';
import { MAX_TRANSCRIPT_FILE } from '../formats/transcript.js';
import { Ground } from '../ground/ground.js';
import { FOLDERS, isTopName, PENDING_FILE } from '../ground/layout.js';
import { filesUnderWay } from '../journal/recovery.js';
import { isTemporary } from '../journal/transaction.js';

/** A file whose name fits; `file` is relative to the authority, `key` what the entries are sorted by. */
export interface FolderEntry {
  readonly file: string;
  readonly key: number;
  readonly match: RegExpExecArray;
}

/** It holds the authority's folders open until `close`. */
export class FolderReader {
  readonly #ground: Ground;
  readonly #findings: Finding[] = [];
  readonly #found = new Set<string>();
  readonly #suspicions: { readonly file: string; readonly others: readonly string[]; readonly what: string }[] = [];
  #underWay: ReadonlySet<string> = new Set();

  /** Errors: `file-not-found`, `file`. */
  constructor(readonly dir: string) {
    this.#ground = Ground.open(dir);
  }

  /**
   * Files (relative) that count as not there, whatever is there: the next command that writes gives them all their
   * names. Known once the top was read.
   */
  get underWay(): ReadonlySet<string> {
    return this.#underWay;
  }

  close(): void {
    this.#ground.close();
  }

  /** The names in a folder, sorted; none where it can't be looked into, which is a finding. */
  list(folder: string): string[] {
    if (this.hasFound(folder)) return [];
    const names = this.attempt(folder, () => this.#ground.list(folder)) ?? [];
    return this.underWay.size === 0 ? names : names.filter((name) => !this.underWay.has(`${folder}/${name}`));
  }

  exists(file: string): boolean {
    return this.attempt(file, () => this.#ground.exists(file)) ?? true;
  }

  /** Errors: those of `Ground.read`. */
  readFile(file: string, limit: number): Uint8Array {
    return this.#ground.read(file, limit);
  }

  /**
   * A finding for each name at the top that nothing of an authority has, or that isn't what it should be; and for a
   * journal that can't be completed.
   */
  readTop(): void {
    for (const name of this.list('')) {
      if (isTopName(name) || isTemporary(name)) this.findFault(name);
      else if (!isMountPoints(name, this.#ground)) this.find(name, 'nothing of that name belongs there');
    }
    if ([PENDING_FILE, ...FOLDERS].some((name) => this.hasFound(name))) return;
    this.#underWay = this.attempt(PENDING_FILE, () => filesUnderWay(this.dir)) ?? this.#underWay;
  }

  /** Whether something is wrong with what has this name, or with the name, which then is a finding. */
  findFault(file: string): boolean {
    const fault = nameFault(file) ?? this.attempt(file, () => this.#ground.faultOf(file) ?? this.#sizeFault(file));
    if (fault !== undefined) this.find(file, fault);
    return this.hasFound(file);
  }

  /** No file in a folder of an authority is larger than a transcript may be. */
  #sizeFault(file: string): string | undefined {
    const size = file.includes('/') ? (this.#ground.facts(file)?.size ?? 0) : 0;
    return size > MAX_TRANSCRIPT_FILE ? 'it is larger than any file of an authority' : undefined;
  }

  /** A finding for each file of a folder that isn't what it should be. */
  findFaults(folder: string): void {
    for (const name of this.list(folder)) this.findFault(`${folder}/${name}`);
  }

  /** The files of a folder whose names fit, sorted by `keyOf`, then by name; the others are findings. */
  read(folder: string, names: RegExp, keyOf: (match: RegExpExecArray) => number): FolderEntry[] {
    const entries: FolderEntry[] = [];
    for (const name of this.list(folder)) {
      const file = `${folder}/${name}`;
      const match = names.exec(name);
      if (this.findFault(file) || isTemporary(name)) continue;
      if (match === null) this.find(file, 'nothing of that name belongs there');
      else entries.push({ file, key: keyOf(match), match });
    }
    return entries.sort((a, b) => a.key - b.key);
  }

  /** Whether something was found of a file already. */
  hasFound(file: string): boolean {
    return this.#found.has(file);
  }

  /** What was found so far. */
  get findings(): readonly Finding[] {
    return this.#findings;
  }

  /** A finding of `file`, unless something is found of it or of one of the `others` by the end, which explains it. */
  suspect(file: string, others: readonly string[], what: string): void {
    this.#suspicions.push({ file, others, what });
  }

  /** Adds a finding. */
  find(file: string, what: string, code: Code = 'authority-damaged'): void {
    this.#found.add(file);
    this.#findings.push({ rule: 'authority-file', code, message: `${file}: ${what}` });
  }

  /** What `action` gives; an error of ours becomes a finding. */
  attempt<T>(file: string, action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof CeremonyError) || isExhausted(error)) throw error;
      this.find(file, error.message, error.code);
      return undefined;
    }
  }

  /** The record in a small file, from a decoder that gives a reason where it is none. */
  decode<T extends object>(file: string, decoder: (bytes: Uint8Array) => T | string): T | undefined {
    const record = this.attempt(file, () => decoder(this.readFile(file, MAX_CREDENTIAL_FILE)));
    if (typeof record !== 'string') return record;
    this.find(file, record);
    return undefined;
  }

  /** Suspicions that nothing explains become findings. */
  settle(): void {
    for (const { file, others, what } of this.#suspicions.splice(0))
      if (![file, ...others].some((one) => this.hasFound(one))) this.find(file, what);
  }

  /** Error: `authority-damaged`, where there were findings. */
  end(): void {
    this.settle();
    const [only, ...others] = this.#findings;
    if (only === undefined) return;
    const count = `${String(this.#findings.length)} files are damaged or don't belong there`;
    throw couldNot('authority-damaged', `${this.dir}: ${others.length === 0 ? only.message : count}`, {
      findings: this.#findings,
      hint: 'Move away what does not belong there, and restore what is damaged from a copy.',
    });
  }
}

/** Room for what a temporary file has around the name: 255 bytes are the most that file systems take. */
const LONGEST_NAME = 200;

/** Why nothing could be done under this name, where the system gave it as text. */
function nameFault(file: string): string | undefined {
  const name = file.slice(file.lastIndexOf('/') + 1);
  if (name.includes('\u{FFFD}')) return 'its name is not valid UTF-8';
  return utf8(name).length > LONGEST_NAME ? `its name is longer than ${String(LONGEST_NAME)} bytes` : undefined;
}

/** What a file system makes at its own top, where an authority is all of a medium; nothing looks into it. */
function isMountPoints(name: string, ground: Ground): boolean {
  return name === 'lost+found' && ground.isFolder(name);
}
