import { bad, type Check, fine, unseen } from './machine-check.js';

/** In bytes. A ceremony writes less than a hundredth of that. */
const LEAST = 100_000_000;

export const freeSpace: Check = {
  id: 'free-space',
  source: 'statfs(2) of the authority',
  reason: 'A full disk stops a ceremony in its middle.',
  look({ machine, dir }) {
    const free = machine.fileSystem(dir)?.freeBytes;
    if (free === undefined) return unseen(`what holds ${dir} is not shown`);
    const saw = `${megabytes(free)} free in ${dir}`;
    return free >= LEAST
      ? fine(saw)
      : bad(`${saw}; ${megabytes(LEAST)} are wanted`, 'Free some space, or use another disk.');
  },
};

export function megabytes(bytes: number): string {
  return `${String(Math.floor(bytes / 1_000_000))} MB`;
}
