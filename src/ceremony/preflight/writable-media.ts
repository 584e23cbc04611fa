import { CeremonyError } from '../../common/errors.js';
import { megabytes } from './free-space.js';
import type { Machine } from './machine.js';
import { bad, type Check, fine, type Means, unseen } from './machine-check.js';
import { mountOf, mountsOf } from './machine-mounts.js';

const PROBE = 4096;

export const writableMedia: Check = {
  id: 'writable-media',
  source: 'each medium that is named: a file written, synced, read back and removed; /proc/self/mountinfo',
  reason: 'A backup that cannot be written, or is on the same disk, is noticed on the day it is needed.',
  look(means) {
    const { machine, media } = means;
    if (media.length === 0) {
      return unseen(
        `no medium was named; removable ones that are mounted: ${removable(machine).join(', ') || 'none'}`,
        'Name each that is to be written.',
        { option: 'media' },
      );
    }
    const tried = media.map((path) => ({ path, fault: faultOf(means, path) }));
    const faults = tried.flatMap(({ fault }) => fault ?? []);
    if (faults.length > 0) return bad(faults.join('; '), 'Mount the medium for writing, or take another one.');
    return fine(`written, read back and removed: ${media.map((path) => describe(machine, path)).join(', ')}`);
  },
};

/** Returns what is wrong with a medium, or undefined if it accepts files. */
function faultOf({ machine, dir, authority, random }: Means, path: string): string | undefined {
  const facts = machine.facts(path);
  if (facts === undefined) return `${path} is not there`;
  if (facts.kind !== 'folder') return `${path} is not a folder`;
  for (const other of authority === undefined ? ['/'] : [dir, '/']) {
    if (machine.facts(other)?.device === facts.device)
      return `${path} is not a medium of its own: it is on the disk of ${other}`;
  }
  try {
    machine.tryWriting(path, random(PROBE));
    return undefined;
  } catch (error) {
    if (error instanceof CeremonyError) return error.message;
    throw error;
  }
}

function describe(machine: Machine, path: string): string {
  const mount = mountOf(machine, machine.realPath(path));
  const free = machine.fileSystem(path)?.freeBytes ?? 0;
  return `${path} (${mount === undefined ? '' : `${mount.type} on ${mount.source}, `}${megabytes(free)} free)`;
}

/** Returns where removable disks are mounted. */
function removable(machine: Machine): string[] {
  const disks = (machine.names('/sys/block') ?? []).filter(
    (disk) => machine.text(`/sys/block/${disk}/removable`)?.trim() === '1',
  );
  return mountsOf(machine)
    .filter(({ source }) => disks.some((disk) => new RegExp(`^/dev/${disk}p?\\d*$`).test(source)))
    .map(({ point }) => point);
}
