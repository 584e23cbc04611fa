/**
 * Finds out whether only root could have put a file where it is. Links are followed one by one, and each folder on the
 * way is checked.
 */
import { dirname, join } from 'node:path';
import { linesFrom } from '../../common/bytes.js';
import { CeremonyError } from '../../common/errors.js';
import { BY_OTHERS, type Entry, entryAt, fileError, readFile } from '../../common/files.js';
import { type Mount, mountHolding, parseMounts } from '../../common/mounts.js';

/** What a path leads to, and who could have put something else there. */
export interface FileOrigin {
  /** Absolute, without links. */
  readonly real: string;
  /** The owner's user ID. */
  readonly owner: number;
  /** `device:inode`, which a replaced file would not share. */
  readonly file: string;
  /** How somebody other than root could have put it there, as sentences without a full stop; empty if nobody could. */
  readonly others: readonly string[];
}

const MAX_LINKS = 40;
/** File systems that record no owners, or take them from somebody else. */
const WITHOUT_OWNERS = /^(fuse.*|v?fat|msdos|exfat|ntfs3?|hfs(plus)?|9p|nfs4?|cifs|smb3|vboxsf)$/;
const MAX_MOUNTS = 64 * 1024 * 1024;

/** Returns the origin of a regular file by its absolute path. Errors: `file-not-found`, `file`. */
export function originOf(path: string): FileOrigin {
  const todo = partsOf(path);
  let at = '/';
  let end = entryAt(at);
  const others = whyNot(at, end);
  for (let links = 0; todo.length > 0;) {
    const part = todo.shift() ?? '.';
    if (part === '.') continue;
    const next = part === '..' ? dirname(at) : join(at, part);
    const entry = entryAt(next);
    others.push(...whyNot(next, entry));
    if (entry.kind === 'file' && todo.length > 0) throw fileError(path, { code: 'ENOTDIR' });
    if (entry.target === undefined) [at, end] = [next, entry];
    else {
      if (++links > MAX_LINKS) throw fileError(path, { code: 'ELOOP' });
      todo.unshift(...partsOf(entry.target));
      if (entry.target.startsWith('/')) [at, end] = ['/', entryAt('/')];
    }
  }
  if (end.kind !== 'file') throw fileError(at, { code: end.kind === 'folder' ? 'EISDIR' : 'EIO' });
  return { real: at, owner: end.owner, file: end.id, others: [...new Set([...others, ...whyNotMount(at)])] };
}

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '');

/**
 * Returns reasons why others could have put a file here. A link's own permissions mean nothing; its folder decides who
 * may change it. A sticky bit keeps others from removing what is there, but not from being there first. An access list
 * shows in the group's bits.
 */
function whyNot(path: string, { owner, mode, target }: Entry): string[] {
  return [
    ...(owner === 0 ? [] : [`${path} belongs to user ${String(owner)}`]),
    ...(target !== undefined || (mode & BY_OTHERS) === 0
      ? []
      : [`others may write ${path} (mode ${mode.toString(8)})`]),
  ];
}

/**
 * Returns reasons in the mount. The owners of a file system count only if the system itself trusts them, so not on a
 * stick mounted with `nosuid`.
 */
function whyNotMount(real: string): string[] {
  const mounts = readMounts();
  if (mounts === undefined) return ['there is no way to see what is mounted there'];
  const mount = mountHolding(mounts, real);
  if (mount === undefined) return [];
  const { point, type, flags } = mount;
  if (flags.includes('nosuid')) return [`the file system at ${point} is mounted nosuid`];
  return WITHOUT_OWNERS.test(type) ? [`the file system at ${point} (${type}) does not record owners`] : [];
}

/**
 * Returns the mounts, or undefined if they cannot be read. On a system without such a list, only owners and permissions
 * count.
 */
function readMounts(): readonly Mount[] | undefined {
  try {
    return parseMounts(linesFrom(readFile('/proc/self/mountinfo', MAX_MOUNTS)).join('\n'));
  } catch (error) {
    return error instanceof CeremonyError && error.code === 'file-not-found' ? [] : undefined;
  }
}
