/** What a path lies on: the file system and its device, as far as Linux shows it (`/proc`, `/sys`, `/dev/disk`). */
import { basename, dirname } from 'node:path';
import { fromUtf8 } from '../../common/bytes.js';
import { exists, factsOf, listFolder, readFile, realPath, sameFile, sameTimes } from '../../common/files.js';
import { inAuthority } from './layout.js';
import { mountHolding, parseMounts, type Mount } from '../../common/mounts.js';

/** As transcripts have it. */
export interface Medium {
  /** Such as `/dev/sdb1 (8:17)`; or a name that stands for a device. */
  readonly device: string;
  /** Such as `vfat`. */
  readonly file_system: string;
  readonly uuid?: string;
  /** Of the disk or the stick. */
  readonly serial?: string;
}

const UUIDS = '/dev/disk/by-uuid';
const MAX_SYSTEM_FILE = 1024 * 1024;

/** Undefined where it can't be seen. */
export function mediumOf(path: string): Medium | undefined {
  const mount = mountHolding(parseMounts(systemText('/proc/self/mountinfo') ?? ''), realPath(path));
  if (mount === undefined) return undefined;
  const { source, numbers, type } = mount;
  const uuid = source.startsWith('/')
    ? listFolder(UUIDS).find((name) => realPath(`${UUIDS}/${name}`) === realPath(source))
    : undefined;
  const serial = serialOf(mount);
  return {
    device: `${source} (${numbers})`,
    file_system: type,
    ...(uuid === undefined ? {} : { uuid }),
    ...(serial === undefined ? {} : { serial }),
  };
}

/** For a person. */
export function mediumText({ device, file_system: type, uuid, serial }: Medium): string {
  const known = [uuid === undefined ? '' : `, UUID ${uuid}`, serial === undefined ? '' : `, serial ${serial}`];
  return `${type} on ${device}${known.join('')}`;
}

/** Whether both lie in one file system or on one disk, through partitions, mapped devices and images: what takes one takes the other. Undefined: not seen. */
export function onOneDisk(one: string, other: string): boolean | undefined {
  const [a, b] = [factsOf(one)?.device, factsOf(other)?.device];
  if (a !== undefined && a === b) return true;
  const [disks, others] = [disksOf(one), disksOf(other)];
  if (disks.length === 0 || others.length === 0) return undefined;
  return disks.some((disk) => others.includes(disk));
}

/** For a person and the record; `same` as `onOneDisk` has it. */
export function diskWarning(same: boolean | undefined): string | undefined {
  if (same === false) return undefined;
  if (same === undefined)
    return 'WARNING: it cannot be seen whether that is another disk than the one of the authority.';
  return 'WARNING: that is the disk which the authority lies on. What takes one takes the other.';
}

/** Whether both paths lead to one file, which a file system on top of another shows under other numbers (an overlay, FUSE). */
export function isOneFile(one: string, other: string): boolean {
  return sameFile(one, other) || (disksOf(one).length === 0 && sameTimes(one, other));
}

/** Whether `path` leads to the authority's own `file`, in the same way. */
export function isOwnFile(dir: string, file: string, path: string): boolean {
  return isOneFile(path, inAuthority(dir, file));
}

/** Mapped devices on images on mapped devices. */
const DEEPEST = 8;

/** The folders in `/sys` of the disks that a path lies on; none where they can't be seen, or the file system has none of its own. */
function disksOf(path: string, depth = 0): readonly string[] {
  const mount = mountHolding(parseMounts(systemText('/proc/self/mountinfo') ?? ''), realPath(path));
  const device = mount === undefined ? undefined : sysFolder(mount);
  return device === undefined ? [] : disksUnder(device, depth);
}

function disksUnder(device: string, depth: number): readonly string[] {
  if (depth > DEEPEST) return [];
  if (exists(`${device}/partition`)) return disksUnder(dirname(device), depth + 1);
  const image = systemText(`${device}/loop/backing_file`)?.trimEnd();
  if (image !== undefined) return exists(image) ? disksOf(image, depth + 1) : [];
  const mapped = listFolder(`${device}/slaves`);
  if (mapped.length === 0) return [device];
  return mapped.flatMap((name) => disksUnder(realPath(`${device}/slaves/${name}`), depth + 1));
}

/** By the device's numbers; a file system on several devices (btrfs) has others, and names one of them. */
function sysFolder({ numbers, source }: Mount): string | undefined {
  const links = [
    `/sys/dev/block/${numbers}`,
    ...(source.startsWith('/') ? [`/sys/class/block/${basename(source)}`] : []),
  ];
  const link = links.find(exists);
  return link === undefined ? undefined : realPath(link);
}

/** Of the disk, or of the USB device that it is in; not of what that is plugged into. */
function serialOf(mount: Mount): string | undefined {
  for (let at = sysFolder(mount) ?? ''; at.startsWith('/sys/devices/'); at = dirname(at)) {
    const serial = exists(`${at}/serial`) ? systemText(`${at}/serial`)?.trim() : undefined;
    if (serial !== undefined && serial !== '') return serial;
    if (exists(`${at}/idVendor`)) return undefined;
  }
  return undefined;
}

function systemText(path: string): string | undefined {
  try {
    return fromUtf8(readFile(path, MAX_SYSTEM_FILE));
  } catch {
    return undefined;
  }
}
