/** What a path lies on: the file system and its device, as far as Linux shows it (`/proc`, `/sys`, `/dev/disk`). */
import { dirname } from 'node:path';
import { fromUtf8 } from '../../common/bytes.js';
import { exists, factsOf, listFolder, readFile, realPath } from '../../common/files.js';
import { mountHolding, parseMounts } from '../../common/mounts.js';

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
  const serial = serialOf(numbers);
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

/** Whether both lie in one file system, or in partitions of one disk: what takes one takes the other. */
export function onOneDisk(one: string, other: string): boolean {
  const [a, b] = [factsOf(one)?.device, factsOf(other)?.device];
  if (a !== undefined && a === b) return true;
  const [disk, second] = [diskOf(one), diskOf(other)];
  return disk !== undefined && disk === second;
}

/** The disk's folder in `/sys`, of a partition or of the whole. */
function diskOf(path: string): string | undefined {
  const mount = mountHolding(parseMounts(systemText('/proc/self/mountinfo') ?? ''), realPath(path));
  const device = mount === undefined ? undefined : sysFolder(mount.numbers);
  return device !== undefined && exists(`${device}/partition`) ? dirname(device) : device;
}

function sysFolder(numbers: string): string | undefined {
  const link = `/sys/dev/block/${numbers}`;
  return exists(link) ? realPath(link) : undefined;
}

/** Of the disk, or of the USB device that it is in; not of what that is plugged into. */
function serialOf(numbers: string): string | undefined {
  for (let at = sysFolder(numbers) ?? ''; at.startsWith('/sys/devices/'); at = dirname(at)) {
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
