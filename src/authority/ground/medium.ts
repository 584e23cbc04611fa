/** What a path lies on: the file system and its device, as far as Linux shows it (`/proc`, `/sys`, `/dev/disk`). */
import { basename, dirname } from 'node:path';
import { linesFrom } from '../../common/bytes.js';
import { IN_MEMORY, MEMORY_DISK } from '../../common/file-system.js';
import { exists, factsOf, listFolder, readFile, realPath, sameFile, sameTimes } from '../../common/files.js';
import { type Mount, mountHolding, parseMounts } from '../../common/mounts.js';
import { inAuthority } from './layout.js';
import { liesBelow } from './outside.js';

/** As transcripts have it. */
export interface Medium {
  /** Such as `/dev/sdb1 (8:17)`; or a name that stands for a device. */
  readonly device: string;
  /** Such as `vfat`. */
  readonly file_system: string;
  readonly uuid?: string;
  /** Of the disk or the stick. */
  readonly serial?: string;
  /** What lies there is gone with the power. */
  readonly in_memory?: true;
}

type Where = Pick<Medium, 'in_memory'> & { readonly same_disk?: boolean | undefined };

const UUIDS = '/dev/disk/by-uuid';
const MEMORY_FILE_SYSTEMS: readonly string[] = [...IN_MEMORY.values()];
const MAX_SYSTEM_FILE = 64 * 1024 * 1024;

/** Undefined where it can't be seen. */
export function mediumOf(path: string): Medium | undefined {
  const mount = mountOf(path);
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
    ...(isInMemory(mount) ? { in_memory: true } : {}),
  };
}

/**
 * A folder that no stick is mounted on lies there on a live system: its overlay writes to memory. Images and mapped
 * devices count by what they lie on.
 */
function isInMemory(mount: Mount, depth = 0): boolean {
  const upper = mount.options.get('upperdir');
  const device = sysFolder(mount);
  const devices = device === undefined ? [] : devicesUnder(device);
  const images = devices.flatMap((one) => imageOf(one) ?? []);
  return (
    MEMORY_FILE_SYSTEMS.includes(mount.type) ||
    devices.some((one) => MEMORY_DISK.test(basename(one))) ||
    [...images, ...(upper === undefined ? [] : [upper])].some((path) => {
      const below = depth < DEEPEST && exists(path) ? mountOf(path) : undefined;
      return below !== undefined && isInMemory(below, depth + 1);
    })
  );
}

/** For a person. */
export function mediumText({ device, file_system: type, uuid, serial }: Medium): string {
  const known = [uuid === undefined ? '' : `, UUID ${uuid}`, serial === undefined ? '' : `, serial ${serial}`];
  return `${type} on ${device}${known.join('')}`;
}

/**
 * Whether both lie in one file system or on one disk, through partitions, mapped devices and images: what takes one
 * takes the other. Undefined: not seen.
 */
export function onOneDisk(one: string, other: string): boolean | undefined {
  const [a, b] = [factsOf(one)?.device, factsOf(other)?.device];
  if (a !== undefined && a === b) return true;
  const [disks, others] = [disksOf(one), disksOf(other)];
  if (disks.length === 0 || others.length === 0) return undefined;
  return disks.some((disk) => others.includes(disk));
}

/** For a person; `same_disk` as `onOneDisk` has it. */
export function diskWarning({ same_disk: same, in_memory: memory }: Where): string | undefined {
  if (memory === true)
    return 'WARNING: that is in memory, and gone when the machine is switched off. Is the medium mounted there?';
  if (same === false) return undefined;
  if (same === undefined)
    return 'WARNING: it cannot be seen whether that is another disk than the one of the authority.';
  return 'WARNING: the authority is on that same disk. Whatever destroys one destroys the other.';
}

/**
 * Whether both paths lead to one file, which a file system on top of another shows under other numbers (an overlay,
 * FUSE).
 */
export function isOneFile(one: string, other: string): boolean {
  return sameFile(one, other) || (disksOf(one).length === 0 && sameTimes(one, other)) || mayShow(one, other);
}

/**
 * Whether the overlay that `path` lies in is made of a folder that `other` lies in: it may show that file's bytes under
 * numbers and times of its own. A layer that isn't named from the top may be any folder.
 */
function mayShow(path: string, other: string): boolean {
  const mount = mountOf(path);
  if (mount?.type !== 'overlay') return false;
  const layers = ['lowerdir', 'lowerdir+', 'datadir+', 'upperdir'].flatMap(
    (name) => mount.options.get(name)?.split(':') ?? [],
  );
  return layers.some((layer) => layer !== '' && (!layer.startsWith('/') || liesBelow([layer], other)));
}

/** Whether `path` leads to the authority's own `file`, in the same way. */
export function isOwnFile(dir: string, file: string, path: string): boolean {
  return isOneFile(path, inAuthority(dir, file));
}

function mountOf(path: string): Mount | undefined {
  return mountHolding(parseMounts(systemText('/proc/self/mountinfo') ?? ''), realPath(path));
}

/** Mapped devices on images on mapped devices. */
const DEEPEST = 8;

/**
 * The folders in `/sys` of the disks that a path lies on; none where they can't be seen, or the file system has none of
 * its own.
 */
function disksOf(path: string, depth = 0): readonly string[] {
  const mount = mountOf(path);
  const device = mount === undefined ? undefined : sysFolder(mount);
  return device === undefined ? [] : disksUnder(device, depth);
}

function disksUnder(device: string, depth: number): readonly string[] {
  return devicesUnder(device).flatMap((one) => {
    const image = imageOf(one);
    if (image === undefined) return [one];
    return depth < DEEPEST && exists(image) ? disksOf(image, depth + 1) : [];
  });
}

/** The disks and images that a partition or a mapped device is made of; itself where it is one. */
function devicesUnder(device: string, depth = 0): readonly string[] {
  if (depth > DEEPEST) return [];
  if (exists(`${device}/partition`)) return devicesUnder(dirname(device), depth + 1);
  const mapped = imageOf(device) === undefined ? listFolder(`${device}/slaves`) : [];
  if (mapped.length === 0) return [device];
  return mapped.flatMap((name) => devicesUnder(realPath(`${device}/slaves/${name}`), depth + 1));
}

/** The file that a loop device shows as a disk. */
function imageOf(device: string): string | undefined {
  return systemText(`${device}/loop/backing_file`)?.trimEnd();
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
    return linesFrom(readFile(path, MAX_SYSTEM_FILE)).join('\n');
  } catch {
    return undefined;
  }
}
