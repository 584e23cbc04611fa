/** Engines that are asked the same thing once, where many bundles list the same credentials. */
import { toHex } from '../common/bytes.js';
import { BoundedMap, KEYS_KEPT } from './bounded-map.js';
import type { Engines } from './engine.js';
import { hash } from './hash.js';

/** Each credential bears at most two signatures. */
const VERDICTS_KEPT = 2 * KEYS_KEPT;

/**
 * As these engines; what one of them was asked already is answered from memory. To be kept no longer than one operation
 * takes.
 */
export function askedOnce(engines: Engines): Engines {
  return engines.map((engine) => {
    const known = new BoundedMap<boolean>(VERDICTS_KEPT);
    return {
      name: engine.name,
      verify: (scheme, publicKey, message, signature) => {
        const asked = [publicKey, hash('sha256', message), signature].map(toHex).join(' ');
        return known.get(`${scheme.name} ${asked}`, () => engine.verify(scheme, publicKey, message, signature));
      },
    };
  });
}
