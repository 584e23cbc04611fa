/** The mounts of a machine that is looked at. */
import { type Mount, mountHolding, parseMounts } from '../../common/mounts.js';
import type { Machine } from './machine.js';

/** The mount in which `path` (without links) lies; undefined where that can't be seen. */
export function mountOf(machine: Machine, path: string): Mount | undefined {
  return mountHolding(mountsOf(machine), path);
}

export function mountsOf(machine: Machine): Mount[] {
  return parseMounts(machine.text('/proc/self/mountinfo') ?? '');
}
