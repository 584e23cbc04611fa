/** The mounts of the machine that is being checked. */
import { type Mount, mountHolding, parseMounts } from '../../common/mounts.js';
import type { Machine } from './machine.js';

/** Returns the mount that holds `path` (without links), or undefined if the system does not show it. */
export function mountOf(machine: Machine, path: string): Mount | undefined {
  return mountHolding(mountsOf(machine), path);
}

export function mountsOf(machine: Machine): Mount[] {
  return parseMounts(machine.text('/proc/self/mountinfo') ?? '');
}
