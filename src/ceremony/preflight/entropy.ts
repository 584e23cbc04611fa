import { equalBytes } from '../../common/bytes.js';
import { bad, type Check, fine, onLinux, unseen } from './machine-check.js';

/** In bits. Linux before 5.18 counts its generator as seeded from 128 on; later versions show 256 once it is. */
const LEAST = 128;
const DRAW = 32;

export const entropy: Check = {
  id: 'entropy',
  source: '/proc/sys/kernel/random/entropy_avail, /sys/class/misc/hw_random; two draws of 32 bytes',
  reason: 'A key from a generator that was never seeded can be guessed; nothing shows that afterwards.',
  look: onLinux(({ machine, random }) => {
    const [one, other] = [random(DRAW), random(DRAW)];
    if (one.length !== DRAW || equalBytes(one, other) || new Set(one).size === 1) {
      return bad('two draws from the generator are the same', 'Make no keys on this machine.');
    }
    const shown = machine.text('/proc/sys/kernel/random/entropy_avail')?.trim() ?? '';
    if (!/^\d+$/.test(shown)) return unseen('/proc/sys/kernel/random/entropy_avail is not shown');
    const hardware = machine.text('/sys/class/misc/hw_random/rng_current')?.trim() ?? '';
    const source = hardware === '' || hardware === 'none' ? 'no hardware source' : `hardware source ${hardware}`;
    const saw = `${shown} bits, ${source}`;
    if (Number(shown) >= LEAST) return fine(saw);
    return bad(
      `${saw}; ${String(LEAST)} are needed`,
      'Use the keyboard and the disk for some minutes, or attach a hardware source.',
    );
  }),
};
