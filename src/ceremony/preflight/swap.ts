import { bad, type Check, fine, onLinux, unseen } from './machine-check.js';

export const swap: Check = {
  id: 'swap',
  source: '/proc/swaps',
  reason: 'Memory with an open key in it can be written to a disk, and stay there.',
  look: onLinux(({ machine }) => {
    const text = machine.text('/proc/swaps');
    if (text === undefined) return unseen('/proc/swaps is not shown');
    const areas = text
      .split('\n')
      .slice(1)
      .flatMap((line) => /^\S+/.exec(line)?.[0] ?? []);
    if (areas.length === 0) return fine('there is no swap');
    return bad(`on: ${areas.join(', ')}`, 'Switch it off: swapoff -a.');
  }),
};
