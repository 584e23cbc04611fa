/** Reads an authority's folders and collects everything that doesn't belong, to list it all at once. */
import { utf8 } from '../../common/bytes.js';
import type { Code } from '../../common/codes.js';
import { CeremonyError, couldNot, type Finding } from '../../common/errors.js';
import { isExhausted, MAX_CREDENTIAL_FILE } from '../../common/files.js';
import { controlCharacterIn } from '../../common/printable.js';
import { MAX_TRANSCRIPT_FILE } from '../formats/transcript.js';
import { Ground } from '../ground/ground.js';
import { FOLDERS, isTopName, PENDING_FILE } from '../ground/layout.js';
import { filesUnderWay } from '../journal/recovery.js';
import { isTemporary } from '../journal/transaction.js';

/** A file whose name matches; `file` is relative to the authority, and the entries are sorted by `key`. */
export interface FolderEntry {
  readonly file: string;
  readonly key: number;
  readonly match: RegExpExecArray;
}

/** A reader that holds the authority's folders open until `close`. */
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
   * Files (relative) that count as missing whether or not they exist, since the next command that writes gives all of
   * them their names. Known once the top has been read.
   */
  get underWay(): ReadonlySet<string> {
    return this.#underWay;
  }

  close(): void {
    this.#ground.close();
  }

  /** Returns the names in a folder, sorted; empty if it cannot be read, which becomes a finding. */
  list(folder: string): string[] {
    if (this.hasFound(folder)) return [];
    const names = this.attempt(folder, () => this.#ground.list(folder)) ?? [];
    return this.underWay.size === 0 ? names : names.filter((name) => !this.underWay.has(`${folder}/${name}`));
  }

  exists(file: string): boolean {
    return this.attempt(file, () => this.#ground.exists(file)) ?? true;
  }

  /** Reads a file. Errors: those of `Ground.read`. */
  readFile(file: string, limit: number): Uint8Array {
    return this.#ground.read(file, limit);
  }

  /**
   * Adds a finding for each name at the top that doesn't belong in an authority, or isn't what it should be, and for a
   * journal that cannot be completed.
   */
  readTop(): void {
    for (const name of this.list('')) {
      if (isTopName(name) || isTemporary(name)) this.findFault(name);
      else if (!isMountPoints(name, this.#ground)) this.find(name, 'no file of that name belongs there');
    }
    if ([PENDING_FILE, ...FOLDERS].some((name) => this.hasFound(name))) return;
    this.#underWay = this.attempt(PENDING_FILE, () => filesUnderWay(this.dir)) ?? this.#underWay;
  }

  /** Returns whether something is wrong with the file or with its name, which then becomes a finding. */
  findFault(file: string): boolean {
    const fault = nameFault(file) ?? this.attempt(file, () => this.#ground.faultOf(file) ?? this.#sizeFault(file));
    if (fault !== undefined) this.find(file, fault);
    return this.hasFound(file);
  }

  /** Returns why a file is too large: none in an authority is larger than a transcript may be. */
  #sizeFault(file: string): string | undefined {
    const size = file.includes('/') ? (this.#ground.facts(file)?.size ?? 0) : 0;
    return size > MAX_TRANSCRIPT_FILE ? 'it is larger than any file of an authority' : undefined;
  }

  /** Adds a finding for each file of a folder that isn't what it should be. */
  findFaults(folder: string): void {
    for (const name of this.list(folder)) this.findFault(`${folder}/${name}`);
  }

  /** Returns the files of a folder whose names match, sorted by `keyOf`, then by name; the others become findings. */
  read(folder: string, names: RegExp, keyOf: (match: RegExpExecArray) => number): FolderEntry[] {
    const entries: FolderEntry[] = [];
    for (const name of this.list(folder)) {
      const file = `${folder}/${name}`;
      const match = names.exec(name);
      if (this.findFault(file) || isTemporary(name)) continue;
      if (match === null) this.find(file, 'no file of that name belongs there');
      else entries.push({ file, key: keyOf(match), match });
    }
    return entries.sort((a, b) => a.key - b.key);
  }

  /** Returns whether there is a finding for a file already. */
  hasFound(file: string): boolean {
    return this.#found.has(file);
  }

  /** The findings so far. */
  get findings(): readonly Finding[] {
    return this.#findings;
  }

  /** Adds a finding for `file`, unless there is one in the end for it or for one of the `others`, which explains it. */
  suspect(file: string, others: readonly string[], what: string): void {
    this.#suspicions.push({ file, others, what });
  }

  /** Adds a finding. */
  find(file: string, what: string, code: Code = 'authority-damaged'): void {
    this.#found.add(file);
    this.#findings.push({ rule: 'authority-file', code, message: `${file}: ${what}` });
  }

  /** Returns what `action` returns; one of our own errors becomes a finding. */
  attempt<T>(file: string, action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof CeremonyError) || isExhausted(error)) throw error;
      this.find(file, error.message, error.code);
      return undefined;
    }
  }

  /** Decodes a small file, with a decoder that returns a reason if it fails. */
  decode<T extends object>(file: string, decoder: (bytes: Uint8Array) => T | string): T | undefined {
    const object = this.attempt(file, () => decoder(this.readFile(file, MAX_CREDENTIAL_FILE)));
    if (typeof object !== 'string') return object;
    this.find(file, object);
    return undefined;
  }

  /** Turns suspicions that nothing explains into findings. */
  settle(): void {
    for (const { file, others, what } of this.#suspicions.splice(0))
      if (![file, ...others].some((one) => this.hasFound(one))) this.find(file, what);
  }

  /** Throws `authority-damaged` if there are findings. */
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

/** Leaves room for what a temporary file adds to the name: file systems take 255 bytes at the most. */
const LONGEST_NAME = 200;

/** Returns why nothing can be done under this name, as the system reported it as text. */
function nameFault(file: string): string | undefined {
  const name = file.slice(file.lastIndexOf('/') + 1);
  if (name.includes('\u{FFFD}')) return 'its name is not valid UTF-8';
  const control = controlCharacterIn(name);
  if (control !== undefined) return `its name has the control character ${control}`;
  return utf8(name).length > LONGEST_NAME ? `its name is longer than ${String(LONGEST_NAME)} bytes` : undefined;
}

/**
 * Returns whether a file system itself makes this folder at its top, for an authority that fills a whole medium.
 * Nothing reads such a folder.
 */
function isMountPoints(name: string, ground: Ground): boolean {
  return name === 'lost+found' && ground.isFolder(name);
}
