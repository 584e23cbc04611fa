import { bad, type Check, fine, onLinux, unseen } from './machine-check.js';

const RTF_UP = 0x1;
const RTF_REJECT = 0x200;

export const networkRoutes: Check = {
  id: 'network-routes',
  source: '/proc/net/route, /proc/net/ipv6_route',
  reason: 'A route is a network that somebody has set up, whatever the cables look like.',
  look: onLinux(({ machine }) => {
    const four = machine.text('/proc/net/route');
    // Missing if IPv6 is turned off.
    const six = machine.text('/proc/net/ipv6_route');
    if (four === undefined) return unseen('/proc/net/route is not shown');
    const routes = [
      ...rows(four)
        .slice(1)
        .map(([name = '', to = '', , flags = '']) => ({ name, to, flags })),
      ...rows(six ?? '').map((cells) => ({
        name: cells[9] ?? '',
        to: `${cells[0] ?? ''}/${cells[1] ?? ''}`,
        flags: cells[8] ?? '',
      })),
    ].filter(({ name, flags }) => {
      const bits = parseInt(flags, 16);
      return name !== 'lo' && (bits & RTF_UP) !== 0 && (bits & RTF_REJECT) === 0;
    });
    if (routes.length === 0) return fine('there is no route');
    const beyond = routes.some(({ to }) => /^0{8}$|^0{32}\/00$/.test(to));
    const names = [...new Set(routes.map(({ name }) => name))].join(', ');
    const count = `${String(routes.length)} route${routes.length === 1 ? '' : 's'} through ${names}`;
    return bad(
      beyond ? `${count}, one to everywhere among them` : count,
      'Remove the network: ip link set NAME down, or ip route flush table main.',
    );
  }),
};

function rows(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.trim().split(/\s+/));
}
