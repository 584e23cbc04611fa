/**
 * A folder held open by its descriptor. Whatever is done with a name in it is done in exactly this folder, even if the
 * path to it changes meanwhile: the system reaches it through `/proc/self/fd`. Where that does not exist (on systems
 * other than Linux), the path is used, and checked before each use.
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
    /** The path as errors show it. */
    readonly path: string,
  ) {
    this.#fd = fd;
  }

  /** Opens a folder; the path to it may contain links. The caller closes it. Errors: `file-not-found`, `file`. */
  static open(path: string): HeldFolder {
    return new HeldFolder(
      attempt(path, () => fs.openSync(path, FOLDER)),
      path,
    );
  }

  /** Opens a folder inside it, which must not be a link. The caller closes it. Errors: as above. */
  folder(name: string): HeldFolder {
    const shown = join(this.path, name);
    if (this.look(name)?.kind === 'link') throw fileError(shown, { code: 'ELOOP' });
    return new HeldFolder(
      attempt(shown, () => fs.openSync(this.at(name), FOLDER | fs.constants.O_NOFOLLOW)),
      shown,
    );
  }

  /** Returns the path by which the system reaches a name in the folder. Whoever opens it must not follow a link. */
  at(name: string): string {
    return `${this.#here()}/${name}`;
  }

  /** Returns the names in the folder, sorted. */
  names(): string[] {
    return attempt(this.path, () => fs.readdirSync(this.#here())).sort();
  }

  look(name: string): NameFacts | undefined {
    return nameFactsOf(this.at(name), join(this.path, name));
  }

  /** Returns facts about the folder itself. */
  facts(): NameFacts {
    const facts = this.look('.');
    if (facts === undefined) throw fileError(this.path, { code: 'ENOENT' });
    return facts;
  }

  /** Whether its file system records who owns a file; others give every file to whoever mounted them. */
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
 * File systems, by their type in statfs(2), that record no owners: FAT, exFAT, NTFS, ISO 9660, UDF, HFS, SMB (three),
 * 9P, VirtualBox's shared folders, and FUSE, since most FUSE file systems do not.
 */
const WITHOUT_OWNERS: ReadonlySet<number> = new Set([
  0x4d44, 0x2011bab0, 0x7366746e, 0x5346544e, 0x9660, 0x15013346, 0x4244, 0x517b, 0xff534d42, 0xfe534d42, 0x01021997,
  0x786f4256, 0x65735546,
]);

/** Returns whether a file system of this type records who owns a file. */
export function keepsOwners(type: number): boolean {
  return !WITHOUT_OWNERS.has(type);
}

let held: boolean | undefined;

/** Returns whether this system has `/proc/self/fd`. */
function canHold(): boolean {
  held ??= nameFactsOf('/proc/self/fd') !== undefined;
  return held;
}
