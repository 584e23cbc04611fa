import { bad, type Check, fine, onLinux, unseen } from './machine-check.js';

const IFF_UP = 0x1;
const IFF_LOOPBACK = 0x8;

export const networkInterfaces: Check = {
  id: 'network-interfaces',
  source: '/proc/net/dev, /sys/class/net',
  reason: 'What can reach a network can be reached from it, while the key is open.',
  look: onLinux(({ machine }) => {
    // Those of this network namespace; /sys can belong to another.
    const names = machine
      .text('/proc/net/dev')
      ?.split('\n')
      .flatMap((line) => /^\s*([^\s:]+(?::\d+)?):/.exec(line)?.[1] ?? []);
    if (names === undefined) return unseen('/proc/net/dev is not shown');
    const up: string[] = [];
    const down: string[] = [];
    const unknown: string[] = [];
    for (const name of names) {
      const flags = Number(machine.text(`/sys/class/net/${name}/flags`)?.trim() ?? NaN);
      const state = machine.text(`/sys/class/net/${name}/operstate`)?.trim() ?? 'unknown';
      if ((flags & IFF_LOOPBACK) !== 0 || name === 'lo') continue;
      if (Number.isNaN(flags)) unknown.push(name);
      else if ((flags & IFF_UP) !== 0) up.push(`${name} (${state === 'up' ? 'connected' : state})`);
      else down.push(name);
    }
    const hint = 'Pull the cable, take the card out, or: ip link set NAME down.';
    if (up.length > 0) return bad(`up: ${up.join(', ')}`, hint);
    if (unknown.length > 0) return unseen(`nothing says whether ${unknown.join(', ')} are up`, hint);
    return fine(down.length === 0 ? 'there is no interface but the loopback' : `all are down: ${down.join(', ')}`);
  }),
};
