/**
 * The ground of an authority: every path below its folder is opened here and nowhere else. Others may be able to write
 * in that folder, so no name in it is trusted to be what it seems. Paths are opened folder by folder, without following
 * links, and only regular files with a single name, owned by the current user, are accepted. The path to the authority
 * itself comes from the person, and may contain links.
 */
import { basename, dirname, join } from 'node:path';
import { couldNot } from '../../common/errors.js';
import { fileError, readFile } from '../../common/files.js';
import { HeldFolder } from '../../common/held-folder.js';
import { type NameFacts, nameFactsOf, readNoLink } from '../../common/name-facts.js';
import * as fresh from '../../common/new-files.js';
import { nameOfTemporary, TEMPORARY_NAME } from '../../common/new-files.js';
import { FOLDERS, inAuthority, isElsewhere, LOCK_FILE } from './layout.js';

/** A name in a folder that is held open. */
interface Spot {
  readonly folder: HeldFolder;
  readonly name: string;
  /** The path as errors show it. */
  readonly shown: string;
  /** Whether this is a key file on another medium, where its owner is the person's business. */
  readonly elsewhere: boolean;
}

/**
 * The open folders of one authority. They stay open until `close`, so that each folder is opened only once for a
 * thousand files. Paths are relative to the authority; that of a key file may be absolute.
 */
export class Ground {
  readonly #top: HeldFolder;
  readonly #folders = new Map<string, HeldFolder>();
  /** Paths that were checked and had no fault. */
  readonly #looked = new Set<string>();

  private constructor(readonly dir: string) {
    this.#top = HeldFolder.open(dir);
  }

  /** Opens the ground of an authority. Errors: `file-not-found`, `file`. */
  static open(dir: string): Ground {
    return new Ground(dir);
  }

  close(): void {
    for (const folder of [...this.#folders.values(), this.#top]) folder.close();
    this.#folders.clear();
  }

  /** Returns the names in one of the folders, or at the top (''), sorted; empty if the folder does not exist. */
  list(folder: string): string[] {
    return this.#folder(folder)?.names() ?? [];
  }

  /** Returns whether there is anything of that name. */
  exists(path: string): boolean {
    return this.#look(path) !== undefined;
  }

  /** Returns whether there is a folder of that name, rather than a link to one. */
  isFolder(path: string): boolean {
    return this.#look(path)?.kind === 'folder';
  }

  /** Returns whether both names exist and belong to one file. */
  same(a: string, b: string): boolean {
    const [one, other] = [this.#look(a), this.#look(b)];
    return one !== undefined && one.identity === other?.identity;
  }

  /** Returns the facts about a name, or undefined if nothing has it. */
  facts(path: string): NameFacts | undefined {
    return this.#look(path);
  }

  /**
   * Returns, in plain words, why nothing may be done with a name, or undefined if it has no fault or does not exist.
   */
  faultOf(path: string): string | undefined {
    const spot = this.#spot(path);
    const facts = spot.folder.look(spot.name);
    const fault = facts === undefined ? undefined : faultOf(spot, facts, isFolderName(path) ? 'folder' : 'file');
    if (facts !== undefined && fault === undefined) this.#looked.add(path);
    return fault;
  }

  /** As `faultOf`, for the authority's own folder. */
  ownFault(): string | undefined {
    return ownerFault(this.#top, this.#top.facts());
  }

  /** Reads a whole file of at most `limit` bytes. Errors: `authority-damaged`, and those of `readFile`. */
  read(path: string, limit: number): Uint8Array {
    // On another medium, links belong to the person who named the path.
    if (isElsewhere(path)) return readFile(this.#spot(path).shown, limit);
    const spot = this.#spot(path);
    const judge = (facts: NameFacts): void => refuse(spot, faultOf(spot, facts, 'file'));
    // Only a regular file is opened, since opening a device may have an effect.
    const facts = this.#looked.has(path) ? undefined : spot.folder.look(spot.name);
    if (facts !== undefined && facts.kind !== 'file') judge(facts);
    return readNoLink(spot.folder.at(spot.name), limit, spot.shown, judge);
  }

  /**
   * Runs `action` on a path at which there is nothing yet, or a file that is as it should be. Error:
   * `authority-damaged`.
   */
  at<T>(path: string, action: (at: string, shown: string) => T): T {
    const spot = this.#spot(path);
    refuse(spot, this.faultOf(path));
    return action(spot.folder.at(spot.name), spot.shown);
  }

  /** Calls fsync on a folder, or on the top ('.'). */
  sync(folder: string): void {
    const held = isElsewhere(folder) ? this.#elsewhere(folder) : this.#folder(folder === '.' ? '' : folder);
    if (held !== undefined) fresh.syncFolder(held.at('.'), held.path);
  }

  #look(path: string): NameFacts | undefined {
    if (isElsewhere(path)) return nameFactsOf(path);
    const { folder, name } = split(path);
    return this.#folder(folder)?.look(name);
  }

  #spot(path: string): Spot {
    const elsewhere = isElsewhere(path);
    const { folder, name } = elsewhere ? { folder: dirname(path), name: basename(path) } : split(path);
    const shown = elsewhere ? path : inAuthority(this.dir, path);
    const held = elsewhere ? this.#elsewhere(folder) : this.#folder(folder);
    if (held === undefined) throw fileError(shown, { code: 'ENOENT' });
    return { folder: held, name, shown, elsewhere };
  }

  #elsewhere(folder: string): HeldFolder {
    const held = this.#folders.get(folder) ?? HeldFolder.open(folder);
    this.#folders.set(folder, held);
    return held;
  }

  #folder(name: string): HeldFolder | undefined {
    if (name === '') return this.#top;
    const known = this.#folders.get(name);
    if (known !== undefined) return known;
    const spot = { folder: this.#top, name, shown: join(this.dir, name), elsewhere: false };
    const facts = this.#top.look(name);
    if (facts === undefined) return undefined;
    refuse(spot, faultOf(spot, facts, 'folder'));
    const opened = this.#top.folder(name);
    this.#folders.set(name, opened);
    // It may be a different one from that which was checked.
    refuse(spot, faultOf(spot, opened.facts(), 'folder'));
    return opened;
  }
}

/** Splits a path into folder and name. Error: `bad-path` if no authority has such a path. */
function split(path: string): { readonly folder: string; readonly name: string } {
  const parts = path.split('/');
  const [first = '', second] = parts;
  const known = second === undefined || (FOLDERS as readonly string[]).includes(first);
  if (parts.length > 2 || !known || parts.some((part) => ['', '.', '..'].includes(part) || part.includes('\0')))
    throw couldNot('bad-path', `${JSON.stringify(path)} is not a place in an authority`, {
      hint: 'Find out who named it.',
    });
  return second === undefined ? { folder: '', name: first } : { folder: first, name: second };
}

function isFolderName(path: string): boolean {
  return (FOLDERS as readonly string[]).includes(path);
}

function refuse({ shown }: Spot, fault: string | undefined): void {
  if (fault === undefined) return;
  throw couldNot('authority-damaged', `${shown}: ${fault}`, {
    hint: 'Nothing was done with it. Find out who made it, move it away, and restore what should be there from a copy.',
  });
}

function faultOf(spot: Spot, facts: NameFacts, wanted: 'file' | 'folder'): string | undefined {
  if (facts.kind === 'link') return 'it is a symbolic link, and none is followed here';
  if (facts.kind === 'folder' && wanted === 'file') return 'it is a folder';
  if (facts.kind !== wanted) return wanted === 'file' ? 'it is not a regular file' : 'it is not a folder';
  // A temporary name can only come from a command, so the file belongs to the user.
  const owner = spot.elsewhere && !TEMPORARY_NAME.test(spot.name) ? undefined : ownerFault(spot.folder, facts);
  // No names: it was removed while it was being opened, and nobody can change it any more.
  if (owner !== undefined || wanted === 'folder' || facts.names < 2 || isHalfway(spot, facts)) return owner;
  return `the same file has ${facts.names === 2 ? 'another name' : `${String(facts.names - 1)} other names`}, and may be changed under it`;
}

function ownerFault(folder: HeldFolder, { owner }: NameFacts): string | undefined {
  const own = process.geteuid?.();
  if (own === undefined || own === owner || !folder.keepsOwners) return undefined;
  return `it belongs to user ${String(owner)}, and this is user ${String(own)}`;
}

/**
 * Returns whether its second name is the one under which it was written. A crash, or another command at this moment,
 * may come between adding the new name and removing the old one.
 */
function isHalfway({ folder, name }: Spot, { names, identity }: NameFacts): boolean {
  if (names !== 2) return false;
  const others = isOfLock(name) ? folder.names().filter(isOfLock) : secondNamesOf(folder, name);
  const beside = others.some((other) => other !== name && folder.look(other)?.identity === identity);
  // It may have been removed between the two checks.
  return beside || folder.look(name)?.names !== 2;
}

/**
 * Returns whether a name belongs to the lock, its temporary files, or the claims on it, which are renamed to each
 * other.
 */
function isOfLock(name: string): boolean {
  return name === LOCK_FILE || name.startsWith(`.${LOCK_FILE}.`);
}

/**
 * Returns the name for which a temporary one was made, without listing the folder, since thousands are removed one by
 * one; or the temporary names for a name.
 */
function secondNamesOf(folder: HeldFolder, name: string): readonly string[] {
  if (TEMPORARY_NAME.test(name)) return [nameOfTemporary(name)];
  return folder.names().filter((other) => isTemporaryOf(other, name));
}

function isTemporaryOf(temporary: string, name: string): boolean {
  return temporary.startsWith(`.${name}.`) && temporary.endsWith('.tmp');
}
