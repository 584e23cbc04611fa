/** The medium of a path: its file system and device, as far as Linux shows them (`/proc`, `/sys`, `/dev/disk`). */
import { basename, dirname } from 'node:path';
import { linesFrom } from '../../common/bytes.js';
import { IN_MEMORY, MEMORY_DISK } from '../../common/file-system.js';
import { exists, factsOf, listFolder, readFile, realPath, sameFile, sameTimes } from '../../common/files.js';
import { type Mount, mountHolding, parseMounts } from '../../common/mounts.js';
import { inAuthority } from './layout.js';
import { liesBelow } from './outside.js';

/** A medium, in the form that transcripts use. */
export interface Medium {
  /** Such as `/dev/sdb1 (8:17)`, or a name used in place of a device. */
  readonly device: string;
  /** Such as `vfat`. */
  readonly file_system: string;
  readonly uuid?: string;
  /** The serial number of the disk or stick. */
  readonly serial?: string;
  /** Whether everything there is lost when the power is cut. */
  readonly in_memory?: true;
}

type Where = Pick<Medium, 'in_memory'> & { readonly same_disk?: boolean | undefined };

const UUIDS = '/dev/disk/by-uuid';
const MEMORY_FILE_SYSTEMS: readonly string[] = [...IN_MEMORY.values()];
const MAX_SYSTEM_FILE = 64 * 1024 * 1024;

/** Returns the medium of a path, or undefined if the system does not show it. */
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
 * Returns whether a mount is in memory. On a live system that includes any folder where no stick is mounted, since the
 * overlay writes to memory. For images and mapped devices, what they are stored on counts.
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

/** Returns a medium in words, for a person. */
export function mediumText({ device, file_system: type, uuid, serial }: Medium): string {
  const known = [uuid === undefined ? '' : `, UUID ${uuid}`, serial === undefined ? '' : `, serial ${serial}`];
  return `${type} on ${device}${known.join('')}`;
}

/**
 * Returns whether both paths are on one file system or on one disk, through partitions, mapped devices and images, so
 * that both would be lost together. Undefined if the system does not show it.
 */
export function onOneDisk(one: string, other: string): boolean | undefined {
  const [a, b] = [factsOf(one)?.device, factsOf(other)?.device];
  if (a !== undefined && a === b) return true;
  const [disks, others] = [disksOf(one), disksOf(other)];
  if (disks.length === 0 || others.length === 0) return undefined;
  return disks.some((disk) => others.includes(disk));
}

/** Returns a warning for a person; `same_disk` is the result of `onOneDisk`. */
export function diskWarning({ same_disk: same, in_memory: memory }: Where): string | undefined {
  if (memory === true)
    return 'WARNING: that is in memory, and lost when the machine is switched off. Is the medium mounted there?';
  if (same === false) return undefined;
  if (same === undefined)
    return 'WARNING: the system does not show whether that is on another disk than the authority.';
  return 'WARNING: the authority is on that same disk. Whatever destroys one also destroys the other.';
}

/**
 * Returns whether both paths lead to one file, which a file system on top of another (an overlay, FUSE) may show under
 * different numbers.
 */
export function isOneFile(one: string, other: string): boolean {
  return sameFile(one, other) || (disksOf(one).length === 0 && sameTimes(one, other)) || mayShow(one, other);
}

/**
 * Returns whether the overlay that holds `path` has a layer that holds `other`: it may show that file's bytes under its
 * own numbers and times. A layer that isn't named from the top may be any folder.
 */
function mayShow(path: string, other: string): boolean {
  const mount = mountOf(path);
  if (mount?.type !== 'overlay') return false;
  const layers = ['lowerdir', 'lowerdir+', 'datadir+', 'upperdir'].flatMap(
    (name) => mount.options.get(name)?.split(':') ?? [],
  );
  return layers.some((layer) => layer !== '' && (!layer.startsWith('/') || liesBelow([layer], other)));
}

/** Returns whether `path` leads to the authority's own `file`, in the same way. */
export function isOwnFile(dir: string, file: string, path: string): boolean {
  return isOneFile(path, inAuthority(dir, file));
}

function mountOf(path: string): Mount | undefined {
  return mountHolding(parseMounts(systemText('/proc/self/mountinfo') ?? ''), realPath(path));
}

/** A limit for mapped devices on images on mapped devices. */
const DEEPEST = 8;

/**
 * Returns the folders in `/sys` of the disks that hold a path; empty if the system does not show them, or the file
 * system has none of its own.
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

/** Returns the disks and images behind a partition or a mapped device; the device itself if it is a disk. */
function devicesUnder(device: string, depth = 0): readonly string[] {
  if (depth > DEEPEST) return [];
  if (exists(`${device}/partition`)) return devicesUnder(dirname(device), depth + 1);
  const mapped = imageOf(device) === undefined ? listFolder(`${device}/slaves`) : [];
  if (mapped.length === 0) return [device];
  return mapped.flatMap((name) => devicesUnder(realPath(`${device}/slaves/${name}`), depth + 1));
}

/** Returns the file that a loop device shows as a disk. */
function imageOf(device: string): string | undefined {
  return systemText(`${device}/loop/backing_file`)?.trimEnd();
}

/**
 * Finds the folder by the device's numbers. A file system on several devices (btrfs) has numbers of its own, and names
 * one of them.
 */
function sysFolder({ numbers, source }: Mount): string | undefined {
  const links = [
    `/sys/dev/block/${numbers}`,
    ...(source.startsWith('/') ? [`/sys/class/block/${basename(source)}`] : []),
  ];
  const link = links.find(exists);
  return link === undefined ? undefined : realPath(link);
}

/**
 * Returns the serial number of the disk, or of the USB device that contains it, but not of anything that one is plugged
 * into.
 */
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
