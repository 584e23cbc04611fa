import { bad, type Check, fine, onLinux, unseen } from './machine-check.js';

export const radios: Check = {
  id: 'radios',
  source: '/sys/class/rfkill',
  reason: 'Wi-Fi and Bluetooth need no cable, and an interface that is down can be brought up again by software.',
  look: onLinux(({ machine }) => {
    if (machine.names('/sys/class') === undefined) return unseen('/sys is not shown');
    const all = (machine.names('/sys/class/rfkill') ?? []).map((name) => {
      const read = (file: string): string => machine.text(`/sys/class/rfkill/${name}/${file}`)?.trim() ?? '';
      return { what: `${read('type')} (${read('name')})`, blocked: read('soft') === '1' || read('hard') === '1' };
    });
    const on = all.filter(({ blocked }) => !blocked).map(({ what }) => what);
    if (on.length > 0)
      return bad(`on: ${on.join(', ')}`, 'Switch them off (rfkill block all), or better take them out.');
    return fine(
      all.length === 0 ? 'the system knows of none' : `all are off: ${all.map(({ what }) => what).join(', ')}`,
    );
  }),
};
