/**
 * A folder held open by its descriptor. What is done with a name in it is done in that very folder, whatever becomes of
 * the path to it meanwhile: the system reaches it through `/proc/self/fd`. Where that isn't there (other systems than
 * Linux), it is the path, looked at before it is used.
 */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { fileSystemOf } from './file-system.js';
import { attempt, fileError } from './files.js';
import { type NameFacts, nameFactsOf } from './name-facts.js';

export class HeldFolder {
  readonly #fd: number;
  #keepsOwners: boolean | undefined;

  private constructor(
    fd: number,
    /** As errors show it. */
    readonly path: string,
  ) {
    this.#fd = fd;
  }

  /** The path to it may go through links. Errors: `file-not-found`, `file`. The caller closes it. */
  static open(path: string): HeldFolder {
    return new HeldFolder(
      attempt(path, () => fs.openSync(path, FOLDER)),
      path,
    );
  }

  /** A folder in it, which is no link. Errors: as above. The caller closes it. */
  folder(name: string): HeldFolder {
    const shown = join(this.path, name);
    if (this.look(name)?.kind === 'link') throw fileError(shown, { code: 'ELOOP' });
    return new HeldFolder(
      attempt(shown, () => fs.openSync(this.at(name), FOLDER | fs.constants.O_NOFOLLOW)),
      shown,
    );
  }

  /** What the system takes for a name in it. Whoever opens that follows no link. */
  at(name: string): string {
    return `${this.#here()}/${name}`;
  }

  /** Its names, sorted. */
  names(): string[] {
    return attempt(this.path, () => fs.readdirSync(this.#here())).sort();
  }

  look(name: string): NameFacts | undefined {
    return nameFactsOf(this.at(name), join(this.path, name));
  }

  /** Of the folder itself. */
  facts(): NameFacts {
    const facts = this.look('.');
    if (facts === undefined) throw fileError(this.path, { code: 'ENOENT' });
    return facts;
  }

  /** Whether its file system keeps whose a file is; others give all to whoever mounted them. */
  get keepsOwners(): boolean {
    this.#keepsOwners ??= keepsOwners(fileSystemOf(this.#here())?.type ?? 0);
    return this.#keepsOwners;
  }

  close(): void {
    fs.closeSync(this.#fd);
  }

  #here(): string {
    return canHold() ? `/proc/self/fd/${String(this.#fd)}` : this.path;
  }
}

const FOLDER = fs.constants.O_RDONLY | fs.constants.O_DIRECTORY;

/**
 * statfs(2)'s types: FAT, exFAT, NTFS, ISO 9660, UDF, HFS, SMB (three), 9P, VirtualBox's folders, and FUSE, of which
 * most don't.
 */
const WITHOUT_OWNERS: ReadonlySet<number> = new Set([
  0x4d44, 0x2011bab0, 0x7366746e, 0x5346544e, 0x9660, 0x15013346, 0x4244, 0x517b, 0xff534d42, 0xfe534d42, 0x01021997,
  0x786f4256, 0x65735546,
]);

/** Whether a file system of this type keeps whose a file is. */
export function keepsOwners(type: number): boolean {
  return !WITHOUT_OWNERS.has(type);
}

let held: boolean | undefined;

/** Whether this system has `/proc/self/fd`. */
function canHold(): boolean {
  held ??= nameFactsOf('/proc/self/fd') !== undefined;
  return held;
}
